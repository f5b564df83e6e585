//! The guard of a request that was let in. Whatever happens to it, what it holds comes back.

use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;

use super::estimate::{estimate, taught};
use super::messages::{Ask, Reserve};
use super::waiting::Waiting;
use crate::domain::check::Dimension;
use crate::domain::counters::Load;
use crate::domain::ids::{KeyId, RequestId, SessionId, UserId};
use crate::domain::instant::Micros;
use crate::domain::limits::Costs;
use crate::domain::money::Nano;
use crate::domain::price::ModelPrice;
use crate::domain::sharing::Charge;
use crate::domain::usage::Usage;
use crate::shared::claim::{Claim, Claimed};
use crate::shared::counters::Counters;

/// A place that is held: money, tokens, a session's seat, a running request; of everybody whom the
/// request is charged to. Dropping it cancels: everything comes back, nothing is charged; only the
/// request log keeps the request.
#[derive(Debug)]
#[must_use = "dropping a reservation cancels it"]
pub struct Reservation {
    claim: Claim,
    user: UserId,
    key: KeyId,
    payers: Arc<[Dimension]>,
    session: SessionId,
    ask: Ask,
    request: RequestId,
    seated: bool,
    open: bool,
    waiting: Option<Arc<Waiting>>,
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
    pub(super) fn held(claim: Claim, reserve: &Reserve) -> Self {
        Self {
            user: reserve.caller.user,
            key: reserve.caller.key,
            payers: claim.owners().cloned().collect(),
            session: reserve.session.clone(),
            ask: reserve.ask.clone(),
            request: reserve.request,
            claim,
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

    /// Returns the money held.
    #[must_use]
    pub fn estimate(&self) -> Nano {
        self.claim.load().money
    }

    /// Returns all that is held.
    #[must_use]
    pub fn load(&self) -> Load {
        self.claim.load()
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
        let factor = self.counters().counted().factor(factor);
        let size = self.ask.size(factor);
        // What the key's former requests cost a byte holds for the price they were made at alone.
        let same = self.ask.price.as_ref().is_some_and(|asked| asked.id == price.id);
        // The usual case: nothing is dearer than what was asked with.
        if same && factor <= self.counters().counted().factor(self.ask.factor) {
            return;
        }
        let model = self.ask.model.as_deref().filter(|_| same);
        let to = self.counters().tenant(self.user, |tenant| {
            let lesson = model.and_then(|model| tenant.lesson(self.key, model));
            estimate(size, Some(price), lesson, self.claim.how().strict)
        });
        self.raise(to);
    }

    /// Raises the held money to at least `to`, without asking: failover to a dearer provider.
    pub fn raise(&self, to: Nano) {
        self.claim.raise(to, |by| {
            self.counters().books(self.user, |books| books.raise(&self.payers, by));
        });
    }

    /// Gives the session's seat back at once, without the grace (the client has left); the money
    /// stays held until the bill is known.
    pub fn release_seat(&mut self) {
        self.leave(self.claim.arrival(), Duration::ZERO);
    }

    /// Pays: gives the held money back and adds the true cost to every window of the arrival.
    /// Unknown usage adds nothing and is counted.
    pub fn settle(mut self, bill: Settle) {
        self.leave(bill.now, self.counters().lifetimes().seat_grace);
        self.open = false;
        if self.ask.counts && bill.usage.is_none() {
            self.counters().count_unmetered();
        }
        let cost = bill.cost.map(|costs| self.counters().counted().of(costs));
        if let Some(cost) = cost {
            self.counters().count_overshoot(cost.minus(self.estimate()));
        }
        let price = self.ask.price.as_deref();
        let usage = bill.usage.filter(|_| self.ask.counts);
        let lesson = usage.map(|usage| taught(&usage, price, bill.input_bytes));
        let tokens = usage.map_or(0, |usage| usage.total());
        let arrival = self.claim.arrival();
        let charge = Charge {
            request: Some(self.request),
            user: Some(self.user),
            owners: self.payers.to_vec(),
            at: arrival,
            ended: bill.now,
            booked: None,
            cost: cost.unwrap_or_default(),
            tokens,
        };
        self.claim.pay(charge, |hold| {
            self.counters().books(self.user, |books| {
                books.release(&self.payers, hold);
                if let (Some(lesson), Some(model)) = (&lesson, &self.ask.model) {
                    books.tenant.teach(self.key, model, lesson);
                }
                books.charge(&self.payers, arrival, cost, tokens)
            })
        });
    }

    fn leave(&mut self, now: Micros, grace: Duration) {
        if std::mem::take(&mut self.seated) {
            self.claim.leave(grace, || {
                self.counters().books(self.user, |books| {
                    books.leave(&self.payers, self.claim.session(), now, grace);
                    books.tenant.sessions.open(&self.session) == 0
                })
            });
            if let Some(waiting) = &self.waiting {
                waiting.serve();
            }
        }
    }

    fn counters(&self) -> &Arc<Counters> {
        self.claim.counters()
    }
}

impl Claimed for Reservation {
    fn claim(&self) -> &Claim {
        &self.claim
    }

    fn claim_mut(&mut self) -> &mut Claim {
        &mut self.claim
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if !self.open {
            return;
        }
        self.release_seat();
        self.claim.release(|hold| {
            self.counters().books(self.user, |books| books.release(&self.payers, hold));
        });
    }
}
