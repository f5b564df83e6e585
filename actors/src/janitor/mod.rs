//! # `Janitor`
//! Drops shared state that nobody can see any more, so that memory follows use.
//! - owns: nothing but tallies; counters and breakers are shared
//! - asked: `Observe` (deadline 1 s); told: nothing; itself: a round every five seconds
//! - published: nothing            - asks other actors: never
//! - load: one round at a time, a few microseconds a user, one shard locked at once
//! - if silent: memory grows with users and sessions seen; no decision depends on it
//! - restart: forgets its tallies

mod actor;
mod handle;
mod messages;
#[cfg(test)]
mod tests;

pub use actor::Janitor;
pub use handle::JanitorHandle;
pub use messages::{JanitorView, Observe};
