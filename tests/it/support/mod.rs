//! What every integration test stands on: a scripted upstream, the real program, a raw client.
//!
//! Nothing here is a stub of Switchyard: the program under test is the built binary, spoken to over
//! TCP, and the upstream is a server that breaks the rules of HTTP on demand.

#![expect(dead_code, reason = "support is shared: not every helper has a user in every test file")]

pub mod admin;
pub mod backing;
pub mod browser;
pub mod cache;
pub mod client;
pub mod filled;
pub mod launch;
pub mod person;
pub mod prices;
pub mod proxies;
pub mod services;
pub mod shell;
pub mod socket;
pub mod switchyard;
pub mod upstream;
pub mod waiting;
pub mod way;
