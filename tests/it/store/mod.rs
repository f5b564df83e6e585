//! The store on both engines.

mod accounts;
mod catalogue;
mod database;
mod door;
mod ledger;
mod migrations;
mod rollups;
mod sample;
mod statements;
