//! Places in a drawing, as shares of its width or height: it fits every screen, and its text keeps
//! its size.

use serde::{Serialize, Serializer};

/// The whole width or height, in hundredths of a percent.
pub const WHOLE: i32 = 10_000;

/// A share of the width or height, in hundredths of a percent. Templates write it as `12.34%`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(pub i32);

impl Place {
    /// Returns the border after `index` of `count` equal parts.
    #[must_use]
    pub fn part(index: usize, count: usize) -> Self {
        let (index, count) = (i64::try_from(index).unwrap_or(0), i64::try_from(count).unwrap_or(0));
        let place = i64::from(WHOLE) * index / count.max(1);
        Self(i32::try_from(place).unwrap_or(WHOLE))
    }

    /// Returns the middle between two places.
    #[must_use]
    pub const fn middle(self, other: Self) -> Self {
        Self(i32::midpoint(self.0, other.0))
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        serializer.collect_str(&format_args!("{whole}.{rest:02}%"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_written_as_percentages() {
        let written = |place| serde_json::to_string(&Place(place)).unwrap();
        assert_eq!(written(1_234), r#""12.34%""#);
        assert_eq!(written(5), r#""0.05%""#);
        assert_eq!(written(WHOLE), r#""100.00%""#);
    }

    #[test]
    fn equal_parts_meet_and_end_with_the_whole() {
        assert_eq!(Place::part(0, 7), Place(0));
        assert_eq!(Place::part(7, 7), Place(WHOLE));
        assert_eq!(Place::part(1, 3).middle(Place::part(2, 3)), Place(4_999));
    }
}
