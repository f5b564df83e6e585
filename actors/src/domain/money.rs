//! Money: amounts are whole nano-dollars, rates are exact decimals, and rounding happens once a row.

use std::fmt;
use std::iter::Sum;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// Nano-dollars in one dollar.
pub const NANO_PER_USD: i64 = 1_000_000_000;

/// Decimal places of a nano-dollar.
const PLACES: u32 = 9;

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
        // With nine places or fewer there is nothing to round.
        if let Some(places) = PLACES.checked_sub(usd.scale()) {
            let nano = usd.mantissa().checked_mul(10_i128.checked_pow(places)?)?;
            return i64::try_from(nano).ok().map(Self);
        }
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
        const UNIT: u64 = NANO_PER_USD.unsigned_abs();
        if f.width().is_some() || f.precision().is_some() || f.sign_plus() {
            return self.usd().fmt(f);
        }
        // By hand, at a fraction of a decimal's cost: a cost is written at every request.
        let nano = self.0.unsigned_abs();
        let mut digits = itoa::Buffer::new();
        f.write_str(if self.0 < 0 { "-" } else { "" })?;
        f.write_str(digits.format(nano / UNIT))?;
        f.write_str(".")?;
        // The unit before the places keeps their zeros; it is left out again.
        f.write_str(digits.format(UNIT + nano % UNIT).get(1..).unwrap_or_default())
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
    use proptest::prelude::*;

    use super::*;

    fn same_as_the_decimal(nano: i64) {
        let (amount, usd) = (Nano(nano), Nano(nano).usd());
        assert_eq!(amount.to_string(), usd.to_string());
        assert_eq!(
            format!("{amount:+}|{amount:24}|{amount:.2}"),
            format!("{usd:+}|{usd:24}|{usd:.2}")
        );
    }

    #[test]
    fn amounts_at_the_borders_are_written_as_their_decimals() {
        for nano in [0, 1, -1, 999_999_999, 1_000_000_000, -1_000_000_000, i64::MAX, i64::MIN] {
            same_as_the_decimal(nano);
        }
    }

    proptest! {
        #[test]
        fn any_amount_is_written_as_its_decimal(nano: i64, small in -3_000_000_000..3_000_000_000_i64) {
            same_as_the_decimal(nano);
            same_as_the_decimal(small);
        }
    }

    proptest! {
        /// What has nothing to round is taken as it is, and is what rounding would have made of it.
        #[test]
        fn an_amount_without_a_rest_is_the_same_rounded_or_not(
            mantissa in any::<i64>(), small in -5_000_000_000..5_000_000_000_i64, scale in 0_u32..=14,
        ) {
            for mantissa in [mantissa, small] {
                let usd = Decimal::new(mantissa, scale);
                let rounded = usd.checked_mul(Decimal::from(NANO_PER_USD)).and_then(|nano| {
                    let strategy = RoundingStrategy::MidpointNearestEven;
                    i64::try_from(nano.round_dp_with_strategy(0, strategy)).ok()
                });
                prop_assert_eq!(Nano::round(usd).map(|nano| nano.0), rounded);
            }
        }
    }

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
