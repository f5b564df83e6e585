//! The ledger as the management API shows it, and as people look through it.

mod bill;
mod browse;
mod choices;
mod entry;
mod find;
mod lists;
mod page;
mod sums;
mod veil;

pub use bill::{Bill, bill};
pub use browse::entries;
pub use choices::{Choices, choices};
pub use entry::Entry;
pub use find::{Found, Underway, find};
pub use lists::{models, status_codes};
pub use page::{LogPage, Summary, asking, page};
pub use sums::{Effort, Summed, effort, sums};
pub(in crate::app) use veil::for_eyes;
pub use veil::is_veiled;
