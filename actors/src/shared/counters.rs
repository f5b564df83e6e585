//! The counters of all users (D1): 64 shards, each behind its own lock, found by user.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use jiff::tz::TimeZone;
use parking_lot::{Mutex, RwLock};
use serde::Serialize;

use crate::domain::counters::{
    Bond, Borders, EndScope, Ends, Meter, MeterView, SeatView, SessionEnd, Tenant,
};
use crate::domain::ids::{KeyId, UserId};
use crate::domain::instant::Micros;
use crate::domain::limits::Limits;
use crate::domain::map::Map;
use crate::domain::money::Nano;

const SHARDS: usize = 64;
/// A request may have begun so long before its end.
pub const LONGEST_REQUEST: Duration = Duration::from_hours(1);

type Shard = Mutex<Map<UserId, Tenant>>;

/// How long sessions are remembered, and how long they hold their seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// A session's binding lives so long after its last use (`SESSION_TTL`).
    pub session_ttl: Duration,
    /// A session holds its seat so long after its last request ended.
    pub seat_grace: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self { session_ttl: Duration::from_mins(5), seat_grace: Duration::from_secs(5) }
    }
}

/// All users' counters. One per process, shared by all workers.
#[derive(Debug)]
pub struct Counters {
    shards: [Shard; SHARDS],
    lifetimes: Lifetimes,
    ends: RwLock<Ends>,
    unmetered: AtomicU64,
    overshoot: AtomicI64,
}

/// Money that was spent before anybody here counted it: before this process began, or at a price
/// that came later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormerSpend {
    /// The user.
    pub user: UserId,
    /// The key.
    pub key: KeyId,
    /// The start of the minute or roll-up slot.
    pub at: Micros,
    /// What it cost.
    pub cost: Nano,
}

/// What is restored at the start: spend back to the first of the month (or the Monday before it),
/// and totals, which include that spend.
#[derive(Clone, Debug, Default)]
pub struct Seed {
    /// Spend by slot, in any order.
    pub spent: Vec<FormerSpend>,
    /// All money a user ever spent.
    pub user_totals: Vec<(UserId, Nano)>,
    /// All money a key ever spent.
    pub key_totals: Vec<(UserId, KeyId, Nano)>,
}

/// Sums over everybody, for `/metrics` and tests; read from the counters themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CounterGauges {
    /// Users with counters.
    pub tenants: u64,
    /// Sessions that are remembered.
    pub sessions: u64,
    /// Sessions that hold a seat.
    pub seats: u64,
    /// Requests that run.
    pub in_flight: u64,
    /// Reservations that are not settled.
    pub reservations: u64,
    /// Money on hold for them.
    pub held: Nano,
    /// Requests so far that ended with unknown usage.
    pub unmetered: u64,
    /// Money so far that was spent above what had been held for it.
    pub overshoot: Nano,
}

impl Counters {
    /// Makes empty counters.
    #[must_use]
    pub fn new(lifetimes: Lifetimes) -> Self {
        Self {
            shards: std::array::from_fn(|_| Shard::default()),
            lifetimes,
            ends: RwLock::default(),
            unmetered: AtomicU64::new(0),
            overshoot: AtomicI64::new(0),
        }
    }

    /// Returns how long sessions and seats last.
    #[must_use]
    pub const fn lifetimes(&self) -> Lifetimes {
        self.lifetimes
    }

    /// Works on one user's counters under their lock. `work` must not wait, log or call out.
    pub fn tenant<R>(&self, user: UserId, work: impl FnOnce(&mut Tenant) -> R) -> R {
        work(self.shard(user).lock().entry(user).or_default())
    }

    /// Works on one user's counters if there are any, without making them.
    pub fn known<R>(&self, user: UserId, work: impl FnOnce(&mut Tenant) -> R) -> Option<R> {
        self.shard(user).lock().get_mut(&user).map(work)
    }

    /// Works on everybody's counters, one shard locked at a time.
    pub fn each(&self, mut work: impl FnMut(UserId, &mut Tenant)) {
        for shard in &self.shards {
            for (user, tenant) in shard.lock().iter_mut() {
                work(*user, tenant);
            }
        }
    }

    /// Restores spent money at the start, in place of what was counted; what runs is kept.
    /// `borders` must give each user's or key's own windows around the present.
    pub fn seed(&self, mut seed: Seed, borders: impl Fn(UserId, Option<KeyId>) -> Borders) {
        self.each(|_, tenant| tenant.forget_spent());
        // The five-hour window starts at the first charge, so the order matters.
        seed.spent.sort_unstable_by_key(|spent| spent.at);
        for spent in &seed.spent {
            let (of_user, of_key) =
                (borders(spent.user, None), borders(spent.user, Some(spent.key)));
            self.tenant(spent.user, |tenant| {
                tenant.roll(spent.key, &of_user, &of_key);
                tenant.user.charge_windows(spent.at, spent.cost);
                tenant.key_mut(spent.key).charge_windows(spent.at, spent.cost);
            });
        }
        for (user, total) in seed.user_totals {
            self.tenant(user, |tenant| tenant.user.add_total(total));
        }
        for (user, key, total) in seed.key_totals {
            self.tenant(user, |tenant| tenant.key_mut(key).add_total(total));
        }
    }

    /// Counts money of requests that had ended without a cost, each at its own time. What the seed
    /// brought must not come again: a caller names only what it booked itself.
    /// `borders` must give each user's or key's own windows around the present.
    pub fn book(
        &self,
        mut spent: Vec<FormerSpend>,
        borders: impl Fn(UserId, Option<KeyId>) -> Borders,
    ) {
        spent.sort_unstable_by_key(|spent| spent.at);
        for spent in spent {
            let (of_user, of_key) =
                (borders(spent.user, None), borders(spent.user, Some(spent.key)));
            self.tenant(spent.user, |tenant| {
                tenant.roll(spent.key, &of_user, &of_key);
                tenant.charge(spent.key, spent.at, spent.cost);
            });
        }
    }

    /// Returns a user's meter over all keys.
    #[must_use]
    pub fn view_user(
        &self,
        user: UserId,
        limits: &Limits,
        zone: &TimeZone,
        now: Micros,
    ) -> MeterView {
        let borders = Borders::around(zone, limits, now);
        let view = self.known(user, |tenant| {
            tenant.sessions.free_rested(now);
            tenant.user.view(tenant.sessions.taken(), limits, &borders, now)
        });
        view.unwrap_or_else(|| Meter::default().view(0, limits, &borders, now))
    }

    /// Returns a key's meter.
    #[must_use]
    pub fn view_key(
        &self,
        (user, key): (UserId, KeyId),
        limits: &Limits,
        zone: &TimeZone,
        now: Micros,
    ) -> MeterView {
        let borders = Borders::around(zone, limits, now);
        let view = self.known(user, |tenant| {
            tenant.sessions.free_rested(now);
            let seats = tenant.sessions.taken_by(key);
            tenant.key(key).map(|meter| meter.view(seats, limits, &borders, now))
        });
        view.flatten().unwrap_or_else(|| Meter::default().view(0, limits, &borders, now))
    }

    /// Returns the sessions that live, of everybody or of one user, the latest first.
    #[must_use]
    pub fn sessions(&self, of: Option<UserId>, now: Micros) -> Vec<(UserId, SeatView)> {
        let ttl = self.lifetimes.session_ttl;
        let mut views = Vec::new();
        let mut add = |user, tenant: &mut Tenant| {
            let seats = tenant.sessions.views(now, ttl).into_iter();
            views.extend(seats.map(|view| (user, view)));
        };
        match of {
            Some(user) => {
                self.known(user, |tenant| add(user, tenant));
            }
            None => self.each(add),
        }
        views.sort_unstable_by_key(|(_, view)| std::cmp::Reverse(view.last_seen_at));
        views
    }

    /// Ends sessions; tells how many there were. Requests of them that run go on, and bind nothing
    /// any more; sessions that began later are left alone. What was told before changes nothing.
    pub fn end_sessions(&self, end: &SessionEnd) -> usize {
        if !self.ends.write().note(end) {
            return 0;
        }
        let (at, mut ended) = (end.at, 0);
        match &end.scope {
            EndScope::Session(session) => {
                self.each(|_, tenant| ended += usize::from(tenant.sessions.end(session, at)));
            }
            EndScope::User(user) => {
                ended = self.known(*user, |tenant| tenant.sessions.end_all(None, at)).unwrap_or(0);
            }
            EndScope::Key(key) => {
                self.each(|_, tenant| ended += tenant.sessions.end_all(Some(*key), at));
            }
            EndScope::Provider(provider) => {
                self.each(|_, tenant| ended += tenant.sessions.unbind_all(*provider));
            }
        }
        ended
    }

    /// Tells whether what a request would bind was ended since it came.
    #[must_use]
    pub fn has_ended(&self, bond: &Bond<'_>) -> bool {
        self.ends.read().forbid(bond)
    }

    /// Drops what nobody can see any more. The janitor calls it every few seconds.
    pub fn expire(&self, now: Micros) {
        let ttl = self.lifetimes.session_ttl;
        self.each(|_, tenant| tenant.expire(now, ttl));
        self.ends.write().forget(now.minus(ttl + LONGEST_REQUEST));
    }

    /// Returns the sums over everybody.
    #[must_use]
    pub fn gauges(&self, now: Micros) -> CounterGauges {
        let mut gauges = CounterGauges {
            unmetered: self.unmetered.load(Ordering::Relaxed),
            overshoot: Nano(self.overshoot.load(Ordering::Relaxed)),
            ..CounterGauges::default()
        };
        self.each(|_, tenant| {
            tenant.sessions.free_rested(now);
            gauges.tenants += 1;
            gauges.sessions += u64::try_from(tenant.sessions.len()).unwrap_or(u64::MAX);
            gauges.seats += u64::from(tenant.sessions.taken());
            gauges.in_flight += u64::from(tenant.user.in_flight());
            gauges.reservations += u64::from(tenant.reservations());
            gauges.held = gauges.held.plus(tenant.user.held());
        });
        gauges
    }

    /// Counts a request whose usage stayed unknown.
    pub fn count_unmetered(&self) {
        self.unmetered.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts money spent above what was held for it.
    pub fn count_overshoot(&self, above: Nano) {
        self.overshoot.fetch_add(above.0.max(0), Ordering::Relaxed);
    }

    fn shard(&self, user: UserId) -> &Shard {
        let [first, ..] = &self.shards;
        let slot = usize::try_from(user.0.rem_euclid(64)).unwrap_or(0);
        self.shards.get(slot).unwrap_or(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::limits::ResetMode;

    const MAY_5: Micros = Micros(1_777_982_400_000_000);
    const ANNA: UserId = UserId(1);
    const HER_KEY: KeyId = KeyId(10);

    fn former(hours_ago: u64, cost: i64) -> FormerSpend {
        let at = MAY_5.minus(Duration::from_hours(hours_ago));
        FormerSpend { user: ANNA, key: HER_KEY, at, cost: Nano(cost) }
    }

    #[test]
    fn windows_and_totals_come_back_after_a_restart() {
        let counters = Counters::new(Lifetimes::default());
        let limits = Limits { daily_mode: ResetMode::Rolling, ..Limits::default() };
        let zone = TimeZone::UTC;
        let seed = Seed {
            spent: vec![former(1, 5), former(30, 7), former(90, 11), former(23, 3)],
            user_totals: vec![(ANNA, Nano(1_000))],
            key_totals: vec![(ANNA, HER_KEY, Nano(900))],
        };
        counters.seed(seed, |_, _| Borders::around(&zone, &limits, MAY_5));
        let user = counters.view_user(ANNA, &limits, &zone, MAY_5);
        let key = counters.view_key((ANNA, HER_KEY), &limits, &zone, MAY_5);
        assert_eq!((user.total, key.total), (Nano(1_000), Nano(900)));
        for view in [user, key] {
            assert_eq!(view.daily.amount, Nano(8));
            assert_eq!(view.weekly.amount, Nano(15));
            assert_eq!(view.monthly.amount, Nano(26));
            assert_eq!(view.five_hours.amount, Nano(5));
        }
    }

    #[test]
    fn what_is_booked_late_shows_as_it_will_after_a_restart() {
        let zone = TimeZone::UTC;
        let limits = Limits { daily_mode: ResetMode::Rolling, ..Limits::default() };
        let borders = |_, _| Borders::around(&zone, &limits, MAY_5);
        let late = vec![former(23, 3), former(1, 5), former(30, 7), former(90, 11)];
        let total = Nano(26);
        let running = Counters::new(Lifetimes::default());
        running.book(late.clone(), borders);
        let restarted = Counters::new(Lifetimes::default());
        let seed = Seed {
            spent: late,
            user_totals: vec![(ANNA, total)],
            key_totals: vec![(ANNA, HER_KEY, total)],
        };
        restarted.seed(seed, borders);
        let views = |counters: &Counters| {
            let key = counters.view_key((ANNA, HER_KEY), &limits, &zone, MAY_5);
            (counters.view_user(ANNA, &limits, &zone, MAY_5), key)
        };
        assert_eq!(views(&running), views(&restarted));
        let (user, key) = views(&running);
        assert_eq!((user.total, key.total, user.monthly.amount), (total, total, Nano(26)));
        assert_eq!((user.weekly.amount, user.daily.amount), (Nano(15), Nano(8)));
    }

    #[test]
    fn a_late_bill_of_last_month_counts_in_the_total_alone() {
        let (counters, limits) = (Counters::new(Lifetimes::default()), Limits::default());
        let borders = |_, _| Borders::around(&TimeZone::UTC, &limits, MAY_5);
        counters.book(vec![former(24 * 20, 9)], borders);
        counters.book(vec![former(1, 2)], borders);
        let user = counters.view_user(ANNA, &limits, &TimeZone::UTC, MAY_5);
        assert_eq!((user.total, user.monthly.amount), (Nano(11), Nano(2)));
        assert_eq!((user.daily.amount, user.five_hours.amount), (Nano(2), Nano(2)));
    }

    #[test]
    fn users_of_one_shard_are_apart() {
        let counters = Counters::new(Lifetimes::default());
        counters.tenant(UserId(3), |tenant| tenant.user.add_total(Nano(1)));
        counters.tenant(UserId(67), |tenant| tenant.user.add_total(Nano(2)));
        counters.tenant(UserId(-61), |tenant| tenant.user.add_total(Nano(4)));
        let limits = Limits::default();
        let total = |user| counters.view_user(user, &limits, &TimeZone::UTC, MAY_5).total.0;
        assert_eq!((total(UserId(3)), total(UserId(67)), total(UserId(-61))), (1, 2, 4));
    }
}
