//! What a request may cost, before it runs (D4), and what a finished one teaches about the next.

use rust_decimal::Decimal;

use crate::domain::billing::{Factors, Tier, charge};
use crate::domain::counters::{Lesson, Taught};
use crate::domain::money::Nano;
use crate::domain::price::ModelPrice;
use crate::domain::usage::Usage;

/// Bytes of JSON a token takes, usually; and the fewest that strict mode counts in tokens a minute.
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

/// No vendor gives more answers to one request, all of its prompts together.
const MOST_CHOICES: u64 = 4_096;

/// What an estimate is made from.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Bytes of the body.
    pub body_bytes: u64,
    /// The most output the client wants.
    pub max_output: Option<u64>,
    /// How many answers it asks for.
    pub choices: u64,
    /// It may be billed at the priority tier.
    pub priority: bool,
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
    if strict {
        return most_cost(size, price);
    }
    let most = most_output(size, Some(price));
    // A sheet without an output rate (embeddings) prices no output.
    let tokens = |output: u64| if price.rates.output.is_some() { output } else { 0 };
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
        let output = most.unwrap_or(UNBOUNDED_OUTPUT).saturating_mul(choices(size));
        return input.saturating_add(output);
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

fn choices(size: Size) -> u64 {
    size.choices.clamp(1, MOST_CHOICES)
}

/// The most that what is in the body and what may be answered can cost: a token is a byte at least, and
/// each may be of the dearest sort and at the dearer tier that it may be billed at.
fn most_cost(size: Size, price: &ModelPrice) -> Nano {
    let has_output = price.rates.output.is_some() || price.rates.image_output.is_some();
    let output = most_output(size, Some(price)).unwrap_or(UNBOUNDED_OUTPUT);
    let output = if has_output { output.saturating_mul(choices(size)) } else { 0 };
    let (input, none) = (size.body_bytes, Usage::default());
    let sorts = [
        Usage { input, ..none },
        Usage { cache_write_5m: input, ..none },
        Usage { cache_write_1h: input, ..none },
        Usage { image_input: input, ..none },
    ];
    let sorts = sorts
        .iter()
        .flat_map(|sort| [Usage { output, ..*sort }, Usage { image_output: output, ..*sort }]);
    let priority = size.priority.then_some(Tier::Priority);
    let factors = Factors { provider: size.factor, group: Decimal::ONE };
    let charges = sorts.flat_map(|usage| {
        let tiers = [Some(Tier::Standard), priority].into_iter().flatten();
        tiers.filter_map(move |tier| charge(&usage, price, tier, factors))
    });
    charges.map(|charge| charge.cost).max().unwrap_or(Nano::ZERO)
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

    use proptest::prelude::*;

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
        let (choices, priority) = (1, false);
        Size { body_bytes: 4_000, max_output, choices, priority, factor: Decimal::TWO }
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
        assert_eq!(strict, Nano(2 * (4_000 * 6_000 + 64_000 * 15_000)), "all written for an hour");
    }

    #[test]
    fn a_limit_without_a_meaning_is_not_priced_as_nothing() {
        let sheet = price(Some("1.5e-05"));
        for absurd in [u64::MAX, 10_u64.pow(17)] {
            let held = estimate(size(Some(absurd)), Some(&sheet), None, true);
            assert_eq!(held, Nano(2 * (4_000 * 6_000 + 10_000_000 * 15_000)));
            assert_eq!(tokens(size(Some(absurd)), Some(&sheet), None, true), 10_002_000);
        }
    }

    #[test]
    fn a_sheet_without_output_rate_prices_the_input() {
        let held = estimate(size(None), Some(&price(None)), None, false);
        assert_eq!(held, Nano(2 * 1_000 * 3_000));
        assert_eq!(estimate(size(None), None, None, true), Nano::ZERO);
    }

    #[test]
    fn strict_mode_counts_every_answer_and_the_dearer_tier_that_is_asked_for() {
        let mut sheet = price(Some("1.5e-05"));
        sheet.priority = Some(Rates { output: parse_decimal("3e-05"), ..Rates::default() });
        let of = |choices, priority| {
            let size = Size { choices, priority, ..size(Some(1_000)) };
            let held = estimate(size, Some(&sheet), None, true);
            (held.minus(Nano(2 * 4_000 * 6_000)), tokens(size, Some(&sheet), None, true))
        };
        assert_eq!(of(1, false), (Nano(2 * 1_000 * 15_000), 3_000));
        assert_eq!(of(8, false), (Nano(2 * 8_000 * 15_000), 10_000));
        assert_eq!(of(8, true), (Nano(2 * 8_000 * 30_000), 10_000));
        assert_eq!(of(0, false), of(1, false), "one at least");
        assert_eq!(of(u64::MAX, false), of(4_096, false), "no vendor gives more");
    }

    #[test]
    fn strict_mode_takes_answers_for_pictures_where_those_have_a_price() {
        let mut sheet = price(Some("1.5e-05"));
        sheet.rates.image_output = parse_decimal("6e-05");
        sheet.rates.image_input = parse_decimal("1e-05");
        let of = |sheet: &ModelPrice| estimate(size(Some(1_000)), Some(sheet), None, true);
        assert_eq!(of(&sheet), Nano(2 * (4_000 * 10_000 + 1_000 * 60_000)));
        sheet.rates.output = None;
        assert_eq!(of(&sheet), Nano(2 * (4_000 * 10_000 + 1_000 * 60_000)));
    }

    proptest! {
        /// Whatever an answer turns out to be, within what was asked for it costs no more than was held.
        #[test]
        fn no_bill_within_bounds_is_above_what_strict_mode_holds(
            shares in prop::array::uniform5(0_u64..800),
            outputs in (0_u64..2_000, 0_u64..2_000),
            rates in prop::array::uniform7(prop::option::of(1_i64..100)),
            choices in 1_u64..4,
            is_priority: bool,
        ) {
            let rate = |micro: Option<i64>| micro.map(|micro| Decimal::new(micro, 6));
            let [input, output, cache_read, cache_write_5m, cache_write_1h, image_input, image_output] =
                rates.map(rate);
            let (input, output) = (input.or(rate(Some(7))), output.or(rate(Some(9))));
            let own = Rates {
                // A read is cheaper than reading afresh: so it is with all vendors.
                cache_read: cache_read.min(input),
                input, output, cache_write_5m, cache_write_1h, image_input, image_output,
            };
            let priority = Some(Rates { input: rate(Some(50)), ..Rates::default() });
            let sheet = ModelPrice { rates: own, priority, ..price(None) };
            let (body_bytes, max_output) = (shares.iter().sum(), Some(4_000_u64.div_ceil(choices)));
            let (factor, priority) = (Decimal::TWO, is_priority);
            let size = Size { body_bytes, max_output, choices, priority, factor };
            let held = estimate(size, Some(&sheet), None, true);
            let [input, cache_read, cache_write_5m, cache_write_1h, image_input] = shares;
            let usage = Usage {
                output: outputs.0, image_output: outputs.1,
                input, cache_read, cache_write_5m, cache_write_1h, image_input,
                ..Usage::default()
            };
            let tiers = [(Tier::Standard, true), (Tier::Priority, is_priority)];
            for (tier, _) in tiers.into_iter().filter(|(_, may)| *may) {
                let factors = Factors { provider: factor, group: Decimal::ONE };
                let billed = charge(&usage, &sheet, tier, factors).map(|charge| charge.cost);
                prop_assert!(billed.is_some_and(|billed| billed <= held), "{billed:?} {held:?}");
            }
        }
    }
}
