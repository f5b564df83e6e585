//! The health strip: for each provider, what it answered in each quarter of an hour.

use std::time::Duration;

use switchyard_actors::domain::breaker_view::BreakerState;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;

use crate::app::{AppContext, AppError};
use crate::store::{SLOT, SlotHealth};

/// How many cells a strip has: four hours.
const CELLS: u32 = 16;
/// From so many failures in a hundred on, a cell is mixed.
const MIXED: i64 = 5;
/// From so many failures in a hundred on, a cell is bad.
const BAD: i64 = 50;

/// How a provider did in one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Nobody asked it.
    Unknown,
    /// Nearly all went well.
    Good,
    /// Some failed.
    Mixed,
    /// Half or more failed.
    Bad,
}

/// One cell of a strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its start.
    pub start: Micros,
    /// The first instant behind it.
    pub end: Micros,
    /// Requests that the provider answered, or failed last.
    pub requests: i64,
    /// Those that failed by no fault of their clients.
    pub faults: i64,
}

impl Cell {
    /// Judges the cell.
    #[must_use]
    pub const fn health(&self) -> Health {
        let share = self.faults.saturating_mul(100);
        if self.requests <= 0 {
            Health::Unknown
        } else if share >= self.requests.saturating_mul(BAD) {
            Health::Bad
        } else if share >= self.requests.saturating_mul(MIXED) {
            Health::Mixed
        } else {
            Health::Good
        }
    }
}

/// One provider's strip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strip {
    /// The provider.
    pub provider: ProviderId,
    /// Its name.
    pub name: String,
    /// It is switched on.
    pub enabled: bool,
    /// Its breaker's state.
    pub breaker: BreakerState,
    /// The cells, the oldest first; the last one still fills.
    pub cells: Vec<Cell>,
}

/// Reads the strips of all providers, in the order in which they are asked.
pub(super) async fn strips(app: &AppContext, now: Micros) -> Result<Vec<Strip>, AppError> {
    let span = SLOT.saturating_mul(CELLS);
    let slot = Micros(now.0 - now.0.rem_euclid(micros(SLOT)));
    let first = slot.plus(SLOT).minus(span);
    let found = app.store.health_by_slot(first, first.plus(span)).await?;
    let breakers = app.live.breaker_views();
    let mut strips = Vec::new();
    for provider in app.store.provider_names().await? {
        let breaker = breakers.iter().find(|view| view.provider == provider.provider);
        strips.push(Strip {
            provider: provider.provider,
            name: provider.name,
            enabled: provider.enabled,
            breaker: breaker.map_or(BreakerState::Closed, |view| view.state),
            cells: cells(provider.provider, first, &found),
        });
    }
    Ok(strips)
}

fn cells(provider: ProviderId, first: Micros, found: &[SlotHealth]) -> Vec<Cell> {
    let cell = |number: u32| {
        let start = first.plus(SLOT.saturating_mul(number));
        let own = found.iter().find(|slot| slot.provider == provider && slot.slot == start);
        Cell {
            start,
            end: start.plus(SLOT),
            requests: own.map_or(0, |slot| slot.requests),
            faults: own.map_or(0, |slot| slot.faults),
        }
    };
    (0..CELLS).map(cell).collect()
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(requests: i64, faults: i64) -> Health {
        Cell { start: Micros(0), end: Micros(1), requests, faults }.health()
    }

    #[test]
    fn a_cell_is_judged_by_its_share_of_failures() {
        assert_eq!(health(0, 0), Health::Unknown);
        assert_eq!(health(100, 4), Health::Good);
        assert_eq!(health(100, 5), Health::Mixed);
        assert_eq!(health(3, 1), Health::Mixed);
        assert_eq!(health(2, 1), Health::Bad);
        assert_eq!(health(i64::MAX, 0), Health::Good);
    }
}
