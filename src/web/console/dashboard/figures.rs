//! Four figures of today, each with its base and the way to the rows behind it.

use serde::Serialize;
use switchyard_actors::domain::money::Nano;

use super::links;
use crate::app::overview::Figures;

/// Today's figures as the component `todays_figures` shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FiguresView {
    pub(super) requests: Figure,
    pub(super) cost: Figure,
    /// What failed by a fault of a provider or of ours.
    pub(super) faults: Figure,
    /// What else had a status of 400 or more: clients and limits.
    pub(super) others: i64,
    pub(super) others_href: String,
    /// Hundredths of a percent of the requests; `None` of no request.
    pub(super) fault_share: Option<i64>,
    pub(super) sessions: usize,
    pub(super) in_flight: Option<u64>,
    pub(super) unmetered: i64,
    pub(super) unpriced: i64,
    pub(super) first_content: Option<Latency>,
}

/// From ten times as much on, in hundredths of a percent, the base was so small that a change says
/// nothing: both figures stand there anyway.
const TOLD: i64 = 100_000;

/// A figure of today beside that of yesterday until the same time of day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Figure {
    pub(super) today: i64,
    pub(super) yesterday: i64,
    /// Hundredths of a percent; `None` without a base that tells anything.
    pub(super) change: Option<i64>,
    pub(super) href: String,
}

/// How long the first content took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Latency {
    pub(super) p50: i64,
    pub(super) p95: i64,
    pub(super) count: i64,
}

impl FiguresView {
    /// Prepares figures.
    #[must_use]
    pub fn of(found: &Figures) -> Self {
        let (today, yesterday) = (&found.today, &found.yesterday);
        let all = links::rows(&[("time", "today")]);
        let of = |status| links::rows(&[("time", "today"), ("status", status)]);
        Self {
            requests: Figure::new(today.requests, yesterday.requests, all.clone()),
            cost: Figure::money(today.cost, yesterday.cost, all),
            faults: Figure::new(today.faults, yesterday.faults, of("failed")),
            others: today.errors.saturating_sub(today.faults),
            others_href: of("errors"),
            fault_share: share(today.faults, today.requests),
            sessions: found.sessions,
            in_flight: found.in_flight,
            unmetered: today.unmetered,
            unpriced: today.unpriced,
            first_content: found.first_content.map(|found| Latency {
                p50: found.p50,
                p95: found.p95,
                count: found.count,
            }),
        }
    }
}

impl Figure {
    pub(super) fn new(today: i64, yesterday: i64, href: String) -> Self {
        let change = share(today.saturating_sub(yesterday), yesterday);
        Self { today, yesterday, change: change.filter(|change| *change < TOLD), href }
    }

    fn money(today: Nano, yesterday: Nano, href: String) -> Self {
        Self::new(today.0, yesterday.0, href)
    }
}

/// Returns a part of the whole in hundredths of a percent; `None` of nothing.
fn share(part: i64, whole: i64) -> Option<i64> {
    if whole <= 0 {
        return None;
    }
    let share = i128::from(part) * 10_000 / i128::from(whole);
    i64::try_from(share).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_needs_a_base() {
        let change = |today, yesterday| Figure::new(today, yesterday, String::new()).change;
        assert_eq!(change(30, 20), Some(5_000));
        assert_eq!(change(10, 20), Some(-5_000));
        assert_eq!(change(10, 0), None);
        assert_eq!((change(219, 20), change(220, 20)), (Some(99_500), None));
        assert_eq!(change(i64::MAX, 1), None, "what cannot be said is not said");
    }
}
