//! Limits of every kind, of keys, users, groups, tags and providers: seen and set in one form.

pub mod ceiling;
mod list;
mod reset;
mod set;

pub use list::{LimitUse, OwnerLimits, asking, limits};
pub use reset::{reset_limits, reset_spend, resetting};
pub use set::{set_limits, setting};

/// The kinds of owners, as bodies name them.
pub const OWNERS: &[&str] = &["key", "user", "group", "tag", "provider"];
