//! Geometry: bars that stand on each other, and lines that go in steps.

use serde::Serialize;

use super::place::{Place, WHOLE};
use super::scale::Scale;

/// A piece of a bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Bar {
    /// Its upper edge.
    pub y: Place,
    /// Its height.
    pub height: Place,
    /// Its colour, from 1.
    pub hue: u8,
}

/// A piece of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stroke {
    /// Where it starts.
    pub x1: Place,
    /// Where it starts.
    pub y1: Place,
    /// Where it ends.
    pub x2: Place,
    /// Where it ends.
    pub y2: Place,
    /// Its colour, from 1.
    pub hue: u8,
}

/// Returns what a bucket's values add up to; `None` when none of them is known.
#[must_use]
pub fn total(values: &[Option<i64>]) -> Option<i128> {
    let known = values.iter().flatten();
    known.fold(None, |sum, value| Some(sum.unwrap_or(0) + i128::from((*value).max(0))))
}

/// Stacks a bucket's values from zero up. Edges come from running sums, so the pieces meet, and
/// together are as high as their sum.
#[must_use]
pub fn stack(values: &[Option<i64>], hues: &[u8], scale: &Scale) -> Vec<Bar> {
    let mut bars = Vec::new();
    let (mut sum, mut below) = (0, Place(WHOLE));
    for (value, hue) in values.iter().zip(hues) {
        let Some(value) = value.filter(|value| *value > 0) else { continue };
        sum += i128::from(value);
        let y = Place(scale.depth(sum, WHOLE));
        bars.push(Bar { y, height: Place(below.0 - y.0), hue: *hue });
        below = y;
    }
    bars
}

/// Draws one line: level through each bucket, upright between two that are known, broken where
/// nothing is known.
#[must_use]
pub fn steps(values: &[Option<i64>], hue: u8, scale: &Scale) -> Vec<Stroke> {
    let mut strokes = Vec::new();
    let mut last: Option<Place> = None;
    for (index, value) in values.iter().enumerate() {
        let (x1, x2) = (Place::part(index, values.len()), Place::part(index + 1, values.len()));
        let y = value.map(|value| Place(scale.depth(i128::from(value), WHOLE)));
        if let (Some(y1), Some(y2)) = (last, y)
            && y1 != y2
        {
            strokes.push(Stroke { x1, y1, x2: x1, y2, hue });
        }
        strokes.extend(y.map(|y| Stroke { x1, y1: y, x2, y2: y, hue }));
        last = y;
    }
    strokes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(count: usize) -> impl Strategy<Value = Vec<Option<i64>>> {
        prop::collection::vec(prop::option::of(0..=i64::MAX), count)
    }

    fn inside(place: Place) -> bool {
        (0..=WHOLE).contains(&place.0)
    }

    #[test]
    fn nothing_known_is_not_zero() {
        assert_eq!(total(&[None, None]), None);
        assert_eq!(total(&[None, Some(0)]), Some(0));
        assert_eq!(total(&[Some(i64::MAX), Some(i64::MAX)]), Some(2 * i128::from(i64::MAX)));
    }

    #[test]
    fn a_line_is_broken_where_nothing_is_known() {
        let drawn = steps(&[Some(2), None, Some(2), Some(4)], 1, &Scale::of(4));
        let spans: Vec<_> = drawn.iter().map(|s| (s.x1.0, s.y1.0, s.x2.0, s.y2.0)).collect();
        let wanted = [
            (0, 5_000, 2_500, 5_000),
            (5_000, 5_000, 7_500, 5_000),
            (7_500, 5_000, 7_500, 0),
            (7_500, 0, 10_000, 0),
        ];
        assert_eq!(spans, wanted);
    }

    proptest! {
        #[test]
        fn a_bar_stays_in_the_box_and_is_as_high_as_its_sum(values in values(6)) {
            let sum = total(&values).unwrap_or(0);
            let scale = Scale::of(sum);
            let bars = stack(&values, &[1, 2, 3, 4, 5, 6], &scale);
            let heights: i32 = bars.iter().map(|bar| bar.height.0).sum();
            prop_assert_eq!(heights, WHOLE - scale.depth(sum, WHOLE));
            let mut below = WHOLE;
            for bar in bars {
                prop_assert!(inside(bar.y) && bar.height.0 >= 0);
                prop_assert_eq!(bar.y.0 + bar.height.0, below);
                below = bar.y.0;
            }
        }

        #[test]
        fn a_line_stays_in_the_box_and_covers_what_is_known(values in values(40)) {
            let most = values.iter().flatten().max().copied().unwrap_or(0);
            let drawn = steps(&values, 2, &Scale::of(i128::from(most)));
            for stroke in &drawn {
                let ends = [stroke.x1, stroke.y1, stroke.x2, stroke.y2];
                prop_assert!(ends.into_iter().all(inside));
                prop_assert!(stroke.x1 == stroke.x2 || stroke.y1 == stroke.y2);
            }
            let level: i32 = drawn.iter().map(|stroke| stroke.x2.0 - stroke.x1.0).sum();
            let known = values.iter().flatten().count();
            prop_assert_eq!(level, i32::try_from(known).unwrap() * 250);
        }
    }
}
