//! The value axis: from zero, in steps of 1, 2 or 5 times a power of ten. Whole numbers only, so
//! that money stays exact.

/// Steps on an axis, at most.
const STEPS: i128 = 4;

/// An axis from zero to its top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    step: i128,
    top: i128,
}

impl Scale {
    /// Makes the axis on which `most` fits; of nothing but zeros it has one step.
    #[must_use]
    pub fn of(most: i128) -> Self {
        let most = most.max(0);
        let mut step = 1;
        let mut factors = [(2, 1), (5, 2), (2, 1)].into_iter().cycle();
        while step * STEPS < most {
            let (times, by) = factors.next().unwrap_or((2, 1));
            step = step * times / by;
        }
        let steps = ((most + step - 1) / step).max(1);
        let top = steps * step;
        Self { step, top }
    }

    /// Returns the values with a line, from zero up.
    #[must_use]
    pub fn ticks(&self) -> Vec<i64> {
        let count = self.top / self.step;
        let ticks = (0..=count).map(|number| number * self.step);
        ticks.filter_map(|tick| i64::try_from(tick).ok()).collect()
    }

    /// Returns how far below the top a value lies, when the axis is `length` long.
    #[must_use]
    pub fn depth(&self, value: i128, length: i32) -> i32 {
        let length = i128::from(length);
        let height = (value.clamp(0, self.top) * length + self.top / 2) / self.top;
        i32::try_from(length - height).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn steps_are_the_ones_that_people_count_in() {
        for (most, ticks) in [
            (0, vec![0, 1]),
            (1, vec![0, 1]),
            (4, vec![0, 1, 2, 3, 4]),
            (5, vec![0, 2, 4, 6]),
            (17, vec![0, 5, 10, 15, 20]),
            (41, vec![0, 20, 40, 60]),
            (1_234_567_890, vec![0, 500_000_000, 1_000_000_000, 1_500_000_000]),
        ] {
            assert_eq!(Scale::of(most).ticks(), ticks, "{most}");
        }
    }

    proptest! {
        #[test]
        fn an_axis_holds_what_it_was_made_for_and_wastes_less_than_half(most in 0..=i64::MAX) {
            let scale = Scale::of(i128::from(most));
            prop_assert!(scale.top >= i128::from(most));
            prop_assert!(scale.top <= 2 * i128::from(most).max(1));
            let ticks = scale.ticks();
            prop_assert!(ticks.len() >= 2 && ticks.len() <= 5);
            prop_assert_eq!(ticks[0], 0);
            let digits = scale.step.to_string();
            prop_assert!(["1", "2", "5"].contains(&digits.trim_end_matches('0')));
        }

        #[test]
        fn depths_stay_on_the_axis_and_fall_as_values_rise(
            most in 1..=i64::MAX, one: i64, other: i64, length in 1..100_000_i32
        ) {
            let scale = Scale::of(i128::from(most));
            let (low, high) = (i128::from(one.min(other)), i128::from(one.max(other)));
            let (deep, shallow) = (scale.depth(low, length), scale.depth(high, length));
            prop_assert!(0 <= shallow && shallow <= deep && deep <= length);
            prop_assert_eq!(scale.depth(0, length), length);
            prop_assert_eq!(scale.depth(scale.top, length), 0);
        }
    }
}
