//! `switchyard demo`: the whole relay with sample people, 30 days of history and live traffic, so
//! that somebody without a vendor key sees it at work. Vendors are played by a server on the
//! loopback (`upstream`); everything else is the real program, on a directory that goes with it.

mod dice;
mod environment;
mod history;
mod people;
mod seed;
mod stage;
mod tools;
mod traffic;
mod upstream;

pub use environment::{ADMIN_TOKEN, Environment, EnvironmentError};
pub use seed::{Sample, SeedError, furnish};
pub use stage::{Stage, StageError};
pub use traffic::Traffic;
