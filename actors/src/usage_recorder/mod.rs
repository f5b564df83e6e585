//! # `UsageRecorder`
//! Brings finished requests into the ledger, once each, whatever dies in between.
//! - owns: rows on their way to the database (memory, at most 10,000); the journal belongs to the
//!   workers, which write it themselves before an answer ends (D2)
//! - asked: `Flush` (until nothing waits), `Observe`; told: rows on a shared line (10,000),
//!   with `Arrived` (`try_send`) for the first one and for a full batch; itself: timers for the next batch
//!   and for rows that were refused
//! - published: rows that are in the ledger, to the live feed            - asks other actors: never
//! - load: expected queue < 1,000 rows; above 10,000 they are dropped from memory and read back
//!   from the journal after the database has returned
//! - if a row is refused alone: it waits in the journal and is tried again after growing pauses (5 s to
//!   10 min), and the view says how many and since when
//! - if silent (line full, actor gone): the row is in the journal and is read back or replayed
//! - restart: nothing is lost; the next start replays what the journal still holds

mod actor;
pub mod batch;
mod handle;
pub mod journal;
mod line;
mod messages;
mod refused;
pub mod replay;

#[cfg(test)]
mod tests;

pub use actor::UsageRecorder;
pub use handle::UsageRecorderHandle;
pub use journal::{Fsync, Journal, JournalConfig, JournalHealth, JournalView, JournalWriter};
pub use messages::{Observe, UsageRecorderView};
pub use replay::{ReplayReport, replay};
