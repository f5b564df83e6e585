//! The tap: reads usage, the end and errors off an answer as it passes, holding none of it.

pub(in crate::wire) mod counts;
pub(in crate::wire) mod places;
mod tap;
#[cfg(test)]
mod tests;

pub use super::observe::Form;
pub use tap::{Progress, TapReport, UsageTap};
