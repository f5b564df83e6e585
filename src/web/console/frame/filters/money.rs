//! Money as people read it: nano-dollars to the places that matter, and exactly.

use super::number::group;

const NANO: u64 = 1_000_000_000;

/// Writes nano-dollars to the places that matter: `$1,234.57`, `$0.0123`, `$0.000042`.
#[must_use]
pub fn usd(nano: i64) -> String {
    let size = nano.unsigned_abs();
    let places = match size {
        0 => return "$0".to_owned(),
        size if size >= NANO => 2,
        size if size >= NANO / 100 => 4,
        size if size >= NANO / 100_000 => 6,
        _ => 9,
    };
    written(nano, round(size, places), places)
}

/// Writes nano-dollars with every digit that is not an idle zero.
#[must_use]
pub fn exact(nano: i64) -> String {
    let text = written(nano, nano.unsigned_abs(), 9);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "$" { "$0".to_owned() } else { text.to_owned() }
}

/// Rounds to so many places, half to even.
fn round(size: u64, places: u32) -> u64 {
    let step = 10_u64.pow(9 - places);
    let (quotient, rest) = (size / step, size % step);
    let up = rest * 2 > step || (rest * 2 == step && quotient % 2 == 1);
    quotient.saturating_add(u64::from(up)).saturating_mul(step)
}

fn written(nano: i64, size: u64, places: u32) -> String {
    let sign = if nano < 0 { "-" } else { "" };
    let fraction = format!("{:09}", size % NANO);
    let fraction = fraction.get(..places as usize).unwrap_or(&fraction);
    format!("{sign}${}.{fraction}", group(&(size / NANO).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_to_the_places_that_matter() {
        for (nano, text) in [
            (0, "$0"),
            (1, "$0.000000001"),
            (42_000, "$0.000042"),
            (1_234_567, "$0.001235"),
            (12_345_678, "$0.0123"),
            (999_999_999, "$1.0000"),
            (1_005_000_000, "$1.00"),
            (1_015_000_000, "$1.02"),
            (1_234_567_891_000, "$1,234.57"),
            (-2_500_000_000, "-$2.50"),
        ] {
            assert_eq!(usd(nano), text, "{nano}");
        }
    }

    #[test]
    fn exact_money_keeps_every_digit() {
        for (nano, text) in [
            (0, "$0"),
            (1, "$0.000000001"),
            (1_500_000_000, "$1.5"),
            (2_000_000_000, "$2"),
            (1_234_567_891_234, "$1,234.567891234"),
            (i64::MIN, "-$9,223,372,036.854775808"),
        ] {
            assert_eq!(exact(nano), text, "{nano}");
        }
    }
}
