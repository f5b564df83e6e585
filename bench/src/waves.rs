//! Equal waves of requests, a quarter of them aborted: memory at rest must not climb with them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::cases;
use crate::compare::Side;
use crate::driver::Line;
use crate::processes;

const WAVES: u32 = 5;
const CONNECTIONS: u32 = 200;
/// Longer than the drain of a client that left.
const REST: Duration = Duration::from_secs(15);
/// What rest after the last wave may be of rest after the first, and the slack.
const GROWTH: f64 = 1.1;
const SLACK_KIB: f64 = 4.0 * 1_024.0;

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Waves {
    /// Requests a wave.
    pub requests: u32,
    /// Resident KiB at rest, before the first wave and after each.
    pub rest_kib: Vec<u64>,
    /// Answers that failed although their client stayed.
    pub failed: u32,
    /// The last rest is within the bound.
    pub flat: bool,
}

/// The requests of a wave.
struct Mix {
    call: Bytes,
    stream: Bytes,
}

/// Runs the waves.
pub async fn run(side: &Side, key: &str, requests: u32) -> Waves {
    let pid = side.pid.unwrap_or_default();
    let mix = Arc::new(Mix {
        call: cases::request(cases::CALL, key),
        stream: cases::request(cases::STREAM, key),
    });
    let mut rest_kib = vec![processes::rss_kib(pid)];
    let mut failed = 0_u32;
    for _ in 0..WAVES {
        failed = failed.saturating_add(wave(side, &mix, requests).await);
        sleep(REST).await;
        rest_kib.push(processes::rss_kib(pid));
    }
    let flat = is_flat(&rest_kib);
    Waves { requests, rest_kib, failed, flat }
}

fn is_flat(rest_kib: &[u64]) -> bool {
    let [_, first, .., last] = rest_kib else { return false };
    let kib = |value: u64| f64::from(u32::try_from(value).unwrap_or(u32::MAX));
    kib(*last) <= kib(*first) * GROWTH + SLACK_KIB
}

/// Runs one wave and returns how many answers failed.
async fn wave(side: &Side, mix: &Arc<Mix>, requests: u32) -> u32 {
    let next = Arc::new(AtomicU32::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (next, mix, address) = (Arc::clone(&next), Arc::clone(mix), side.load.address);
        tasks.spawn(async move {
            let mut line = Line::new(address);
            let mut failed = 0_u32;
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= requests {
                    return failed;
                }
                failed = failed.saturating_add(u32::from(!one(&mut line, &mix, number).await));
            }
        });
    }
    let mut failed = 0_u32;
    while let Some(one) = tasks.join_next().await {
        failed = failed.saturating_add(one.unwrap_or(1));
    }
    failed
}

/// Two calls, a whole stream, an aborted stream, and again.
async fn one(line: &mut Line, mix: &Mix, number: u32) -> bool {
    let answer = match number % 4 {
        0 | 1 => line.ask(&mix.call).await,
        2 => line.ask(&mix.stream).await,
        _ => {
            let frames = u64::from(number % 40);
            line.ask_and_leave(&mix.stream, frames).await
        }
    };
    answer.is_ok_and(|answer| answer.status == 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rest_may_grow_by_a_tenth_and_four_mebibytes() {
        assert!(is_flat(&[0, 50_000, 90_000, 59_000]));
        assert!(!is_flat(&[0, 50_000, 50_000, 59_200]));
        assert!(!is_flat(&[50_000]));
    }
}
