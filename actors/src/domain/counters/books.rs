//! All counters that one request touches, opened together: its user's, and those that it shares with
//! other users. What is done to them is done to all of them or to none.

use std::time::Duration;

use super::{Load, Meter, Sessions, Tenant};
use crate::domain::check::{Check, Dimension, Side};
use crate::domain::ids::{KeyId, SessionId};
use crate::domain::instant::Micros;
use crate::domain::limits::LimitKind;
use crate::domain::map::Map;
use crate::domain::money::Nano;
use crate::domain::verdict::Used;

/// The key under which sessions have their seats where keys do not matter.
const ANY_KEY: KeyId = KeyId(0);
/// Requests that are logged where no limit says how many matter.
const LOG_BOUND: usize = 4_096;

/// The counters of a group, a tag or a provider.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// What was used.
    pub meter: Meter,
    /// The seats of its sessions.
    seats: Sessions,
}

/// The counters of all groups, tags and providers.
pub type Common = Map<Dimension, Account>;

/// The counters of one request.
pub struct Books<'a> {
    /// Its user's.
    pub tenant: &'a mut Tenant,
    /// Those of groups, tags and providers.
    pub common: &'a mut Common,
}

/// A request that was let in.
#[derive(Clone, Copy, Debug)]
pub struct Opening<'a> {
    /// Its key.
    pub key: KeyId,
    /// The session whose seat it takes, if it takes one.
    pub session: Option<&'a SessionId>,
    /// What it holds.
    pub hold: Load,
    /// The arrival.
    pub now: Micros,
}

impl Account {
    /// Returns what is used of a limit.
    #[must_use]
    pub fn used(&self, check: &Check, session: Option<&SessionId>, now: Micros) -> Used {
        if check.kind == LimitKind::ConcurrentSessions {
            return seats(&self.seats, self.seats.taken(), session);
        }
        self.meter.used(check, now)
    }

    /// Counts a request as running.
    pub fn open(&mut self, opening: &Opening<'_>, log_bound: usize) {
        self.meter.log_start(opening.now, log_bound);
        self.meter.open(opening.hold);
        if let Some(session) = opening.session {
            self.seats.enter(session, ANY_KEY, opening.now);
        }
    }

    /// Counts a request as no longer running.
    pub fn leave(&mut self, session: Option<&SessionId>, now: Micros, grace: Duration) {
        self.meter.leave();
        if let Some(session) = session {
            self.seats.leave(session, now, grace);
            self.seats.free_rested(now);
        }
    }

    /// Gives back the seats whose grace is over.
    pub fn free_rested(&mut self, now: Micros) {
        self.seats.free_rested(now);
    }

    /// Tells whether a session has no request that runs.
    #[must_use]
    pub fn rests(&self, session: &SessionId) -> bool {
        self.seats.open(session) == 0
    }

    /// Returns how many sessions have a seat.
    #[must_use]
    pub const fn seats_taken(&self) -> u32 {
        self.seats.taken()
    }

    /// Drops what nobody can see any more.
    pub fn expire(&mut self, now: Micros) {
        self.meter.expire(now);
        self.seats.expire(now, Duration::ZERO);
    }
}

impl Books<'_> {
    /// Gives back the seats whose grace is over, and moves all calendar windows on.
    pub fn roll(&mut self, sides: &[Side<'_>], now: Micros) {
        self.tenant.sessions.free_rested(now);
        for side in sides {
            match &side.dimension {
                Dimension::Key(key) => self.tenant.key_mut(*key).roll(&side.borders),
                Dimension::User(_) => self.tenant.user.roll(&side.borders),
                shared => {
                    let account = self.common.entry(shared.clone()).or_default();
                    account.free_rested(now);
                    account.meter.roll(&side.borders);
                }
            }
        }
    }

    /// Returns what is used of a limit.
    #[must_use]
    pub fn used(&self, check: &Check, session: &SessionId, now: Micros) -> Used {
        let sessions = &self.tenant.sessions;
        let of_sessions = check.kind == LimitKind::ConcurrentSessions;
        match &check.dimension {
            Dimension::Key(key) if of_sessions => {
                seats(sessions, sessions.taken_by(*key), Some(session))
            }
            Dimension::User(_) if of_sessions => seats(sessions, sessions.taken(), Some(session)),
            Dimension::Key(key) => {
                self.tenant.key(*key).map_or_else(Used::default, |meter| meter.used(check, now))
            }
            Dimension::User(_) => self.tenant.user.used(check, now),
            shared => self
                .common
                .get(shared)
                .map_or_else(Used::default, |account| account.used(check, Some(session), now)),
        }
    }

    /// Lets a request in.
    pub fn open(&mut self, sides: &[Side<'_>], opening: &Opening<'_>) {
        for side in sides {
            let bound = log_bound(side);
            match &side.dimension {
                Dimension::Key(_) | Dimension::User(_) => {
                    if let Some(meter) = self.own(&side.dimension) {
                        meter.log_start(opening.now, bound);
                        meter.open(opening.hold);
                    }
                }
                shared => self.common.entry(shared.clone()).or_default().open(opening, bound),
            }
        }
        if let Some(session) = opening.session {
            self.tenant.sessions.enter(session, opening.key, opening.now);
        }
        self.tenant.begin();
    }

    /// Returns when the next seat comes back by itself: of the user's sessions, or of those in these
    /// groups and at these tags.
    #[must_use]
    pub fn next_rest(&self, shared: &[Dimension]) -> Option<Micros> {
        let accounts = shared.iter().filter_map(|dimension| self.common.get(dimension));
        let shared = accounts.filter_map(|account| account.seats.next_rest());
        shared.chain(self.tenant.sessions.next_rest()).min()
    }

    /// Holds more for a request.
    pub fn raise(&mut self, payers: &[Dimension], by: Load) {
        self.each(payers, |meter| meter.raise(by));
    }

    /// Counts a request as no longer running.
    pub fn leave(
        &mut self,
        payers: &[Dimension],
        session: Option<&SessionId>,
        now: Micros,
        grace: Duration,
    ) {
        for payer in payers {
            if let Some(meter) = self.own(payer) {
                meter.leave();
            } else if let Some(account) = self.common.get_mut(payer) {
                account.leave(session, now, grace);
            }
        }
        if let Some(session) = session {
            self.tenant.sessions.leave(session, now, grace);
        }
    }

    /// Gives back what a request held: its reservation is over.
    pub fn release(&mut self, payers: &[Dimension], hold: Load) {
        self.each(payers, |meter| meter.release(hold));
        self.tenant.finish();
    }

    /// Adds what a request came to, in the windows of its arrival. An unknown cost adds none. Returns
    /// the last cut among the payers: what is charged now has ended behind it.
    pub fn charge(
        &mut self,
        payers: &[Dimension],
        arrival: Micros,
        cost: Option<Nano>,
        tokens: u64,
    ) -> Micros {
        let mut last_cut = Micros(0);
        self.each(payers, |meter| {
            last_cut = last_cut.max(meter.counts_from());
            if let Some(cost) = cost {
                meter.charge(arrival, cost);
            }
            if tokens > 0 {
                meter.add_tokens(arrival, tokens);
            }
        });
        last_cut
    }

    /// Returns an owner's meter, if anything of it was ever counted.
    #[must_use]
    pub fn meter(&self, owner: &Dimension) -> Option<&Meter> {
        match owner {
            Dimension::Key(key) => self.tenant.key(*key),
            Dimension::User(_) => Some(&self.tenant.user),
            shared => self.common.get(shared).map(|account| &account.meter),
        }
    }

    /// Returns an owner's meter to change it.
    pub fn meter_mut(&mut self, owner: &Dimension) -> &mut Meter {
        match owner {
            Dimension::Key(key) => self.tenant.key_mut(*key),
            Dimension::User(_) => &mut self.tenant.user,
            shared => &mut self.common.entry(shared.clone()).or_default().meter,
        }
    }

    /// Returns the sessions of an owner with requests that run, and how many.
    #[must_use]
    pub fn open_sessions(&self, owner: &Dimension) -> Vec<(SessionId, u32)> {
        match owner {
            Dimension::Key(key) => self.tenant.sessions.running(Some(*key)),
            Dimension::User(_) => self.tenant.sessions.running(None),
            shared => {
                self.common.get(shared).map_or_else(Vec::new, |account| account.seats.running(None))
            }
        }
    }

    fn each(&mut self, payers: &[Dimension], mut work: impl FnMut(&mut Meter)) {
        for payer in payers {
            work(self.meter_mut(payer));
        }
    }

    /// Returns the meter of the user or of one of its keys.
    fn own(&mut self, dimension: &Dimension) -> Option<&mut Meter> {
        match dimension {
            Dimension::Key(key) => Some(self.tenant.key_mut(*key)),
            Dimension::User(_) => Some(&mut self.tenant.user),
            Dimension::Group(_) | Dimension::Tag(_) | Dimension::Provider(_) => None,
        }
    }
}

fn seats(sessions: &Sessions, taken: u32, session: Option<&SessionId>) -> Used {
    let seated = session.is_some_and(|session| sessions.is_taken(session));
    Used { settled: i64::from(taken), seated, ..Used::default() }
}

/// Returns how long a request log may get: as long as the limit counts, at least.
#[must_use]
pub fn log_bound(side: &Side<'_>) -> usize {
    let most = side.limits.rpm.and_then(|limit| usize::try_from(limit).ok());
    most.unwrap_or(LOG_BOUND).max(LOG_BOUND)
}
