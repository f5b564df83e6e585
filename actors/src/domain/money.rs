//! Money: amounts are whole nano-dollars, rates are exact decimals, and rounding happens once a row.

use std::fmt;
use std::iter::Sum;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// Nano-dollars in one dollar.
pub const NANO_PER_USD: i64 = 1_000_000_000;

/// An amount of money in nano-dollars (a billionth of a US dollar).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Nano(pub i64);

impl Nano {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// Makes an amount from whole dollars.
    #[must_use]
    pub const fn from_usd(dollars: i64) -> Self {
        Self(dollars.saturating_mul(NANO_PER_USD))
    }

    /// Rounds an exact amount of dollars to nano-dollars, half to even; `None` when out of range.
    #[must_use]
    pub fn round(usd: Decimal) -> Option<Self> {
        let nano = usd.checked_mul(Decimal::from(NANO_PER_USD))?;
        let whole = nano.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven);
        i64::try_from(whole).ok().map(Self)
    }

    /// Returns the amount as exact dollars.
    #[must_use]
    pub fn usd(self) -> Decimal {
        Decimal::new(self.0, 9)
    }

    /// Adds, staying at the largest amount instead of wrapping.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Subtracts, staying at the smallest amount instead of wrapping.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Nano {
    /// Writes dollars with all nine places, without a currency sign.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.usd().fmt(f)
    }
}

impl Sum for Nano {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::plus)
    }
}

/// Reads a decimal as people and LiteLLM write it: plain (`0.000003`) or scientific (`3e-06`).
#[must_use]
pub fn parse_decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    Decimal::from_str_exact(text).ok().or_else(|| Decimal::from_scientific(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_takes_the_even_neighbour_at_the_middle() {
        let half = |text: &str| Nano::round(parse_decimal(text).unwrap()).unwrap().0;
        assert_eq!(half("0.0000000005"), 0);
        assert_eq!(half("0.0000000015"), 2);
        assert_eq!(half("0.0000000025"), 2);
    }

    #[test]
    fn both_spellings_of_a_rate_are_the_same_rate() {
        assert_eq!(parse_decimal("3e-06"), parse_decimal("0.000003"));
        assert_eq!(parse_decimal("1.25E-6"), parse_decimal("0.00000125"));
        assert_eq!(parse_decimal("three"), None);
    }
}
