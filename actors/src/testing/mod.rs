//! A small world for tests: time that moves by hand, luck that repeats, ports with switches, probes.

mod credentials;
mod fakes;
mod people;
mod prices;
mod probe;
mod providers;
mod rows;
mod sharing;
mod universe;

#[cfg(test)]
mod actix_facts;

pub use credentials::{MemoryCredentials, ScriptedIssuer};
pub use fakes::{MemoryLedger, MemoryPrices, ScriptedFeed, Switches};
pub use people::{caller, caller_of};
pub use prices::price;
pub use probe::{Probe, Seen};
pub use providers::provider;
pub use rows::{link, row};
pub use sharing::MemoryShared;
pub use universe::TestUniverse;
