//! The ledger as the management API shows it.

mod entry;
mod lists;
mod page;

pub use entry::Entry;
pub use lists::{models, status_codes};
pub use page::{LogPage, Summary, asking, page};
