//! What a request may cost, before it runs (D4), and what a finished one teaches about the next.

use rust_decimal::Decimal;

use crate::domain::billing::{Factors, Tier, charge};
use crate::domain::counters::{Lesson, Taught};
use crate::domain::money::Nano;
use crate::domain::price::ModelPrice;
use crate::domain::usage::Usage;

/// Bytes of JSON a token takes, usually; and the fewest, for strict mode.
const BYTES_PER_TOKEN: u64 = 4;
const STRICT_BYTES_PER_TOKEN: u64 = 2;
/// The output assumed of a model nobody has tried yet.
const COLD_OUTPUT: u64 = 8_192;
/// The least output assumed, however short former answers were.
const LEAST_OUTPUT: u64 = 1_024;
/// The output strict mode assumes when neither client nor price sheet names a maximum.
const UNBOUNDED_OUTPUT: u64 = 128_000;

/// No answer is longer: what clients ask for beyond it is a number without a meaning.
const MOST_OUTPUT: u64 = 10_000_000;

/// What an estimate is made from.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Bytes of the body.
    pub body_bytes: u64,
    /// The most output the client wants.
    pub max_output: Option<u64>,
    /// The factor on the list price.
    pub factor: Decimal,
}

/// Estimates the cost. Without a price there is nothing to hold.
#[must_use]
pub fn estimate(
    size: Size,
    price: Option<&ModelPrice>,
    lesson: Option<&Lesson>,
    strict: bool,
) -> Nano {
    let Some(price) = price else { return Nano::ZERO };
    let most = most_output(size, Some(price));
    // A sheet without an output rate (embeddings) prices no output.
    let tokens = |output: u64| if price.rates.output.is_some() { output } else { 0 };
    if strict {
        let input = size.body_bytes.div_ceil(STRICT_BYTES_PER_TOKEN);
        return at_list(price, input, tokens(most.unwrap_or(UNBOUNDED_OUTPUT)), size.factor);
    }
    let output = tokens(expected_output(most, lesson));
    match lesson.and_then(|lesson| lesson.input_list(size.body_bytes)) {
        Some(input) => with_factor(input, size.factor).plus(at_list(price, 0, output, size.factor)),
        None => at_list(price, size.body_bytes.div_ceil(BYTES_PER_TOKEN), output, size.factor),
    }
}

/// Estimates the tokens of input and output together.
#[must_use]
pub fn tokens(
    size: Size,
    price: Option<&ModelPrice>,
    lesson: Option<&Lesson>,
    strict: bool,
) -> u64 {
    let most = most_output(size, price);
    if strict {
        let input = size.body_bytes.div_ceil(STRICT_BYTES_PER_TOKEN);
        return input.saturating_add(most.unwrap_or(UNBOUNDED_OUTPUT));
    }
    let input = size.body_bytes.div_ceil(BYTES_PER_TOKEN);
    input.saturating_add(expected_output(most, lesson))
}

/// Works out what a finished request teaches.
#[must_use]
pub fn taught(usage: &Usage, price: Option<&ModelPrice>, input_bytes: u64) -> Taught {
    let input = Usage { output: 0, reasoning: 0, image_output: 0, ..*usage };
    let plain = Factors { provider: Decimal::ONE, group: Decimal::ONE };
    let list = price.and_then(|price| charge(&input, price, Tier::Standard, plain));
    Taught {
        input_list: list.map(|charge| charge.list),
        input_bytes,
        output: usage.output.saturating_add(usage.image_output),
    }
}

fn most_output(size: Size, price: Option<&ModelPrice>) -> Option<u64> {
    let most = size.max_output.or(price.and_then(|price| price.max_output));
    most.map(|most| most.min(MOST_OUTPUT))
}

fn expected_output(most: Option<u64>, lesson: Option<&Lesson>) -> u64 {
    let expected = lesson
        .and_then(Lesson::p95_output)
        .map_or(COLD_OUTPUT, |p95| p95.saturating_mul(2).max(LEAST_OUTPUT));
    most.map_or(expected, |most| most.min(expected))
}

fn at_list(price: &ModelPrice, input: u64, output: u64, factor: Decimal) -> Nano {
    let usage = Usage { input, output, ..Usage::default() };
    let factors = Factors { provider: factor, group: Decimal::ONE };
    charge(&usage, price, Tier::Standard, factors).map_or(Nano::ZERO, |charge| charge.cost)
}

fn with_factor(list: Nano, factor: Decimal) -> Nano {
    list.usd().checked_mul(factor).and_then(Nano::round).unwrap_or(list)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::counters::Lessons;
    use crate::domain::ids::PriceId;
    use crate::domain::money::parse_decimal;
    use crate::domain::price::{PriceSource, Rates};

    fn price(output: Option<&str>) -> ModelPrice {
        ModelPrice {
            id: PriceId(1),
            model: Arc::from("m"),
            source: PriceSource::Seed,
            rates: Rates {
                input: parse_decimal("3e-06"),
                output: output.and_then(parse_decimal),
                ..Rates::default()
            },
            long_context: Vec::new(),
            priority: None,
            per_request: None,
            max_output: Some(64_000),
            mode: None,
        }
    }

    fn size(max_output: Option<u64>) -> Size {
        Size { body_bytes: 4_000, max_output, factor: Decimal::TWO }
    }

    fn learned(taught: Taught, times: usize) -> Lessons {
        let mut lessons = Lessons::default();
        for _ in 0..times {
            lessons.teach(&Arc::from("m"), &taught);
        }
        lessons
    }

    #[test]
    fn a_cold_estimate_takes_four_bytes_a_token_and_a_short_answer() {
        let sheet = price(Some("1.5e-05"));
        let of = |most| estimate(size(most), Some(&sheet), None, false);
        assert_eq!(of(None), Nano(2 * (1_000 * 3_000 + 8_192 * 15_000)));
        assert_eq!(of(Some(100)), Nano(2 * (1_000 * 3_000 + 100 * 15_000)));
    }

    #[test]
    fn experience_replaces_both_guesses() {
        let sheet = price(Some("1.5e-05"));
        let usage = Usage { input: 10, cache_read: 990, output: 600, ..Usage::default() };
        let lessons = learned(taught(&usage, Some(&sheet), 4_000), 10);
        let warm = estimate(size(None), Some(&sheet), lessons.of("m"), false);
        let input = 10 * 3_000 + 990 * 300;
        assert_eq!(warm, Nano(2 * (input + 1_200 * 15_000)));
    }

    #[test]
    fn short_answers_are_not_trusted_below_the_floor() {
        let sheet = price(Some("1.5e-05"));
        let lessons = learned(Taught { output: 5, ..Taught::default() }, 64);
        let warm = estimate(size(None), Some(&sheet), lessons.of("m"), false);
        assert_eq!(warm, Nano(2 * (1_000 * 3_000 + 1_024 * 15_000)));
    }

    #[test]
    fn strict_mode_takes_the_most_there_can_be() {
        let sheet = price(Some("1.5e-05"));
        let lessons = learned(Taught { output: 5, ..Taught::default() }, 64);
        let strict = estimate(size(None), Some(&sheet), lessons.of("m"), true);
        assert_eq!(strict, Nano(2 * (2_000 * 3_000 + 64_000 * 15_000)));
    }

    #[test]
    fn a_limit_without_a_meaning_is_not_priced_as_nothing() {
        let sheet = price(Some("1.5e-05"));
        for absurd in [u64::MAX, 10_u64.pow(17)] {
            let held = estimate(size(Some(absurd)), Some(&sheet), None, true);
            assert_eq!(held, Nano(2 * (2_000 * 3_000 + 10_000_000 * 15_000)));
            assert_eq!(tokens(size(Some(absurd)), Some(&sheet), None, true), 10_002_000);
        }
    }

    #[test]
    fn a_sheet_without_output_rate_prices_the_input() {
        let held = estimate(size(None), Some(&price(None)), None, false);
        assert_eq!(held, Nano(2 * 1_000 * 3_000));
        assert_eq!(estimate(size(None), None, None, true), Nano::ZERO);
    }
}
