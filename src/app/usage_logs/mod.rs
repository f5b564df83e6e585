//! The ledger as the management API shows it.

mod bill;
mod browse;
mod entry;
mod lists;
mod page;

pub use bill::{Bill, bill};
pub use browse::{entries, entry, sums};
pub use entry::Entry;
pub use lists::{models, status_codes};
pub use page::{LogPage, Summary, asking, page};
