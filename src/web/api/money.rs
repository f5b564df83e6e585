//! Money as the management API writes it: JSON numbers and texts, made from exact decimals.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use switchyard_actors::domain::money::Nano;

/// Places of sums that are shown as numbers.
const PLACES: u32 = 6;

/// An amount as a JSON number of dollars, with at most six places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usd(pub Nano);

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = rounded(self.0, PLACES).normalize().to_string();
        RawValue::from_string(text).map_err(S::Error::custom)?.serialize(serializer)
    }
}

/// Writes an amount with two places: `"50.00"`.
#[must_use]
pub fn cents(amount: Nano) -> String {
    format!("{:.2}", rounded(amount, 2))
}

fn rounded(amount: Nano, places: u32) -> Decimal {
    amount.usd().round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_exactly() {
        let number = |nano| serde_json::to_string(&Usd(Nano(nano))).unwrap();
        assert_eq!(number(50_000_000_000), "50");
        assert_eq!(number(100_000_000), "0.1");
        assert_eq!(number(1_234_567_890), "1.234568");
        assert_eq!(number(0), "0");
        assert_eq!(cents(Nano(50_000_000_000)), "50.00");
        assert_eq!(cents(Nano(1_005_000_000)), "1.01");
        assert_eq!(cents(Nano(0)), "0.00");
    }
}
