//! One owner's meter: the requests and tokens of a minute, money by window, what is on hold.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Borders, Load, MeterView, Spent, TokenLog};
use crate::domain::check::{Check, Dimension, FIVE_HOURS, MINUTE, Span};
use crate::domain::instant::Micros;
use crate::domain::limits::{LimitKind, Limits};
use crate::domain::money::Nano;
use crate::domain::sharing::WindowSums;
use crate::domain::verdict::Used;

/// Minutes are kept longer than 24 hours: a day of daylight saving has 25, and a day whose border
/// moves (another reset time, another zone) is summed anew from them.
const KEEP: Duration = Duration::from_hours(26);
/// A week's or month's border that moves by less than this is the same window in another zone.
const SHIFT: Duration = Duration::from_hours(48);

/// A window with one start: what was spent from then on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Fixed {
    start: Micros,
    sum: Nano,
}

/// What one user, key, group, tag or provider has used. See D1.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    starts: VecDeque<Micros>,
    tokens: TokenLog,
    minutes: VecDeque<(i64, Nano)>,
    day: Fixed,
    week: Fixed,
    month: Fixed,
    five_hours: Fixed,
    total: Nano,
    held: Nano,
    in_flight: u32,
    counts_from: Micros,
}

impl Meter {
    /// Returns the money on hold.
    #[must_use]
    pub const fn held(&self) -> Nano {
        self.held
    }

    /// Returns how many requests run.
    #[must_use]
    pub const fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// Returns the tokens on hold.
    #[must_use]
    pub const fn held_tokens(&self) -> u64 {
        self.tokens.held()
    }

    /// Returns the money of the window that `kind` limits, as the check and every display see it.
    /// For kinds that count no money it is zero.
    #[must_use]
    pub fn spent(&self, kind: LimitKind, limits: &Limits, borders: &Borders, now: Micros) -> Spent {
        if !kind.is_money() {
            return Spent::default();
        }
        self.spent_in(kind, Span::of(kind, limits, borders), now)
    }

    /// Returns the money of a span.
    fn spent_in(&self, kind: LimitKind, span: Span, now: Micros) -> Spent {
        let open = |amount| Spent { amount, resets_at: None };
        match span {
            Span::Rolling(length) => open(self.rolling(now, length)),
            Span::FromFirst(_) => self.since_first_charge(now),
            Span::Calendar(window) => {
                let amount = match kind {
                    LimitKind::UsdWeekly => self.long_from(self.week, window.start),
                    LimitKind::UsdMonthly => self.long_from(self.month, window.start),
                    _ => self.day_from(window.start),
                };
                Spent { amount, resets_at: Some(window.end) }
            }
            Span::Ever => open(self.total),
            Span::Now => Spent::default(),
        }
    }

    /// Returns what is used of a limit; seats are counted elsewhere.
    #[must_use]
    pub fn used(&self, check: &Check, now: Micros) -> Used {
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        match check.kind {
            LimitKind::Rpm => Used {
                settled: count(self.rpm(now).0),
                resets_at: self.rpm_frees_at(check.limit.raw()),
                ..Used::default()
            },
            LimitKind::Tpm => Used {
                settled: count(self.tokens.settled(now)),
                held: count(self.tokens.held()),
                resets_at: self.tokens.frees_at(now),
                ..Used::default()
            },
            LimitKind::ConcurrentRequests => {
                Used { settled: i64::from(self.in_flight), ..Used::default() }
            }
            LimitKind::ConcurrentSessions => Used::default(),
            kind => {
                let spent = self.spent_in(kind, check.span, now);
                let (settled, held) = (spent.amount.0, self.held.0);
                Used { settled, held, resets_at: spent.resets_at, ..Used::default() }
            }
        }
    }

    /// Returns the requests of the last 60 s and when the oldest of them leaves the log.
    #[must_use]
    pub fn rpm(&self, now: Micros) -> (u64, Option<Micros>) {
        let gone = self.starts.partition_point(|start| start.plus(MINUTE) <= now);
        let count = u64::try_from(self.starts.len().saturating_sub(gone)).unwrap_or(u64::MAX);
        (count, self.starts.get(gone).map(|oldest| oldest.plus(MINUTE)))
    }

    /// Returns when the log holds fewer than `limit` requests, if nobody else comes.
    #[must_use]
    pub fn rpm_frees_at(&self, limit: i64) -> Option<Micros> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX).max(1);
        let blocking = self.starts.len().checked_sub(limit)?;
        self.starts.get(blocking).map(|start| start.plus(MINUTE))
    }

    /// Logs a request, of which at most `bound` are kept.
    pub fn log_start(&mut self, now: Micros, bound: usize) {
        // A clock that stepped back leaves entries of the future; they would never leave the log.
        while self.starts.back().is_some_and(|last| *last > now.plus(MINUTE)) {
            self.starts.pop_back();
        }
        self.drop_old_starts(now);
        while self.starts.len() >= bound.max(1) {
            self.starts.pop_front();
        }
        let at = self.starts.back().map_or(now, |last| now.max(*last));
        self.starts.push_back(at);
    }

    /// Takes a request out of the log: it was not let in after all.
    pub fn unlog_start(&mut self, arrival: Micros) {
        if let Some(place) = self.starts.iter().rposition(|start| *start == arrival) {
            self.starts.remove(place);
        }
    }

    /// Returns all windows as they are now.
    #[must_use]
    pub fn sums(&self, of: &Dimension, borders: &Borders) -> WindowSums {
        let Borders { day, week, month } = borders;
        WindowSums {
            dimension: of.clone(),
            total: self.total,
            day: (day.start, self.day_from(day.start)),
            week: (week.start, self.long_from(self.week, week.start)),
            month: (month.start, self.long_from(self.month, month.start)),
            five_hours: (self.five_hours.start, self.five_hours.sum),
            minutes: self.minutes.iter().copied().collect(),
            counts_from: self.counts_from,
        }
    }

    /// Moves the calendar windows on, so that what is charged later falls into these.
    pub fn roll(&mut self, borders: &Borders) {
        self.day = Fixed { start: borders.day.start, sum: self.day_from(borders.day.start) };
        let week = self.long_from(self.week, borders.week.start);
        self.week = Fixed { start: borders.week.start, sum: week };
        let month = self.long_from(self.month, borders.month.start);
        self.month = Fixed { start: borders.month.start, sum: month };
    }

    /// Puts money and tokens on hold and counts the request as running.
    pub const fn open(&mut self, hold: Load) {
        self.raise(hold);
        self.in_flight = self.in_flight.saturating_add(1);
    }

    /// Puts more on hold for a request that runs.
    pub const fn raise(&mut self, by: Load) {
        self.held = self.held.plus(by.money);
        self.tokens.hold(by.tokens);
    }

    /// Gives back what was held.
    pub const fn release(&mut self, hold: Load) {
        self.held = self.held.minus(hold.money);
        self.tokens.release(hold.tokens);
    }

    /// Counts the request as ended.
    pub const fn leave(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// Adds a cost to every window of the instant of arrival.
    pub fn charge(&mut self, arrival: Micros, cost: Nano) {
        self.charge_windows(arrival, cost);
        self.total = self.total.plus(cost);
    }

    /// Adds the tokens of a request to the second of its arrival.
    pub fn add_tokens(&mut self, arrival: Micros, tokens: u64) {
        self.tokens.add(arrival, tokens);
    }

    /// Adds a former cost to the windows alone: totals are restored by themselves. What costs nothing
    /// begins no window.
    pub fn charge_windows(&mut self, arrival: Micros, cost: Nano) {
        if cost == Nano::ZERO {
            return;
        }
        self.charge_minute(minute_of(arrival), cost);
        for window in [&mut self.day, &mut self.week, &mut self.month] {
            if arrival >= window.start {
                window.sum = window.sum.plus(cost);
            }
        }
        self.begin(arrival);
        // A late bill of an earlier request counts in it.
        if arrival.plus(FIVE_HOURS) > self.five_hours.start {
            self.five_hours.sum = self.five_hours.sum.plus(cost);
        }
    }

    /// Begins the five hours, which start at the first charge: also at one that counts no longer.
    pub fn begin(&mut self, arrival: Micros) {
        if arrival >= self.five_hours.start.plus(FIVE_HOURS) {
            self.five_hours = Fixed { start: arrival, sum: Nano::ZERO };
        }
    }

    /// Adds to the total alone.
    pub const fn add_total(&mut self, cost: Nano) {
        self.total = self.total.plus(cost);
    }

    /// Forgets the money that was spent until now, unless that was done for this `cut` or a later one;
    /// tells whether it was. What runs and holds stays and is charged at its end, and windows keep
    /// their borders, also those of five hours.
    pub fn reset(&mut self, cut: Micros) -> bool {
        if cut <= self.counts_from {
            return false;
        }
        self.counts_from = cut;
        self.minutes.clear();
        self.total = Nano::ZERO;
        let Self { day, week, month, five_hours, .. } = self;
        for window in [day, week, month, five_hours] {
            window.sum = Nano::ZERO;
        }
        true
    }

    /// Tells whether money counts that fell due at an instant: no cut came behind it.
    #[must_use]
    pub fn counts(&self, due: Micros) -> bool {
        due >= self.counts_from
    }

    /// Returns the last cut; 0 when there was none.
    #[must_use]
    pub const fn counts_from(&self) -> Micros {
        self.counts_from
    }

    /// Forgets all spent money and keeps what runs.
    pub fn forget_spent(&mut self) {
        let kept = std::mem::take(self);
        self.starts = kept.starts;
        self.tokens = kept.tokens;
        self.held = kept.held;
        self.in_flight = kept.in_flight;
    }

    /// Drops what no window can see any more.
    pub fn expire(&mut self, now: Micros) {
        self.drop_old_starts(now);
        self.tokens.expire(now);
        let oldest = minute_of(now.minus(KEEP));
        let gone = self.minutes.partition_point(|(minute, _)| *minute < oldest);
        self.minutes.drain(..gone);
        shrink(&mut self.starts);
        shrink(&mut self.minutes);
    }

    /// Returns the view of this meter; the seats are counted elsewhere.
    #[must_use]
    pub fn view(&self, seats: u32, limits: &Limits, borders: &Borders, now: Micros) -> MeterView {
        let spent = |kind| self.spent(kind, limits, borders, now);
        MeterView {
            rpm: self.rpm(now).0,
            tpm: self.tokens.settled(now).saturating_add(self.tokens.held()),
            concurrent_sessions: seats,
            in_flight: self.in_flight,
            held: self.held,
            five_hours: spent(LimitKind::Usd5h),
            daily: spent(LimitKind::DailyQuota),
            weekly: spent(LimitKind::UsdWeekly),
            monthly: spent(LimitKind::UsdMonthly),
            total: self.total,
        }
    }

    fn drop_old_starts(&mut self, now: Micros) {
        while self.starts.front().is_some_and(|first| first.plus(MINUTE) <= now) {
            self.starts.pop_front();
        }
    }

    fn charge_minute(&mut self, minute: i64, cost: Nano) {
        let place = self.minutes.partition_point(|(at, _)| *at < minute);
        match self.minutes.get_mut(place) {
            Some((at, sum)) if *at == minute => *sum = sum.plus(cost),
            _ => self.minutes.insert(place, (minute, cost)),
        }
        let newest = self.minutes.back().map_or(minute, |(at, _)| *at);
        let oldest = newest.saturating_sub(minutes_in(KEEP));
        while self.minutes.front().is_some_and(|(at, _)| *at < oldest) {
            self.minutes.pop_front();
        }
    }

    /// Sums from the minute of `start` on.
    fn from(&self, start: Micros) -> Nano {
        let first = minute_of(start);
        let place = self.minutes.partition_point(|(at, _)| *at < first);
        self.minutes.range(place..).map(|(_, sum)| *sum).sum()
    }

    /// Sums every minute that reaches into the last `span`: never less than the exact sum.
    fn rolling(&self, now: Micros, span: Duration) -> Nano {
        self.from(now.minus(span))
    }

    fn day_from(&self, start: Micros) -> Nano {
        if self.day.start == start { self.day.sum } else { self.from(start) }
    }

    fn long_from(&self, window: Fixed, start: Micros) -> Nano {
        let moved = start.since(window.start);
        if moved < SHIFT { window.sum } else { self.from(start) }
    }

    fn since_first_charge(&self, now: Micros) -> Spent {
        let end = self.five_hours.start.plus(FIVE_HOURS);
        if now < end && self.five_hours.sum > Nano::ZERO {
            return Spent { amount: self.five_hours.sum, resets_at: Some(end) };
        }
        Spent { amount: Nano::ZERO, resets_at: Some(now.plus(FIVE_HOURS)) }
    }
}

const fn minute_of(at: Micros) -> i64 {
    at.seconds().div_euclid(60)
}

fn minutes_in(span: Duration) -> i64 {
    i64::try_from(span.as_secs() / 60).unwrap_or(i64::MAX)
}

/// Gives memory back once three quarters of it are unused.
fn shrink<T>(queue: &mut VecDeque<T>) {
    if queue.capacity() > 64 && queue.len() < queue.capacity() / 4 {
        queue.shrink_to(queue.len().saturating_mul(2));
    }
}

#[cfg(test)]
#[path = "meter_tests.rs"]
mod tests;
