//! Calendar windows that were worked out already: they hold until one of them ends.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::Borders;
use crate::domain::instant::Micros;
use crate::domain::limits::Limits;
use crate::domain::map::Map;
use crate::domain::window;

/// Windows by the time at which a day starts.
#[derive(Debug)]
pub struct Calendar {
    name: Arc<str>,
    zone: TimeZone,
    by_reset: Map<u16, Borders>,
}

impl Default for Calendar {
    fn default() -> Self {
        Self { name: Arc::from("UTC"), zone: TimeZone::UTC, by_reset: Map::default() }
    }
}

impl Calendar {
    /// Returns the windows around `now`, in the zone of that name.
    pub fn around(&mut self, zone: &Arc<str>, limits: &Limits, now: Micros) -> Borders {
        if self.name != *zone {
            let (name, zone) = (Arc::clone(zone), window::zone_or_utc(zone));
            *self = Self { name, zone, by_reset: Map::default() };
        }
        let known = self.by_reset.get(&limits.daily_reset_minute);
        if let Some(borders) = known.filter(|borders| borders.hold(now)) {
            return *borders;
        }
        let borders = Borders::around(&self.zone, limits, now);
        self.by_reset.insert(limits.daily_reset_minute, borders);
        borders
    }
}
