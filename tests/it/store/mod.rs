//! The store on both engines.

mod accounts;
mod catalogue;
pub mod database;
mod door;
mod ledger;
mod migrations;
mod rollups;
pub mod sample;
mod statements;
