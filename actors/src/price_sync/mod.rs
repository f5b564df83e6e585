//! # `PriceSync`
//! Keeps the price table of `LiteLLM` in the store, so that a request can be priced.
//! - owns: the entity tag, the entries last seen, the models warned of (memory); prices live in
//!   `PriceStore`
//! - asked: `SyncNow` (deadline 60 s), `Observe`; told: `UnknownModel` (`try_send`); itself: a timer
//!   every 30 minutes (a setting) with jitter, sooner after a failure
//! - published: nothing; the store bumps the catalogue, and its keeper publishes
//! - asks other actors: never
//! - load: one fetch at a time; who asks meanwhile waits for that one
//! - if silent (feed or store away): prices stay as they are; a failure changes nothing
//! - restart: the bundled seed if the store is empty, then the table anew

mod actor;
pub mod catalog;
mod entry;
mod handle;
mod messages;
mod resolve;
pub mod schedule;
mod sync;
mod warned;

#[cfg(test)]
mod tests;

pub use actor::{PriceConfig, PricePorts, PriceSync};
pub use catalog::{Difference, Table, TableError, diff, parse_table};
pub use entry::parse_entry;
pub use handle::PriceSyncHandle;
pub use messages::{Observe, PriceSyncView, SyncError, SyncReport};
pub use resolve::{lookup, lookup_billed, resolve};
