//! Starts the actors in order and stops them in reverse: [`Core`] has what the process has once,
//! [`WorkerActors`] what each HTTP worker has.

mod core;
mod credentials;
mod replication;
mod worker;

#[cfg(test)]
mod tests;

pub use self::core::{Core, CoreConfig, CoreError, CorePorts};
pub use self::worker::WorkerActors;
