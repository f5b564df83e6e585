//! State that must be exact across workers, behind small locks.
//!
//! - rule: nothing here awaits, logs, does I/O or calls out while a lock is held
//! - rule: it knows `domain` alone; the actors' folders run their policies on it
//! - lock order: tenant, group, provider; at most one of each

pub mod breakers;
pub mod counters;
pub mod feed;
mod network;
pub mod places;
pub mod proxies;
