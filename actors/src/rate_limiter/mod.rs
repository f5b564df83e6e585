//! # `RateLimiter`
//! Decides whether a caller may spend now, and holds the place until the bill is known.
//! - owns: nothing but tallies and a cache of calendar windows; counters live in the shared
//!   [`Counters`](crate::shared::counters::Counters), one per process. One actor per HTTP worker
//! - asked: `Reserve` (local, no deadline: it neither waits nor calls out), `Observe`; told: nothing;
//!   itself: nothing (the janitor expires the counters)
//! - published: nothing            - asks other actors: never
//! - what is held is a guard, [`Reservation`]: it gives back synchronously, also in `Drop`
//! - load: expected queue < 64; a handler takes a few microseconds
//! - if silent (ended): the handle makes the same pure decision on the same counters itself, so
//!   limits hold until the process, whose readiness is off by then, has ended
//! - restart: nothing is lost; state lives in the shared counters
//!
//! What is checked is a list ([`Check`](crate::domain::check::Check)) that is made before any lock is
//! taken: totals, sessions, requests, rates, then windows by rising length; of each kind the key's own
//! before the user's, then the group's, then the tags'. The first one in the way is named. All are
//! held, or none is.
//!
//! What counts:
//! - money: `spent + held + estimate <= limit` (D4); when nothing is held, money left is enough,
//!   except in strict mode. Refused although only held money is in the way: `only_held`, 2 s
//! - requests a minute: an exact log, sliding over 60 s. Refused requests are not logged; one that
//!   was let in stays logged however it ends
//! - tokens a minute: of input and output, cached or not, by the second of arrival; what is estimated
//!   counts while it runs, the truth replaces it
//! - requests at once: every request from its admission to its end
//! - sessions at once: a session has a seat while a request of it runs and `seat_grace` (5 s) after
//!   the last one ended. Not the whole `SESSION_TTL`: who has ended must see the count at zero within
//!   seconds, and a conversation between two tool calls must not lose its seat. Who has a seat always
//!   passes. A key without a limit of its own is under its user's, which counts all keys together
//! - token counts and lists (`counts: false`) are not money and need no seat; they do count in
//!   requests a minute, because a flood of them is a flood
//! - where waiting is switched on, who finds a concurrency limit reached waits in a bounded line: keys
//!   take turns, within a key who came first goes first, and whoever gives a place back hands it on
//! - `ENABLE_RATE_LIMIT=false` (`enforce: false`): everything is counted, nothing is refused

mod actor;
mod door;
mod estimate;
mod fair;
mod handle;
mod messages;
mod policy;
mod reservation;
#[cfg(test)]
mod tests;
mod waiting;

pub use actor::RateLimiter;
pub use door::Rules;
pub use handle::RateLimiterHandle;
pub use messages::{Ask, Observe, RateLimiterView, Reserve};
pub use reservation::{Reservation, Settle};
pub use waiting::{WaitConfig, Waiting};
