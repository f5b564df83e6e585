//! What the counters come to, over everybody.

use serde::Serialize;

use crate::domain::money::Nano;

/// Sums over everybody, for `/metrics` and tests; read from the counters themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CounterGauges {
    /// Users with counters.
    pub tenants: u64,
    /// Sessions that are remembered.
    pub sessions: u64,
    /// Sessions that hold a seat.
    pub seats: u64,
    /// Requests that run.
    pub in_flight: u64,
    /// Reservations that are not settled.
    pub reservations: u64,
    /// Money on hold for them.
    pub held: Nano,
    /// Tokens on hold for them.
    pub held_tokens: u64,
    /// Requests that groups, tags and providers count as running; each request counts in several.
    pub shared_in_flight: u64,
    /// Sessions that hold a seat in groups, at tags and at providers.
    pub shared_seats: u64,
    /// Money on hold in groups, at tags and at providers.
    pub shared_held: Nano,
    /// Requests so far that ended with unknown usage.
    pub unmetered: u64,
    /// Money so far that was spent above what had been held for it.
    pub overshoot: Nano,
}
