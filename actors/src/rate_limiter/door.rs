//! One decision on the shared counters, synchronously: what the actor does, and what the handle does
//! itself when the actor has ended.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::estimate::{Size, estimate};
use super::messages::Reserve;
use super::policy::{self, Question, Side, Strictness, Verdict};
use super::reservation::Reservation;
use crate::domain::counters::Borders;
use crate::domain::instant::Micros;
use crate::domain::limits::{Limits, Refusal};
use crate::domain::map::Map;
use crate::domain::window;
use crate::shared::counters::Counters;

/// How limits are kept in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// `ENABLE_RATE_LIMIT`: without it everything is counted and nothing refused.
    pub enforce: bool,
    /// `limits.strict`: what is booked never exceeds a limit.
    pub strict: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { enforce: true, strict: false }
    }
}

/// Calendar windows that were worked out already, by reset time; they hold until one of them ends.
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
    /// Returns the windows around `now`.
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

/// Estimates, judges and holds in one locked call.
pub fn decide(
    counters: &Arc<Counters>,
    rules: Rules,
    calendar: &mut Calendar,
    reserve: &Reserve,
) -> Result<Reservation, Refusal> {
    let (caller, ask) = (&reserve.caller, &reserve.ask);
    let user_borders = calendar.around(&reserve.zone, &caller.user_limits, reserve.now);
    let key_borders = calendar.around(&reserve.zone, &caller.key_limits, reserve.now);
    let size = Size { body_bytes: ask.body_bytes, max_output: ask.max_output, factor: ask.factor };
    let seat_grace = counters.lifetimes().seat_grace;
    let how = Strictness { enforce: rules.enforce, strict: rules.strict, seat_grace };
    let (verdict, estimate) = counters.tenant(caller.user, |tenant| {
        let lesson = ask.model.as_deref().and_then(|model| tenant.lesson(caller.key, model));
        let price = ask.price.as_deref().filter(|_| ask.counts);
        let question = Question {
            key: caller.key,
            session: &reserve.session,
            estimate: estimate(size, price, lesson, rules.strict),
            counts: ask.counts,
            user: Side { limits: &caller.user_limits, borders: &user_borders },
            own: Side { limits: &caller.key_limits, borders: &key_borders },
            now: reserve.now,
        };
        (policy::reserve(&question, tenant, how), question.estimate)
    });
    match verdict {
        Verdict::Admitted => Ok(Reservation::held(counters, reserve, estimate, rules.strict)),
        Verdict::Refused(refusal) => Err(refusal),
    }
}
