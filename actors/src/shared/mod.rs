//! State that must be exact across workers, behind small locks.
//!
//! - rule: nothing here awaits, logs, does I/O or calls out while a lock is held
//! - rule: it knows `domain` alone; the actors' folders run their policies on it
//! - lock order: the outbox, a user's shard, then what all users share (groups, tags, providers)

pub mod breakers;
pub mod broken;
pub mod claim;
pub mod counters;
pub mod feed;
pub mod former;
mod gauges;
pub mod lacking;
pub mod leases;
pub mod lifetimes;
mod network;
pub mod outbox;
pub mod places;
pub mod probes;
pub mod proxies;
pub mod remaining;
mod replica;
mod reset;
pub mod tokens;
