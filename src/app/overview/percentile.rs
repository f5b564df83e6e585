//! Percentiles of latency histograms.

use std::collections::BTreeMap;

use crate::store::{StepLatency, bucket_ceiling};

/// What a histogram says, with how many requests it speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percentiles {
    /// Half took so many milliseconds at most.
    pub p50: i64,
    /// Nineteen of twenty took so many milliseconds at most.
    pub p95: i64,
    /// How many were measured.
    pub count: i64,
}

/// Counts by bucket.
#[derive(Clone, Debug, Default)]
pub struct Histogram(BTreeMap<i64, i64>);

impl Histogram {
    /// Counts one bucket.
    pub fn add(&mut self, latency: &StepLatency) {
        let count = self.0.entry(latency.bucket).or_default();
        *count = count.saturating_add(latency.requests);
    }

    /// Returns the percentiles; `None` of nothing.
    #[must_use]
    pub fn percentiles(&self) -> Option<Percentiles> {
        let count = self.0.values().fold(0_i64, |sum, count| sum.saturating_add(*count));
        let (p50, p95) = (self.at(count, 50)?, self.at(count, 95)?);
        Some(Percentiles { p50, p95, count })
    }

    /// Returns the ceiling of the bucket in which so many of a hundred are reached.
    fn at(&self, count: i64, percent: i64) -> Option<i64> {
        let rank = count.saturating_mul(percent).saturating_add(99) / 100;
        let mut below = 0_i64;
        for (bucket, requests) in &self.0 {
            below = below.saturating_add(*requests);
            if below >= rank {
                return i64::try_from(bucket_ceiling(*bucket)).ok();
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::latency_bucket;

    fn of(millis: &[u64]) -> Option<Percentiles> {
        let mut histogram = Histogram::default();
        for took in millis {
            histogram.add(&StepLatency { step: 0, bucket: latency_bucket(*took), requests: 1 });
        }
        histogram.percentiles()
    }

    #[test]
    fn nothing_measured_is_not_zero() {
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn one_request_is_its_own_percentiles() {
        assert_eq!(of(&[7]), Some(Percentiles { p50: 7, p95: 7, count: 1 }));
    }

    #[test]
    fn a_single_slow_one_in_twenty_does_not_move_them_and_two_do() {
        let mut took = vec![10; 19];
        took.push(5_000);
        assert_eq!(of(&took).unwrap().p95, 10);
        took.push(5_000);
        let slow = of(&took).unwrap();
        assert_eq!((slow.p50, slow.count), (10, 21));
        assert!((5_000..=5_625).contains(&slow.p95));
    }
}
