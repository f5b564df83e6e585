//! The store on both engines.

mod database;
mod door;
mod migrations;
mod statements;
