//! All counters (D1). Those of users are in 64 shards, each behind its own lock, found by user; those
//! of groups, tags and providers, which everybody shares, are behind one more, which is taken last.
//! One lock for all of them is held for a microsecond, and no two requests can take parts of it in
//! different orders.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use jiff::tz::TimeZone;
use parking_lot::{Mutex, RwLock};

pub use super::gauges::CounterGauges;
use super::outbox::Outbox;
use crate::domain::check::Dimension;
use crate::domain::counters::{
    Bond, Books, Borders, Common, EndScope, Ends, Meter, MeterView, SeatView, SessionEnd, Tenant,
};
use crate::domain::ids::{KeyId, UserId};
use crate::domain::instant::Micros;
use crate::domain::limits::{CountedPrice, Limits};
use crate::domain::map::Map;
use crate::domain::money::Nano;

pub use super::former::{FormerSpend, Paying, Seed, SinceReset, Spender};
pub use super::lifetimes::Lifetimes;

const SHARDS: usize = 64;
type Shard = Mutex<Map<UserId, Tenant>>;

/// All counters. One per process, shared by all workers.
#[derive(Debug)]
pub struct Counters {
    shards: [Shard; SHARDS],
    common: Mutex<Common>,
    lifetimes: Lifetimes,
    counted: CountedPrice,
    ends: RwLock<Ends>,
    outbox: Option<Arc<Outbox>>,
    unmetered: AtomicU64,
    overshoot: AtomicI64,
}

impl Counters {
    /// Makes empty counters.
    #[must_use]
    pub fn new(lifetimes: Lifetimes) -> Self {
        Self {
            shards: std::array::from_fn(|_| Shard::default()),
            common: Mutex::default(),
            lifetimes,
            counted: CountedPrice::Charged,
            ends: RwLock::default(),
            outbox: None,
            unmetered: AtomicU64::new(0),
            overshoot: AtomicI64::new(0),
        }
    }

    /// Lets limits count another price.
    #[must_use]
    pub const fn counting(mut self, counted: CountedPrice) -> Self {
        self.counted = counted;
        self
    }

    /// Returns which price limits count.
    #[must_use]
    pub const fn counted(&self) -> CountedPrice {
        self.counted
    }

    /// Lets other nodes be told of what happens here.
    #[must_use]
    pub fn telling_to(mut self, outbox: Arc<Outbox>) -> Self {
        self.outbox = Some(outbox);
        self
    }

    /// Returns where other nodes are told, when there may be any.
    #[must_use]
    pub const fn outbox(&self) -> Option<&Arc<Outbox>> {
        self.outbox.as_ref()
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

    /// Opens one user's counters together with those of groups, tags and providers, under their two
    /// locks. `work` must not wait, log or call out.
    pub fn books<R>(&self, user: UserId, work: impl FnOnce(&mut Books<'_>) -> R) -> R {
        let mut shard = self.shard(user).lock();
        let tenant = shard.entry(user).or_default();
        let mut common = self.common.lock();
        work(&mut Books { tenant, common: &mut common })
    }

    /// Works on the counters of groups, tags and providers. `work` must not wait, log or call out.
    pub fn common<R>(&self, work: impl FnOnce(&mut Common) -> R) -> R {
        work(&mut self.common.lock())
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

    /// Returns the meter of a group, tag or provider.
    #[must_use]
    pub fn view_common(
        &self,
        dimension: &Dimension,
        limits: &Limits,
        zone: &TimeZone,
        now: Micros,
    ) -> MeterView {
        let known = self.known_common(dimension, limits, zone, now);
        let nothing = || Meter::default().view(0, limits, &Borders::around(zone, limits, now), now);
        known.unwrap_or_else(nothing)
    }

    /// Returns the meter of a group, tag or provider if it has ever used anything.
    #[must_use]
    pub fn known_common(
        &self,
        dimension: &Dimension,
        limits: &Limits,
        zone: &TimeZone,
        now: Micros,
    ) -> Option<MeterView> {
        let borders = Borders::around(zone, limits, now);
        self.common(|common| {
            let account = common.get_mut(dimension)?;
            account.free_rested(now);
            Some(account.meter.view(account.seats_taken(), limits, &borders, now))
        })
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
        // The name decides between those of one moment, so that pages do not overlap.
        views.sort_unstable_by(|(_, one), (_, other)| {
            (other.last_seen_at, &one.session).cmp(&(one.last_seen_at, &other.session))
        });
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
        self.common(|common| common.values_mut().for_each(|account| account.expire(now)));
        self.ends.write().forget(now.minus(self.lifetimes.session_span()));
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
            gauges.held_tokens = gauges.held_tokens.saturating_add(tenant.user.held_tokens());
        });
        self.common(|common| {
            for account in common.values_mut() {
                account.free_rested(now);
                gauges.shared_in_flight += u64::from(account.meter.in_flight());
                gauges.shared_seats += u64::from(account.seats_taken());
                gauges.shared_held = gauges.shared_held.plus(account.meter.held());
            }
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
#[path = "counters_tests.rs"]
mod tests;
