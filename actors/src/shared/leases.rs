//! The places of providers: what of them is in use, over all workers. A lease is one request's part
//! of it, held while the provider is asked.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::claim::{Claim, Claimed, Letting, Under};
use super::counters::Counters;
use crate::domain::check::{Check, Dimension, Side, checks};
use crate::domain::counters::{Account, Calendar, Opening, log_bound};
use crate::domain::ids::{KeyId, ProviderId, RequestId, SessionId};
use crate::domain::instant::Micros;
use crate::domain::limits::{Costs, Refusal};
use crate::domain::money::Nano;
use crate::domain::provider::Provider;
use crate::domain::sharing::Charge;
use crate::domain::verdict::{Strictness, Used, Want, judge};

/// The doors to the providers' counters. One per process, shared by all workers.
#[derive(Debug)]
pub struct Leases {
    counters: Arc<Counters>,
    calendar: Mutex<Calendar>,
    how: Strictness,
}

/// What a request needs of a provider.
#[derive(Clone, Copy, Debug)]
pub struct Need<'a> {
    /// The session.
    pub session: Option<&'a SessionId>,
    /// What the request may come to, and when it is asked.
    pub want: Want,
    /// The name of the zone of calendar windows.
    pub zone: &'a Arc<str>,
}

/// A place at a provider. Dropping it gives the place back.
#[derive(Debug)]
pub struct Lease {
    claim: Claim,
    provider: ProviderId,
}

impl Leases {
    /// Makes the doors. Limits of providers hold where others do, and as strictly.
    #[must_use]
    pub fn new(counters: Arc<Counters>, enforce: bool, strict: bool) -> Self {
        let how = Strictness { enforce, strict, seat_grace: Duration::ZERO, share: 1 };
        Self { counters, calendar: Mutex::default(), how }
    }

    /// Returns the limit that a provider has reached; nothing is taken.
    #[must_use]
    pub fn check(&self, provider: &Provider, need: &Need<'_>) -> Option<Refusal> {
        if provider.limits.is_unlimited() {
            return None;
        }
        let side = self.side(provider, need);
        let checks = checks(std::slice::from_ref(&side));
        self.strictly(&side.dimension, |how, own| {
            self.counters.common(|common| {
                let account = common.entry(side.dimension.clone()).or_default();
                account.free_rested(need.want.now);
                obstacle(&checks, account, need, (how, own))
            })
        })
    }

    /// Takes a place and holds what the request may come to.
    ///
    /// # Errors
    /// The limit that the provider has reached meanwhile.
    pub fn take(&self, provider: &Provider, need: &Need<'_>) -> Result<Lease, Refusal> {
        let side = self.side(provider, need);
        let checks = checks(std::slice::from_ref(&side));
        let opening = Opening {
            key: KeyId(0),
            session: need.session.filter(|_| need.want.counts),
            hold: need.want.load,
            now: need.want.now,
        };
        let (session, counts) = (opening.session, need.want.counts);
        let how = self.how(&side.dimension);
        let letting = Letting { limits: &checks, session, counts, how };
        let (_, asking) = letting.let_in(&self.counters, |unheard| {
            let own = unheard(&side.dimension);
            self.counters.common(|common| {
                let account = common.entry(side.dimension.clone()).or_default();
                account.free_rested(need.want.now);
                account.meter.roll(&side.borders);
                if let Some(refusal) = obstacle(&checks, account, need, (how, own)) {
                    return Err(refusal);
                }
                account.open(&opening, log_bound(&side));
                Ok(need.want.load)
            })
        })?;
        let under = Under {
            user: None,
            session: opening.session.cloned(),
            want: need.want,
            limits: checks,
            borders: vec![(side.dimension, side.borders)],
            how,
        };
        Ok(Lease { claim: Claim::new(&self.counters, under, asking), provider: provider.id })
    }

    /// Returns how many requests a provider has in flight.
    #[must_use]
    pub fn in_flight(&self, provider: ProviderId) -> u32 {
        let of = Dimension::Provider(provider);
        self.counters.common(|common| common.get(&of).map_or(0, |one| one.meter.in_flight()))
    }

    /// Returns the providers with requests in flight.
    #[must_use]
    pub fn view(&self) -> Vec<(ProviderId, u32)> {
        let mut view: Vec<_> = self.counters.common(|common| {
            let busy = common.iter().filter_map(|(dimension, account)| match dimension {
                Dimension::Provider(id) => Some((*id, account.meter.in_flight())),
                _ => None,
            });
            busy.filter(|(_, count)| *count > 0).collect()
        });
        view.sort_unstable();
        view
    }

    /// Looks how strictly limits are kept now. While nodes cannot ask each other, what a provider has
    /// spent here since then is looked up in the same step as what is done with it.
    fn strictly<R>(&self, of: &Dimension, work: impl FnOnce(Strictness, Nano) -> R) -> R {
        let how = self.how(of);
        match self.counters.outbox().filter(|_| how.share > 1) {
            Some(outbox) => outbox.change(|telling| work(how, telling.unheard(of))),
            None => work(how, Nano::ZERO),
        }
    }

    fn how(&self, of: &Dimension) -> Strictness {
        Strictness { share: self.counters.share([of]), ..self.how }
    }

    fn side<'a>(&self, provider: &'a Provider, need: &Need<'_>) -> Side<'a> {
        let limits = &provider.limits;
        let borders = self.calendar.lock().around(need.zone, limits, need.want.now);
        Side { dimension: Dimension::Provider(provider.id), limits, borders }
    }
}

impl Lease {
    /// Returns whose place it is.
    #[must_use]
    pub const fn provider(&self) -> ProviderId {
        self.provider
    }

    /// Raises the held money to at least `to`, without asking.
    pub fn raise(&mut self, to: Nano) {
        self.claim.raise(to, |by| self.account(|account| account.meter.raise(by)));
    }

    /// Charges the provider with what the request came to, at its arrival, in place of what was held.
    /// `now` is its end.
    pub fn charge(
        &mut self,
        (request, arrival, now): (RequestId, Micros, Micros),
        cost: Option<Costs>,
        tokens: u64,
    ) {
        let cost = cost.map(|costs| self.claim.counters().counted().of(costs));
        let charge = Charge {
            request: Some(request),
            user: None,
            owners: vec![Dimension::Provider(self.provider)],
            at: arrival,
            ended: now,
            booked: None,
            cost: cost.unwrap_or_default(),
            tokens,
        };
        self.claim.pay(charge, |hold| {
            self.account(|account| {
                account.meter.release(hold);
                if let Some(cost) = cost {
                    account.meter.charge(arrival, cost);
                }
                if tokens > 0 {
                    account.meter.add_tokens(arrival, tokens);
                }
                account.meter.counts_from()
            })
        });
    }

    fn account<R>(&self, work: impl FnOnce(&mut Account) -> R) -> R {
        let of = Dimension::Provider(self.provider);
        self.claim.counters().common(|common| work(common.entry(of).or_default()))
    }
}

impl Claimed for Lease {
    fn claim(&self) -> &Claim {
        &self.claim
    }

    fn claim_mut(&mut self) -> &mut Claim {
        &mut self.claim
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let (session, taken_at) = (self.claim.session(), self.claim.arrival());
        self.claim.leave(Duration::ZERO, || {
            self.account(|account| {
                account.leave(session, taken_at, Duration::ZERO);
                session.is_none_or(|session| account.rests(session))
            })
        });
        self.claim.release(|hold| self.account(|account| account.meter.release(hold)));
    }
}

/// Returns the limit in the way. `own` is the provider's money that no other node has heard of.
fn obstacle(
    checks: &[Check],
    account: &Account,
    need: &Need<'_>,
    (how, own): (Strictness, Nano),
) -> Option<Refusal> {
    let used =
        |check: &Check| Used { own: own.0, ..account.used(check, need.session, need.want.now) };
    judge(checks, used, &need.want, how)
}

#[cfg(test)]
#[path = "leases_tests.rs"]
mod tests;
