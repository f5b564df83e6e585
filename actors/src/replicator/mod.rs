//! # `Replicator`
//! Tells other nodes what has happened here, and learns what has happened there, through the counters
//! that they share (D1). Without a common counter there is none.
//! - owns: the number of the next batch, what was taken out of the outbox and not yet told, the place
//!   in the common log
//! - asked: `Observe` (deadline 1 s); told: that the node goes (it answers within 1 s)
//! - itself: tells when the outbox rings, beats every two seconds (twice a second while the common
//!   counter is away, or has not all that was spent meanwhile), follows the log, looks at the common
//!   breakers twice a second
//! - published: money, tokens, bindings, resets and breakers of other nodes, into the shared state; how
//!   many nodes there are
//! - asks other actors: never
//! - load: one message a batch of up to 256 ends, one wait for news at a time
//! - if silent: other nodes see what this one holds for 15 s, then nothing of it; what was spent here
//!   reaches them with the next start, from the ledger
//! - restart: with the process; what had been told counts once

mod actor;
mod breakers;
mod counted;
mod handle;
mod incoming;
mod messages;
mod outgoing;
#[cfg(test)]
mod tests;
mod windows;

pub use actor::{Replicator, ReplicatorPorts};
pub use counted::Counted;
pub use handle::ReplicatorHandle;
pub use messages::{Observe, ReplicatorView};
