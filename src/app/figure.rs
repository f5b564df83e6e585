//! Amounts as the management API writes them: some are JSON numbers, some are texts with a fixed
//! number of places.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use switchyard_actors::domain::money::Nano;

/// Places of a cost that is written as text.
const COST_PLACES: u32 = 15;
/// Places by which a rate of a token and one of a million differ.
const MILLION_PLACES: u32 = 6;
/// Places that an amount has at least.
const CENT_PLACES: u32 = 2;
/// Places of a factor.
pub const FACTOR_PLACES: u32 = 4;

/// A decimal that becomes a JSON number with all its digits: no double comes between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exact(pub Decimal);

impl Exact {
    /// Zero.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Takes an amount of dollars as it is.
    #[must_use]
    pub fn dollars(amount: Nano) -> Self {
        Self(amount.usd())
    }

    /// Takes an amount of dollars with so many places at most.
    #[must_use]
    pub fn rounded(amount: Nano, places: u32) -> Self {
        Self(round(amount.usd(), places))
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.normalize().to_string();
        RawValue::from_string(text).map_err(S::Error::custom)?.serialize(serializer)
    }
}

/// Writes a decimal of at most fifteen digits as a JSON document, whole ones without a fraction.
#[must_use]
pub fn number(decimal: Decimal) -> Value {
    serde_json::from_str(&decimal.normalize().to_string()).unwrap_or(Value::Null)
}

/// Writes a cost as text with fifteen places, exactly: `0.000012345000000`.
#[must_use]
pub fn cost_text(amount: Nano) -> String {
    fixed(amount.usd(), COST_PLACES)
}

/// Writes a factor as text with four places: `1.2500`.
#[must_use]
pub fn factor_text(factor: Decimal) -> String {
    fixed(factor, FACTOR_PLACES)
}

/// Writes a rate of dollars a token as dollars a million tokens, every digit and two places at
/// least: `3.00`, `0.075`. `None` when that is beyond all reason.
#[must_use]
pub fn per_million(rate: Decimal) -> Option<String> {
    let mut million = rate.normalize();
    match million.scale().checked_sub(MILLION_PLACES) {
        // The point moves; no digit can be lost.
        Some(scale) => million.set_scale(scale).ok()?,
        None => million = million.checked_mul(Decimal::from(1_000_000))?.normalize(),
    }
    if million.scale() < CENT_PLACES {
        million.rescale(CENT_PLACES);
    }
    Some(million.to_string())
}

/// Rounds as the original's database does: the half away from zero.
#[must_use]
pub fn round(decimal: Decimal, places: u32) -> Decimal {
    decimal.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

fn fixed(decimal: Decimal, places: u32) -> String {
    let mut decimal = round(decimal, places);
    decimal.rescale(places);
    decimal.to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use switchyard_actors::domain::money::parse_decimal;

    use super::*;

    #[test]
    fn a_cost_is_written_with_fifteen_places() {
        assert_eq!(cost_text(Nano(12_345)), "0.000012345000000");
        assert_eq!(cost_text(Nano::ZERO), "0.000000000000000");
        assert_eq!(cost_text(Nano(i64::MAX)), "9223372036.854775807000000");
    }

    #[test]
    fn a_factor_is_written_with_four_places() {
        let written = |text| factor_text(parse_decimal(text).unwrap());
        assert_eq!(written("1.25"), "1.2500");
        assert_eq!(written("0.00005"), "0.0001");
    }

    #[test]
    fn a_rate_of_a_million_tokens_keeps_every_digit() {
        for (rate, written) in [
            ("0.000003", "3.00"),
            ("3e-06", "3.00"),
            ("0.000000075", "0.075"),
            ("1.0000000000000001e-07", "0.10000000000000001"),
            ("0", "0.00"),
            ("0.015", "15000.00"),
            ("2", "2000000.00"),
        ] {
            assert_eq!(per_million(parse_decimal(rate).unwrap()).as_deref(), Some(written));
        }
        assert_eq!(per_million(Decimal::MAX), None);
    }

    #[test]
    fn numbers_have_their_own_digits() {
        assert_eq!(number(Decimal::new(2_50, 2)), json!(2.5));
        assert_eq!(number(Decimal::new(10_00, 2)), json!(10));
        let printed = |amount| serde_json::to_string(&amount).unwrap();
        assert_eq!(printed(Exact::dollars(Nano(1))), "0.000000001");
        assert_eq!(printed(Exact::dollars(Nano(i64::MAX))), "9223372036.854775807");
        assert_eq!(printed(Exact::rounded(Nano(1_234_567_890), 6)), "1.234568");
    }
}
