//! The health strip: a cell for each quarter of an hour, with the way to its rows.

use jiff::tz::TimeZone;
use serde::Serialize;
use switchyard_actors::domain::breaker_view::BreakerState;
use switchyard_actors::domain::instant::Micros;

use super::super::frame::Text;
use super::links;
use crate::app::overview::{Cell, Health, Strip};

/// A provider's strip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StripView {
    pub(super) name: String,
    pub(super) href: String,
    /// Said when it is not simply at work.
    pub(super) state: Option<(&'static str, Text)>,
    pub(super) requests: i64,
    pub(super) faults: i64,
    pub(super) cells: Vec<CellView>,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CellView {
    pub(super) health: &'static str,
    pub(super) start: Micros,
    pub(super) end: Micros,
    pub(super) requests: i64,
    pub(super) faults: i64,
    /// Where its rows are; an empty cell has none.
    pub(super) href: Option<String>,
}

impl StripView {
    /// Prepares a strip.
    #[must_use]
    pub fn of(strip: &Strip, zone: &TimeZone) -> Self {
        let id = strip.provider.0.to_string();
        let sum =
            |count: fn(&Cell) -> i64| strip.cells.iter().map(count).fold(0, i64::saturating_add);
        Self {
            name: strip.name.clone(),
            href: format!("/providers/{id}"),
            state: state(strip),
            requests: sum(|cell| cell.requests),
            faults: sum(|cell| cell.faults),
            cells: strip.cells.iter().map(|cell| CellView::of(cell, &id, zone)).collect(),
        }
    }
}

impl CellView {
    fn of(cell: &Cell, provider: &str, zone: &TimeZone) -> Self {
        let health = match cell.health() {
            Health::Unknown => "unknown",
            Health::Good => "good",
            Health::Mixed => "warn",
            Health::Bad => "bad",
        };
        let (from, to) = (links::instant(cell.start, zone), links::instant(cell.end, zone));
        let filter = [("provider", provider), ("from", &from), ("to", &to)];
        Self {
            health,
            start: cell.start,
            end: cell.end,
            requests: cell.requests,
            faults: cell.faults,
            href: (cell.requests > 0).then(|| links::rows(&filter)),
        }
    }
}

const fn state(strip: &Strip) -> Option<(&'static str, Text)> {
    if !strip.enabled {
        return Some(("unknown", Text::of("dashboard-provider-off")));
    }
    match strip.breaker {
        BreakerState::Closed => None,
        BreakerState::Open => Some(("bad", Text::of("dashboard-provider-resting"))),
        BreakerState::HalfOpen => Some(("warn", Text::of("dashboard-provider-probed"))),
    }
}
