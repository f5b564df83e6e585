//! The management API in this process, over a store of its own.

mod document;
mod flow;
mod keys;
mod login;
mod order;
pub mod server;
mod users;
