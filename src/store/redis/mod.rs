//! What nodes share through Redis: one script decides on a request over all of them, one books what
//! has ended, one says absolutely what a node holds. Everything is reached through [`RedisLink`],
//! whose guard stops asking while Redis is away.
//!
//! Keys carry the hash tag `{sw}`, so that a cluster keeps them together. A call takes
//! `REDIS_TIMEOUT_MS` at most, and what a request asks waits for twice that: for the rest of a call that is
//! under way, and for its own. Nothing else of a request waits for Redis at all.

mod address;
mod asking;
mod breakers;
mod guard;
mod keys;
mod link;
mod message;
mod scripts;
mod shared;
mod telling;

pub use address::{AddressError, client};
pub use breakers::RedisBreakers;
pub use guard::{Guard, News};
pub use link::{RedisLink, Trouble};
pub use shared::RedisCounters;
