//! When the price table is fetched next: pure.

use std::time::Duration;

use rand::Rng;

use crate::domain::instant::Micros;

/// The first pause after a failure; it doubles with each, up to the usual span.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
/// An unknown model brings a fetch at most this often.
pub const UNKNOWN_EVERY: Duration = Duration::from_mins(5);
/// Up to this share (percent) is added by lot, so that many nodes do not ask at once.
const JITTER_PERCENT: u32 = 10;

/// Returns how long to wait after so many failures in a row; `every` lies between two fetches that
/// went well.
#[must_use]
pub fn next(every: Duration, failures: u32, rng: &mut impl Rng) -> Duration {
    let span = match failures {
        0 => every,
        _ => FIRST_PAUSE.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(every),
    };
    let jitter = span.saturating_mul(rng.random_range(0..=JITTER_PERCENT)) / 100;
    span.saturating_add(jitter)
}

/// Tells whether an unknown model may bring a fetch now.
#[must_use]
pub fn unknown_may_sync(last_attempt: Option<Micros>, now: Micros) -> bool {
    last_attempt.is_none_or(|last| now.since(last) >= UNKNOWN_EVERY)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn failures_wait_longer_each_time_but_never_longer_than_the_schedule() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for (failures, least) in [(0, 1_800), (1, 30), (2, 60), (5, 480), (40, 1_800)] {
            let span = next(Duration::from_mins(30), failures, &mut rng).as_secs();
            assert!((least..=least + least / 10).contains(&span), "{failures}: {span}");
        }
    }

    #[test]
    fn an_unknown_model_asks_at_most_every_five_minutes() {
        let now = Micros::from_millis(1_000_000);
        assert!(unknown_may_sync(None, now));
        assert!(!unknown_may_sync(Some(now.minus(Duration::from_secs(299))), now));
        assert!(unknown_may_sync(Some(now.minus(Duration::from_mins(5))), now));
    }
}
