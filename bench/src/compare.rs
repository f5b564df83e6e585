//! The paired comparison: bare, subject, subject, bare (with the one that shares behind the subject), at a fixed rate; the same again until there
//! are enough pairs. A pair whose two bare halves differ too much measured the machine, not the
//! relays: it is void and run anew.

use std::time::Duration;

use serde::Serialize;

use crate::driver::{self, Load};
use crate::processes;
use crate::statistics::{apart, median, percentile};

/// Bare halves may differ by this part.
const TOLERANCE: f64 = 0.15;

/// One side of a comparison.
#[derive(Clone, Debug)]
pub struct Side {
    /// What to send it.
    pub load: Load,
    /// The process whose CPU is counted; none for the mock itself.
    pub pid: Option<u32>,
}

/// How much is run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Valid pairs wanted.
    pub pairs: usize,
    /// How long each half runs.
    pub half: Duration,
    /// The part of the bare relay's capacity that is driven.
    pub share: f64,
}

/// One half of a pair.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Half {
    /// Microseconds of CPU a request.
    pub cpu_us: f64,
    /// Median latency in microseconds.
    pub p50_us: f64,
    /// 99th percentile in microseconds.
    pub p99_us: f64,
    /// Whole answers.
    pub completed: u64,
    /// Requests without one.
    pub failed: u64,
    /// Whole answers with missing events.
    pub short: u64,
}

/// One pair, with the mock alone and nginx beside it.
#[derive(Clone, Debug, Serialize)]
pub struct Pair {
    /// The mock without a relay.
    pub direct: Half,
    /// The bare relay, first and last.
    pub bare: [Half; 2],
    /// The subject, between them.
    pub subject: [Half; 2],
    /// The subject with PostgreSQL and Redis, behind it.
    pub shared: Option<[Half; 2]>,
    /// nginx, when installed.
    pub nginx: Option<Half>,
    /// The bare halves differ too much.
    pub void: bool,
}

impl Pair {
    fn cpu_ratio(&self, halves: [Half; 2]) -> f64 {
        mean(halves, |half| half.cpu_us) / mean(self.bare, |half| half.cpu_us)
    }

    fn added_p99(&self, halves: [Half; 2]) -> f64 {
        mean(halves, |half| half.p99_us) - self.direct.p99_us
    }
}

/// What PostgreSQL and Redis make of the subject, to the bare relay.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Shared {
    /// Median of CPU a request; that of the two servers is not in it.
    pub cpu_ratio: f64,
    /// Added p99.
    pub p99_ratio: Option<f64>,
    /// Requests that failed or lacked events.
    pub lost: u64,
}

/// A whole comparison.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The case's name.
    pub case: String,
    /// The bare relay's capacity, answers a second.
    pub capacity: f64,
    /// What was driven, requests a second.
    pub rate: f64,
    /// Median of CPU a request, subject to bare.
    pub cpu_ratio: f64,
    /// Added p99 of the subject to the bare relay's own, both as medians; none when the bare relay
    /// seems to add nothing: then noise was measured.
    pub p99_ratio: Option<f64>,
    /// Requests of the subject that failed or lacked events, in valid pairs.
    pub lost: u64,
    /// The same of the subject with PostgreSQL and Redis, when it was measured.
    pub shared: Option<Shared>,
    /// There were enough valid pairs.
    pub valid: bool,
    /// Every pair, void ones too.
    pub pairs: Vec<Pair>,
}

/// The four ways a request can go.
#[derive(Clone, Debug)]
pub struct Sides {
    /// The mock alone.
    pub direct: Side,
    /// The yardstick.
    pub bare: Side,
    /// What is judged.
    pub subject: Side,
    /// The subject with PostgreSQL and Redis.
    pub shared: Option<Side>,
    /// A landmark.
    pub nginx: Option<Side>,
}

/// Runs a case.
pub async fn run(case: &str, sides: &Sides, plan: Plan) -> Comparison {
    for side in [&sides.direct, &sides.bare, &sides.subject].into_iter().chain(&sides.shared) {
        driver::flat_out(&side.load, plan.half / 4).await;
    }
    let capacity = driver::flat_out(&sides.bare.load, plan.half).await.rate();
    let rate = capacity * plan.share;
    let mut pairs: Vec<Pair> = Vec::new();
    // As many tries again as pairs are wanted; then the machine is too restless to say anything.
    while valid(&pairs).count() < plan.pairs && pairs.len() < plan.pairs.saturating_mul(2) {
        pairs.push(pair(sides, rate, plan.half).await);
    }
    summary(case, capacity, rate, pairs, plan.pairs)
}

async fn pair(sides: &Sides, rate: f64, time: Duration) -> Pair {
    let direct = half(&sides.direct, rate, time).await;
    let first = half(&sides.bare, rate, time).await;
    let subject = [half(&sides.subject, rate, time).await, half(&sides.subject, rate, time).await];
    let shared = match &sides.shared {
        Some(side) => Some([half(side, rate, time).await, half(side, rate, time).await]),
        None => None,
    };
    let last = half(&sides.bare, rate, time).await;
    let nginx = match &sides.nginx {
        Some(side) => Some(half(side, rate, time).await),
        None => None,
    };
    let void = apart(first.cpu_us, last.cpu_us) > TOLERANCE;
    Pair { direct, bare: [first, last], subject, shared, nginx, void }
}

async fn half(side: &Side, rate: f64, time: Duration) -> Half {
    let cpu = || side.pid.map(processes::cpu_nanos).unwrap_or_default();
    let before = cpu();
    let outcome = driver::paced(&side.load, rate, time).await;
    let used = cpu().saturating_sub(before);
    Half {
        cpu_us: micros(used) / count(outcome.completed.max(1)),
        p50_us: micros(percentile(&outcome.latencies, 50.0)),
        p99_us: micros(percentile(&outcome.latencies, 99.0)),
        completed: outcome.completed,
        failed: outcome.failed,
        short: outcome.short,
    }
}

fn summary(case: &str, capacity: f64, rate: f64, pairs: Vec<Pair>, wanted: usize) -> Comparison {
    let of = |value: &dyn Fn(&Pair) -> f64| median(&valid(&pairs).map(value).collect::<Vec<_>>());
    let own = of(&|pair| pair.added_p99(pair.bare));
    let cpu = |halves: fn(&Pair) -> [Half; 2]| of(&|pair| pair.cpu_ratio(halves(pair)));
    let p99 = |halves: fn(&Pair) -> [Half; 2]| {
        (own > 0.0).then(|| of(&|pair| pair.added_p99(halves(pair))) / own)
    };
    let lost = |halves: fn(&Pair) -> [Half; 2]| {
        let lost = |half: Half| half.failed.saturating_add(half.short);
        valid(&pairs).flat_map(halves).map(lost).sum()
    };
    let subject = |pair: &Pair| pair.subject;
    let with_services = |pair: &Pair| pair.shared.unwrap_or_default();
    let has_shared = pairs.iter().any(|pair| pair.shared.is_some());
    let shared = has_shared.then(|| Shared {
        cpu_ratio: cpu(with_services),
        p99_ratio: p99(with_services),
        lost: lost(with_services),
    });
    Comparison {
        case: case.to_owned(),
        capacity,
        rate,
        cpu_ratio: cpu(subject),
        p99_ratio: p99(subject),
        lost: lost(subject),
        shared,
        valid: valid(&pairs).count() >= wanted,
        pairs,
    }
}

fn valid(pairs: &[Pair]) -> impl Iterator<Item = &Pair> {
    pairs.iter().filter(|pair| !pair.void)
}

fn mean(halves: [Half; 2], value: impl Fn(Half) -> f64) -> f64 {
    let [one, other] = halves.map(value);
    f64::midpoint(one, other)
}

fn micros(nanos: u64) -> f64 {
    count(nanos) / 1_000.0
}

#[expect(clippy::cast_precision_loss, reason = "measurements, far below 2^52")]
fn count(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair_of(bare: [f64; 2], subject: f64, void: bool) -> Pair {
        let half = |cpu_us: f64| Half { cpu_us, p99_us: cpu_us * 10.0, ..Half::default() };
        Pair {
            direct: half(1.0),
            bare: bare.map(half),
            subject: [half(subject); 2],
            shared: None,
            nginx: None,
            void,
        }
    }

    #[test]
    fn the_summary_is_the_median_of_valid_pairs() {
        let pairs = vec![
            pair_of([10.0, 10.0], 20.0, false),
            pair_of([10.0, 30.0], 900.0, true),
            pair_of([10.0, 11.0], 21.0, false),
            pair_of([10.0, 10.0], 15.0, false),
        ];
        let all = summary("call", 100.0, 30.0, pairs, 3);
        assert!((all.cpu_ratio - 2.0).abs() < 1e-9);
        assert!(all.valid);
        assert!(all.p99_ratio.is_some_and(|ratio| ratio > 1.0));
    }

    #[test]
    fn what_shares_is_compared_with_the_same_bare_halves() {
        let mut pair = pair_of([10.0, 10.0], 15.0, false);
        pair.shared = Some([Half { cpu_us: 21.0, short: 1, ..Half::default() }; 2]);
        let all = summary("call", 100.0, 30.0, vec![pair], 1);
        let shared = all.shared.unwrap();
        assert!((shared.cpu_ratio - 2.1).abs() < 1e-9 && (all.cpu_ratio - 1.5).abs() < 1e-9);
        assert_eq!((shared.lost, all.lost), (2, 0));
        let without = summary("call", 1.0, 1.0, vec![pair_of([10.0, 10.0], 15.0, false)], 1);
        assert!(without.shared.is_none());
    }

    #[test]
    fn a_bare_relay_faster_than_none_makes_the_latency_unknown() {
        let mut noisy = pair_of([10.0, 10.0], 20.0, false);
        noisy.direct.p99_us = 5_000.0;
        assert_eq!(summary("call", 100.0, 30.0, vec![noisy], 1).p99_ratio, None);
    }

    #[test]
    fn too_few_valid_pairs_are_no_result() {
        let pairs = vec![pair_of([10.0, 10.0], 20.0, false), pair_of([10.0, 30.0], 9.0, true)];
        assert!(!summary("call", 100.0, 30.0, pairs, 2).valid);
    }
}
