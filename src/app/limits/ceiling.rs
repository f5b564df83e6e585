//! How high limits may be set, in whichever form they are asked for.

use crate::app::shape::Rule;

/// Requests a minute.
const REQUESTS_A_MINUTE: i64 = 1_000_000;
/// Tokens a minute.
const TOKENS_A_MINUTE: i64 = 1_000_000_000;
/// Sessions at once, and requests at once.
const AT_ONCE: i64 = 100_000;
/// US dollars for ever.
const DOLLARS: i64 = 100_000_000;

/// Requests a minute; null and zero are no limit, here and below.
pub fn requests_a_minute() -> Rule {
    count(REQUESTS_A_MINUTE)
}

/// Tokens a minute.
pub fn tokens_a_minute() -> Rule {
    count(TOKENS_A_MINUTE)
}

/// Sessions or requests at once.
pub fn at_once() -> Rule {
    count(AT_ONCE)
}

/// US dollars for ever.
pub fn dollars_for_ever() -> Rule {
    Rule::usd(DOLLARS)
}

fn count(most: i64) -> Rule {
    Rule::coerced_integer(0, most).nullable()
}
