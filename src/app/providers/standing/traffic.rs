//! What providers carried: sums of requests, errors and money, and how soon they answered.

use std::collections::HashMap;
use std::time::Duration;

use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::window;

use crate::app::{AppContext, AppError};
use crate::store::{LatencyBucket, ProviderSums, bucket_ceiling};

const DAY: Duration = Duration::from_hours(24);
/// Ten thousand of them are all.
const ALL: i64 = 10_000;

/// Requests and money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Requests that ended at the provider.
    pub requests: i64,
    /// Those with a status of 400 or more.
    pub errors: i64,
    /// Their cost.
    pub cost: Nano,
}

/// What a provider carried in the last 24 hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Requests, errors and money.
    pub sums: Sums,
    /// Its part of all requests, in ten thousandths; `None` when there were none at all.
    pub share: Option<i64>,
    /// The errors' part of its own requests, in ten thousandths; `None` when it had none.
    pub error_share: Option<i64>,
    /// Nineteen of twenty answers had their first content within so many milliseconds.
    pub p95_first_content_ms: Option<u64>,
    /// The answers this was measured on.
    pub measured: i64,
}

/// Adds up what each provider carried since midnight.
pub(super) async fn today(
    app: &AppContext,
    now: Micros,
) -> Result<HashMap<ProviderId, Sums>, AppError> {
    let day = window::day(&(app.zone)(), now, 0);
    Ok(sums(app.store.provider_sums(day.start).await?))
}

/// Returns what each provider carried in the last 24 hours.
pub(super) async fn last_day(
    app: &AppContext,
    now: Micros,
) -> Result<HashMap<ProviderId, Traffic>, AppError> {
    let from = now.minus(DAY);
    let sums = sums(app.store.provider_sums(from).await?);
    let all: i64 = sums.values().map(|sums| sums.requests).sum();
    let mut timings: HashMap<ProviderId, Vec<LatencyBucket>> = HashMap::new();
    for bucket in app.store.latencies(from, now.plus(DAY), true).await? {
        timings.entry(bucket.provider).or_default().push(bucket);
    }
    let mut traffic = HashMap::new();
    for provider in app.store.provider_ids().await? {
        let sums = sums.get(&provider).copied().unwrap_or_default();
        let buckets = timings.remove(&provider).unwrap_or_default();
        traffic.insert(
            provider,
            Traffic {
                sums,
                share: part(sums.requests, all),
                error_share: part(sums.errors, sums.requests),
                p95_first_content_ms: percentile(&buckets, 95),
                measured: buckets.iter().map(|bucket| bucket.requests).sum(),
            },
        );
    }
    Ok(traffic)
}

fn sums(rows: Vec<ProviderSums>) -> HashMap<ProviderId, Sums> {
    let sums =
        |row: ProviderSums| Sums { requests: row.requests, errors: row.errors, cost: row.cost };
    rows.into_iter().map(|row| (row.provider, sums(row))).collect()
}

fn part(part: i64, whole: i64) -> Option<i64> {
    (whole > 0).then(|| (part.saturating_mul(ALL) + whole / 2) / whole)
}

/// Returns the ceiling of the bucket that holds the percentile; buckets come in rising order.
fn percentile(buckets: &[LatencyBucket], percent: i64) -> Option<u64> {
    let all: i64 = buckets.iter().map(|bucket| bucket.requests).sum();
    let rank = (all.saturating_mul(percent) + 99) / 100;
    let mut seen = 0;
    let holds = |bucket: &&LatencyBucket| {
        seen += bucket.requests;
        rank > 0 && seen >= rank
    };
    buckets.iter().find(holds).map(|bucket| bucket_ceiling(bucket.bucket))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(counts: &[(i64, i64)]) -> Vec<LatencyBucket> {
        let bucket = |(bucket, requests): &(i64, i64)| LatencyBucket {
            provider: ProviderId(1),
            bucket: *bucket,
            requests: *requests,
        };
        counts.iter().map(bucket).collect()
    }

    #[test]
    fn the_percentile_is_that_of_the_nearest_rank() {
        assert_eq!(percentile(&buckets(&[(3, 95), (9, 5)]), 95), Some(3));
        assert_eq!(percentile(&buckets(&[(3, 94), (9, 6)]), 95), Some(9));
        assert_eq!(percentile(&buckets(&[(7, 1)]), 95), Some(7));
        assert_eq!(percentile(&[], 95), None, "no answers have no percentile");
    }

    #[test]
    fn a_part_of_nothing_is_no_part() {
        assert_eq!(part(1, 3), Some(3_333));
        assert_eq!(part(0, 3), Some(0));
        assert_eq!(part(0, 0), None);
    }
}
