//! The store on both engines.

mod accounts;
mod catalogue;
pub mod database;
mod door;
mod former;
mod ledger;
mod migrations;
mod overflow;
mod parity;
mod plans;
mod price_search;
mod rollups;
pub mod sample;
mod series;
mod shared_asking;
mod shared_counters;
mod shared_log;
mod statements;
mod unpriced;
