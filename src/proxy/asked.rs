//! What the tries of a request with one model came to, and what its client hears of them.

use std::sync::Arc;

use switchyard_actors::domain::outcome::TryOutcome;
use switchyard_actors::provider_pool::Waiting;

use super::exhausted::{self, Exhausted};
use super::failure::{AttemptFailure, Failure};
use super::flight::Flight;
use super::select::NobodyLeft;
use crate::wire::convert::Refused;

/// The providers that were asked and failed.
#[derive(Default)]
pub(super) struct Asked {
    /// The last failure of each, in their order.
    failures: Vec<AttemptFailure>,
    /// Vendors one of whose accounts was at fault.
    blamed: Vec<Arc<str>>,
    /// Why the first one that could not be asked at all could not.
    unfit: Option<Refused>,
}

impl Asked {
    /// Counts the providers asked so far, the present one included.
    pub(super) fn providers(&self) -> u32 {
        u32::try_from(self.failures.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// Where an account was at fault, not the host, another one of the same vendor is next; but when
    /// a second one says the same, it is the vendor after all.
    pub(super) fn vendor_to_ask_again(
        &mut self,
        flight: &Flight,
        failure: &AttemptFailure,
    ) -> Option<Arc<str>> {
        let vendor = &flight.attempt.as_ref().filter(|_| failure.blames_account())?.provider.vendor;
        if self.blamed.contains(vendor) {
            return None;
        }
        self.blamed.push(Arc::clone(vendor));
        Some(Arc::clone(vendor))
    }

    /// Everybody who may be asked was asked. When none of them has the model, but somebody who has it
    /// may not be asked just now, it is not missing.
    pub(super) fn nobody_left(&self, none: NobodyLeft) -> Failure {
        let lacks = |failure: &AttemptFailure| failure.outcome == TryOutcome::NotFound;
        if none.waiting.somebody && self.failures.iter().all(lacks) {
            return none.into();
        }
        if let (Some(refused), true) = (&self.unfit, self.failures.is_empty()) {
            return Failure::Unfit(refused.clone());
        }
        self.told(none.waiting, |sum| sum)
    }

    /// Leaves the present provider, which has failed.
    pub(super) fn leave(&mut self, flight: &mut Flight, failure: AttemptFailure) {
        flight.leave_provider(failure.outcome, Some(&failure));
        self.failures.push(failure);
    }

    /// The present provider cannot be asked, perhaps not again.
    pub(super) fn passed_over(&mut self, flight: &mut Flight, refused: Refused) {
        self.failures.extend(flight.leave_untried());
        self.unfit.get_or_insert(refused);
    }

    /// We refuse a try. When that is for want of room, its client hears of those that were made, if there
    /// are any.
    pub(super) fn refused(&mut self, flight: &mut Flight, refusal: Failure) -> Failure {
        let others = not_asked(flight);
        let here = flight.leave_untried();
        self.failures.extend(here.clone());
        if self.failures.is_empty() || !matches!(refusal, Failure::Shed(_)) {
            return refusal;
        }
        refusal.count(&flight.worker.shared.metrics);
        // Who was to be asked for the first time could have served it.
        let others = if here.is_some() { others } else { others.beside_free() };
        self.stopped(others)
    }

    /// The present provider has failed, and nobody else is asked: the failure is the client's own fault beyond
    /// doubt, or there is no time or no switch left.
    pub(super) fn end_with(&mut self, flight: &mut Flight, failure: AttemptFailure) -> Failure {
        let others = not_asked(flight);
        let is_certain =
            failure.outcome == TryOutcome::ClientFault && !may_suit_others(flight, &failure);
        let told = is_certain.then(|| Failure::ClientFault(failure.clone()));
        self.leave(flight, failure);
        told.unwrap_or_else(|| self.stopped(others))
    }

    /// There is no time, no switch or no room left for those who were not asked.
    fn stopped(&self, others: Waiting) -> Failure {
        self.told(others, |sum| if others.somebody { sum.beside_others() } else { sum })
    }

    /// Says what the failures come to. Those of mended bodies and of doubtful refusals are the client's: it hears
    /// of them when nobody failed in another way, or the others do not have the model, which says nothing of the fault.
    fn told(&self, others: Waiting, more: impl FnOnce(Exhausted) -> Exhausted) -> Failure {
        let is_clients = |failure: &&AttemptFailure| failure.outcome == TryOutcome::ClientFault;
        let rest: Vec<_> = self.failures.iter().filter(|it| !is_clients(it)).cloned().collect();
        let clients = self.failures.iter().rfind(is_clients);
        let lacks = |failure: &AttemptFailure| failure.outcome == TryOutcome::NotFound;
        match (exhausted::add_up(&rest, others), clients) {
            (None, Some(last)) => Failure::ClientFault(last.clone()),
            (Some(_), Some(last)) if rest.iter().all(lacks) => Failure::ClientFault(last.clone()),
            (Some(sum), _) => Failure::Exhausted(Box::new(more(sum))),
            (None, None) => Failure::Internal,
        }
    }
}

/// Tells whether a request that the present provider has refused may suit another one: what was refused is the
/// mended body, or whether the request is at fault is open.
pub(super) fn may_suit_others(flight: &Flight, failure: &AttemptFailure) -> bool {
    let is_mended = flight.attempt.as_ref().is_some_and(|attempt| attempt.mended.is_some());
    is_mended || failure.doubt.is_some()
}

/// Tells what those do who were not asked and may have the model: who could serve as well when the
/// present provider was chosen, or was kept away by more than what was set.
fn not_asked(flight: &Flight) -> Waiting {
    let now = flight.worker.shared.clock.now();
    let mut decisions = flight.chain.iter().rev().filter_map(|link| link.decision.as_ref());
    let last = decisions.next().map(|decision| Waiting::of(decision, &flight.tried(), now));
    let waiting = last.unwrap_or_default();
    let others = flight.attempt.as_ref().is_some_and(|attempt| attempt.others);
    if others { waiting.beside_free() } else { waiting }
}
