//! The guard of a request that was let in. Whatever happens to it, what it holds comes back.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;

use super::estimate::{Size, estimate, taught};
use super::messages::{Ask, Reserve};
use super::waiting::Waiting;
use crate::domain::check::{Check, Dimension};
use crate::domain::counters::{Borders, Load};
use crate::domain::ids::{KeyId, RequestId, SessionId, UserId};
use crate::domain::instant::Micros;
use crate::domain::limits::Costs;
use crate::domain::money::Nano;
use crate::domain::price::ModelPrice;
use crate::domain::sharing::{
    Charge, Happened, Horizon, Movement, SharedAsk, WindowSums, kept_in_common,
};
use crate::domain::usage::Usage;
use crate::domain::verdict::{Strictness, Want};
use crate::shared::counters::Counters;

/// A place that is held: money, tokens, a session's seat, a running request; of everybody whom the
/// request is charged to. Dropping it cancels: everything
/// comes back, nothing is charged; only the request log keeps the request.
#[derive(Debug)]
#[must_use = "dropping a reservation cancels it"]
pub struct Reservation {
    counters: Arc<Counters>,
    user: UserId,
    key: KeyId,
    payers: Arc<[Dimension]>,
    session: SessionId,
    ask: Ask,
    arrival: Micros,
    request: RequestId,
    /// Every limit that holds for it, with the windows of those who have one.
    limits: Vec<Check>,
    borders: Vec<(Dimension, Borders)>,
    how: Strictness,
    hold: Cell<Load>,
    /// Those of whom the common counter holds it as well.
    common: Option<Arc<[Dimension]>>,
    seated: bool,
    open: bool,
    waiting: Option<Arc<Waiting>>,
}

/// What a reservation is under, besides what is asked.
pub(super) struct Under {
    pub limits: Vec<Check>,
    pub borders: Vec<(Dimension, Borders)>,
    pub how: Strictness,
}

/// The bill of a request.
#[derive(Clone, Copy, Debug)]
pub struct Settle {
    /// What it cost; `None` when usage or price is unknown.
    pub cost: Option<Costs>,
    /// What it used; `None` when that is unknown.
    pub usage: Option<Usage>,
    /// Bytes of the body that was sent.
    pub input_bytes: u64,
    /// The end.
    pub now: Micros,
}

impl Reservation {
    /// Makes the guard of what was just held.
    pub(super) fn held(
        counters: &Arc<Counters>,
        reserve: &Reserve,
        under: Under,
        hold: Load,
    ) -> Self {
        let Under { mut limits, borders, how } = under;
        limits.retain(|check| reserve.ask.counts || !check.kind.is_spent());
        let payers = borders.iter().map(|(owner, _)| owner.clone()).collect();
        Self {
            counters: Arc::clone(counters),
            user: reserve.caller.user,
            key: reserve.caller.key,
            payers,
            session: reserve.session.clone(),
            ask: reserve.ask.clone(),
            arrival: reserve.now,
            request: reserve.request,
            limits,
            borders,
            how,
            hold: Cell::new(hold),
            common: None,
            seated: true,
            open: true,
            waiting: None,
        }
    }

    /// Hands the place on to those who wait for one, once it is given back.
    pub(super) fn handing_on(mut self, waiting: &Arc<Waiting>) -> Self {
        self.waiting = Some(Arc::clone(waiting));
        self
    }

    /// Returns the limits that hold for it.
    #[must_use]
    pub fn limits(&self) -> &[Check] {
        &self.limits
    }

    /// Returns the user.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// Returns how strictly it was judged.
    #[must_use]
    pub const fn how(&self) -> Strictness {
        self.how
    }

    /// Returns what it wants.
    #[must_use]
    pub fn want(&self) -> Want {
        Want { load: self.hold.get(), counts: self.ask.counts, now: self.arrival }
    }

    /// Returns what the common counter is asked.
    #[must_use]
    pub fn shared_ask(&self) -> SharedAsk {
        SharedAsk {
            checks: self.limits.clone(),
            load: self.hold.get(),
            session: self.session.clone(),
            strict: self.how.strict,
        }
    }

    /// Returns the windows of one of its owners, as this node knows them, and up to where.
    #[must_use]
    pub fn sums(&self, owner: &Dimension) -> Option<(WindowSums, Horizon)> {
        let (_, borders) = self.borders.iter().find(|(known, _)| known == owner)?;
        Some(self.counters.sums(self.user, owner, borders))
    }

    /// Notes that the common counter holds it as well, of those whose limits it keeps: it hears of each
    /// change. Returns them.
    pub fn is_common(&mut self) -> Arc<[Dimension]> {
        let owners: Arc<[Dimension]> = Arc::from(kept_in_common(&self.limits));
        self.common = Some(Arc::clone(&owners));
        owners
    }

    /// Takes it back as if it had never been let in.
    pub fn withdraw(self) {
        self.counters.unlog(self.user, &self.payers, self.arrival);
    }

    /// Returns the money held.
    #[must_use]
    pub fn estimate(&self) -> Nano {
        self.hold.get().money
    }

    /// Returns all that is held.
    #[must_use]
    pub fn load(&self) -> Load {
        self.hold.get()
    }

    /// Tells whether the request costs something and has a seat.
    #[must_use]
    pub const fn counts(&self) -> bool {
        self.ask.counts
    }

    /// Raises the held money to what the request may cost at another price and factor, without
    /// asking: a dearer provider, or a redirect to a dearer model that is billed as such (D4).
    pub fn raise_for(&self, price: &ModelPrice, factor: Decimal) {
        if !self.ask.counts {
            return;
        }
        let Ask { body_bytes, max_output, .. } = self.ask;
        let factor = self.counters.counted().factor(factor);
        let size = Size { body_bytes, max_output, factor };
        // What the key's former requests cost a byte holds for the price they were made at alone.
        let same = self.ask.price.as_ref().is_some_and(|asked| asked.id == price.id);
        // The usual case: nothing is dearer than what was asked with.
        if same && factor <= self.counters.counted().factor(self.ask.factor) {
            return;
        }
        let model = self.ask.model.as_deref().filter(|_| same);
        let to = self.counters.tenant(self.user, |tenant| {
            let lesson = model.and_then(|model| tenant.lesson(self.key, model));
            estimate(size, Some(price), lesson, self.how.strict)
        });
        self.raise(to);
    }

    /// Raises the held money to at least `to`, without asking: failover to a dearer provider.
    pub fn raise(&self, to: Nano) {
        let hold = self.hold.get();
        let by = to.minus(hold.money);
        if by > Nano::ZERO {
            self.hold.set(Load { money: to, ..hold });
            let raise = || {
                self.counters
                    .books(self.user, |books| books.raise(&self.payers, Load::of_money(by)));
            };
            self.moving(raise, |()| Movement { money: by.0, ..Movement::default() });
        }
    }

    /// Gives the session's seat back at once, without the grace (the client has left); the money
    /// stays held until the bill is known.
    pub fn release_seat(&mut self) {
        self.leave(self.arrival, Duration::ZERO);
    }

    /// Pays: gives the held money back and adds the true cost to every window of the arrival.
    /// Unknown usage adds nothing and is counted.
    pub fn settle(mut self, bill: Settle) {
        self.leave(bill.now, self.counters.lifetimes().seat_grace);
        self.open = false;
        let hold = self.hold.get();
        if self.ask.counts && bill.usage.is_none() {
            self.counters.count_unmetered();
        }
        let cost = bill.cost.map(|costs| self.counters.counted().of(costs));
        if let Some(cost) = cost {
            self.counters.count_overshoot(cost.minus(hold.money));
        }
        let price = self.ask.price.as_deref();
        let usage = bill.usage.filter(|_| self.ask.counts);
        let lesson = usage.map(|usage| taught(&usage, price, bill.input_bytes));
        let tokens = usage.map_or(0, |usage| usage.total());
        let pay = || {
            self.counters.books(self.user, |books| {
                books.release(&self.payers, hold);
                books.charge(&self.payers, self.arrival, cost, tokens);
                if let (Some(lesson), Some(model)) = (&lesson, &self.ask.model) {
                    books.tenant.teach(self.key, model, lesson);
                }
            });
        };
        let charge = Charge {
            request: Some(self.request),
            user: Some(self.user),
            owners: self.payers.to_vec(),
            at: self.arrival,
            cost: cost.unwrap_or_default(),
            tokens,
        };
        self.counters.telling(pay, |()| {
            let freed = self.common.clone();
            let freed = freed.map(|owners| Happened::Moved(Movement { owners, ..freed_of(hold) }));
            let charged = charge.is_something().then_some(Happened::Charged(charge));
            [charged, freed].into_iter().flatten()
        });
    }

    /// Changes counters, and tells the common counter the difference when it holds this as well.
    fn moving<R>(&self, change: impl FnOnce() -> R, by: impl FnOnce(&R) -> Movement) -> R {
        self.counters.telling(change, |done| {
            let owners = self.common.clone();
            owners.map(|owners| Happened::Moved(Movement { owners, ..by(done) }))
        })
    }

    fn leave(&mut self, now: Micros, grace: Duration) {
        if std::mem::take(&mut self.seated) {
            let session = Some(&self.session).filter(|_| self.ask.counts);
            let leave = || {
                self.counters.books(self.user, |books| {
                    books.leave(&self.payers, session, now, grace);
                    books.tenant.sessions.open(&self.session) == 0
                })
            };
            self.moving(leave, |rests| Movement {
                running: -1,
                leaves: session.filter(|_| *rests).map(|session| (session.clone(), grace)),
                ..Movement::default()
            });
            if let Some(waiting) = &self.waiting {
                waiting.serve();
            }
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if !self.open {
            return;
        }
        self.release_seat();
        let hold = self.hold.get();
        let release = || self.counters.books(self.user, |books| books.release(&self.payers, hold));
        self.moving(release, |()| freed_of(hold));
    }
}

/// The difference that giving money and tokens back makes.
fn freed_of(hold: Load) -> Movement {
    Movement {
        money: -hold.money.0,
        tokens: -i64::try_from(hold.tokens).unwrap_or(i64::MAX),
        ..Movement::default()
    }
}
