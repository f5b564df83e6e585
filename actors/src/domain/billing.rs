//! Tokens times rates: exact, rounded once, or honestly unknown.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::money::Nano;
use super::price::{ModelPrice, Rates};
use super::usage::Usage;

/// A cache write for five minutes costs this much of plain input when the sheet does not say.
const DEFAULT_WRITE_5M: Decimal = Decimal::from_parts(125, 0, 0, false, 2);
/// A cache write for an hour, likewise.
const DEFAULT_WRITE_1H: Decimal = Decimal::from_parts(2, 0, 0, false, 0);
/// A cache read, likewise.
const DEFAULT_READ: Decimal = Decimal::from_parts(1, 0, 0, false, 1);

/// The service tier a request is priced at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// The ordinary one.
    #[default]
    Standard,
    /// The priority one, where the sheet has rates for it.
    Priority,
}

impl Tier {
    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Priority => "priority",
        }
    }
}

/// Which name of its model a request is billed by; the other one is tried after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BilledModel {
    /// The name that the client asked for.
    Asked,
    /// The name that was sent upstream.
    Sent,
}

impl BilledModel {
    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Sent => "sent",
        }
    }
}

/// The factors between list price and cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factors {
    /// The provider's.
    pub provider: Decimal,
    /// The group's.
    pub group: Decimal,
}

/// What a request costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// At list price.
    pub list: Nano,
    /// With both factors.
    pub cost: Nano,
}

/// Prices a request. `None` means that the sheet lacks a rate which this usage needs, or that the
/// amount is beyond what a row can hold: the cost is unknown, which is never the same as zero.
#[must_use]
pub fn charge(usage: &Usage, price: &ModelPrice, tier: Tier, factors: Factors) -> Option<Charge> {
    let list = exact_list(usage, price, tier)?;
    let cost = list.checked_mul(factors.provider)?.checked_mul(factors.group)?;
    Some(Charge { list: Nano::round(list)?, cost: Nano::round(cost)? })
}

/// What is counted on a line of a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Plain input.
    Input,
    /// Output with reasoning.
    Output,
    /// Input written to the cache for five minutes.
    CacheWrite5m,
    /// Input written to the cache for an hour.
    CacheWrite1h,
    /// Input read from the cache.
    CacheRead,
    /// Input image tokens.
    ImageInput,
    /// Output image tokens.
    ImageOutput,
    /// The request itself.
    Request,
}

/// One line of a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// What is counted.
    pub part: Part,
    /// How many of it.
    pub count: u64,
    /// Dollars for one; `None` when the sheet does not say.
    pub rate: Option<Decimal>,
}

impl Line {
    /// Returns the exact amount in dollars; `None` when the rate is needed and not known.
    #[must_use]
    pub fn amount(&self) -> Option<Decimal> {
        match self.count {
            0 => Some(Decimal::ZERO),
            count => Decimal::from(count).checked_mul(self.rate?),
        }
    }
}

/// Returns the lines of a request's bill at list price, those of nothing too.
#[must_use]
pub fn lines(usage: &Usage, price: &ModelPrice, tier: Tier) -> [Line; 8] {
    let rates = effective(price, usage.context(), tier);
    let input = rates.input;
    let of_input = |own: Option<Decimal>, share: Decimal| own.or_else(|| input?.checked_mul(share));
    let line = |part, count, rate| Line { part, count, rate };
    let written = of_input(rates.cache_write_5m, DEFAULT_WRITE_5M);
    let written_long = of_input(rates.cache_write_1h, DEFAULT_WRITE_1H);
    [
        line(Part::Input, usage.input, input),
        line(Part::Output, usage.output, rates.output),
        line(Part::CacheWrite5m, usage.cache_write_5m, written),
        line(Part::CacheWrite1h, usage.cache_write_1h, written_long),
        line(Part::CacheRead, usage.cache_read, of_input(rates.cache_read, DEFAULT_READ)),
        line(Part::ImageInput, usage.image_input, rates.image_input.or(input)),
        line(Part::ImageOutput, usage.image_output, rates.image_output.or(rates.output)),
        line(Part::Request, u64::from(price.per_request.is_some()), price.per_request),
    ]
}

/// Returns the exact list price in dollars.
fn exact_list(usage: &Usage, price: &ModelPrice, tier: Tier) -> Option<Decimal> {
    let lines = lines(usage, price, tier);
    lines.iter().try_fold(Decimal::ZERO, |sum, line| sum.checked_add(line.amount()?))
}

/// Picks the rates of a request: tier first, then the highest long-context threshold it is above.
fn effective(price: &ModelPrice, context: u64, tier: Tier) -> Rates {
    let base = match (tier, &price.priority) {
        (Tier::Priority, Some(priority)) => overlay(&price.rates, priority),
        _ => price.rates.clone(),
    };
    let long = price.long_context.iter().filter(|long| context > long.above);
    match long.max_by_key(|long| long.above) {
        Some(long) => overlay(&base, &long.rates),
        None => base,
    }
}

/// Lays the rates that `over` names on top of `base`.
fn overlay(base: &Rates, over: &Rates) -> Rates {
    Rates {
        input: over.input.or(base.input),
        output: over.output.or(base.output),
        cache_read: over.cache_read.or(base.cache_read),
        cache_write_5m: over.cache_write_5m.or(base.cache_write_5m),
        cache_write_1h: over.cache_write_1h.or(base.cache_write_1h),
        image_input: over.image_input.or(base.image_input),
        image_output: over.image_output.or(base.image_output),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::ids::PriceId;
    use super::super::money::parse_decimal;
    use super::super::price::{LongContext, PriceSource};
    use super::*;

    fn rate(text: &str) -> Option<Decimal> {
        parse_decimal(text)
    }

    fn sonnet() -> ModelPrice {
        ModelPrice {
            id: PriceId(1),
            model: Arc::from("sonnet"),
            source: PriceSource::Seed,
            rates: Rates { input: rate("3e-06"), output: rate("1.5e-05"), ..Rates::default() },
            long_context: vec![LongContext {
                above: 200_000,
                rates: Rates { input: rate("6e-06"), ..Rates::default() },
            }],
            priority: None,
            per_request: None,
            max_output: None,
            mode: None,
        }
    }

    const PLAIN: Factors = Factors { provider: Decimal::ONE, group: Decimal::ONE };

    #[test]
    fn cache_writes_and_reads_follow_the_input_rate_when_the_sheet_is_silent() {
        let usage = Usage {
            input: 1_000,
            output: 100,
            cache_write_5m: 1_000,
            cache_write_1h: 1_000,
            cache_read: 1_000,
            ..Usage::default()
        };
        let charge = charge(&usage, &sonnet(), Tier::Standard, PLAIN).unwrap();
        assert_eq!(charge.cost, Nano(3_000_000 + 1_500_000 + 3_750_000 + 6_000_000 + 300_000));
    }

    #[test]
    fn the_lines_of_a_bill_add_up_to_its_list_price() {
        let usage = Usage { input: 7, output: 11, cache_read: 13, ..Usage::default() };
        let mut price = sonnet();
        price.per_request = rate("0.01");
        let lines = lines(&usage, &price, Tier::Standard);
        let sum = lines.iter().map(|line| line.amount().unwrap()).sum();
        let charge = charge(&usage, &price, Tier::Standard, PLAIN).unwrap();
        assert_eq!(Nano::round(sum), Some(charge.list));
        let read = lines.iter().find(|line| line.part == Part::CacheRead).unwrap();
        assert_eq!((read.count, read.rate), (13, rate("3e-07")));
    }

    #[test]
    fn the_whole_request_takes_the_long_rate_once_it_is_over_the_threshold() {
        let at = |input| Usage { input, ..Usage::default() };
        let cost = |usage| charge(&usage, &sonnet(), Tier::Standard, PLAIN).unwrap().cost;
        assert_eq!(cost(at(200_000)), Nano(600_000_000));
        assert_eq!(cost(at(200_001)), Nano(1_200_006_000));
    }

    #[test]
    fn a_missing_rate_makes_the_cost_unknown_only_when_it_is_needed() {
        let mut price = sonnet();
        price.rates.output = None;
        let input_only = Usage { input: 10, ..Usage::default() };
        assert!(charge(&input_only, &price, Tier::Standard, PLAIN).is_some());
        let both = Usage { input: 10, output: 1, ..Usage::default() };
        assert_eq!(charge(&both, &price, Tier::Standard, PLAIN), None);
    }

    #[test]
    fn factors_apply_before_the_one_rounding() {
        let usage = Usage { input: 1, ..Usage::default() };
        let half = Factors {
            provider: parse_decimal("0.0005").unwrap(),
            group: parse_decimal("0.5").unwrap(),
        };
        let charge = charge(&usage, &sonnet(), Tier::Standard, half).unwrap();
        assert_eq!((charge.list, charge.cost), (Nano(3_000), Nano(1)));
    }
}
