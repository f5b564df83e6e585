//! What the requests of the filter add up to.

use serde::Serialize;

use crate::app::usage_logs::Summed;
use crate::web::console::requests::row::whole;

/// What the requests of the filter add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sums {
    /// They begin here, where the filter begins earlier.
    pub since: Option<i64>,
    /// How many there are.
    pub requests: i64,
    /// What they cost, in nano-dollars.
    pub cost: i64,
    /// The same at list price.
    pub list: i64,
    /// Tokens in, the cache's apart.
    pub input: i64,
    /// Tokens out.
    pub output: i64,
    /// Tokens read from the cache.
    pub cache_read: i64,
    /// Tokens written to the cache.
    pub cache_write: i64,
}

impl Sums {
    /// Shows sums.
    #[must_use]
    pub fn of(found: &Summed) -> Self {
        let (sums, usage) = (&found.sums, &found.sums.usage);
        Self {
            since: found.since.map(|since| since.0),
            requests: whole(sums.requests),
            cost: sums.cost.0,
            list: sums.list.0,
            input: whole(usage.input.saturating_add(usage.image_input)),
            output: whole(usage.output.saturating_add(usage.image_output)),
            cache_read: whole(usage.cache_read),
            cache_write: whole(usage.cache_write_5m.saturating_add(usage.cache_write_1h)),
        }
    }
}
