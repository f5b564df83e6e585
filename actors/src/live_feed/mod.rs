//! # `LiveFeed`
//! Keeps the pulse of the live feed: counts sessions for those who watch, and lets go of what
//! nobody watches.
//! - owns: nothing but tallies; [`Feed`](crate::shared::feed::Feed) is shared
//! - asked: `Observe` (deadline 1 s); told: nothing; itself: a round every second
//! - published: `SessionLoads`, through the feed, while somebody follows
//! - load: one round at a time, a few microseconds a user while somebody follows, else none
//! - if silent: rows and breakers are still told, session counts stand still; what is kept for who
//!   was away stays within the feed's bounds
//! - restart: forgets its tallies
//!
//! Rows come to the feed from the recorder once they are in the ledger, changes of breakers from
//! their registry: one-way notices under a short lock, which never wait for a follower.

mod actor;
mod handle;
mod messages;
#[cfg(test)]
mod tests;

pub use actor::LiveFeed;
pub use handle::LiveFeedHandle;
pub use messages::{LiveFeedView, Observe};
