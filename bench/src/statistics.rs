//! Percentiles and medians of small sets.

/// Returns the value below which `percent` of the sorted values lie; 0 of nothing.
#[must_use]
pub fn percentile(sorted: &[u64], percent: f64) -> u64 {
    let last = sorted.len().saturating_sub(1);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank among some thousands of samples"
    )]
    let rank = (last as f64 * percent / 100.0).round() as usize;
    sorted.get(rank).copied().unwrap_or_default()
}

/// Returns the median; NaN of nothing.
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = sorted.get(middle).copied().unwrap_or(f64::NAN);
    if sorted.len() % 2 == 1 {
        return upper;
    }
    let lower = middle.checked_sub(1).and_then(|at| sorted.get(at)).copied();
    lower.map_or(f64::NAN, |lower| f64::midpoint(lower, upper))
}

/// Returns how far two values are apart, as a part of the smaller one.
#[must_use]
pub fn apart(one: f64, other: f64) -> f64 {
    (one - other).abs() / one.min(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_percentiles_of_small_sets() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
        assert!(median(&[]).is_nan());
        let values: Vec<u64> = (1..=101).collect();
        assert_eq!((percentile(&values, 50.0), percentile(&values, 99.0)), (51, 100));
        assert_eq!(percentile(&[], 99.0), 0);
    }

    #[test]
    fn distance_is_a_part_of_the_smaller() {
        assert!((apart(115.0, 100.0) - 0.15).abs() < 1e-9);
        assert!((apart(100.0, 115.0) - 0.15).abs() < 1e-9);
    }
}
