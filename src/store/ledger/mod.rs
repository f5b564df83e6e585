//! The ledger: one row a request, the roll-ups made from rows, and what is read from both.

mod bindings;
mod columns;
mod contexts;
mod filter;
mod page;
mod rollup;
mod series;
mod sessions;
mod since_reset;
mod sink;
mod slots;
mod spend;
mod stats;
mod sums;
mod takes;
mod unpriced;

pub use bindings::ServedSession;
pub use filter::LedgerFilter;
pub use page::{LedgerEntry, Page};
pub use rollup::Recount;
pub use series::{Measure, PARTS, Part, PartStep, SlotHealth, Span, SplitBy, StepLatency, Sums};
pub use sessions::{SessionPart, SessionTotals};
pub use since_reset::ResetSpend;
pub use slots::{SLOT, bucket_ceiling, first_id, latency_bucket, slot_of};
pub use spend::{KeySpend, MinuteSpend, Payers, ProviderSlotSpend, SlotSpend};
pub use stats::{
    Installed, KeyLast, KeyModel, LatencyBucket, Overview, ProviderLast, ProviderName, ProviderSums,
};
pub use sums::LedgerSummary;
pub use unpriced::{LateBill, UnpricedPage, UnpricedRow};
