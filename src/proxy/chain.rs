//! The chain of a flight: each provider that was tried or passed over, as the row tells it.

use std::sync::Arc;

use switchyard_actors::domain::decision::{ChainLink, REFUSED_HERE};
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::routing::fallback;

use super::address;
use super::failure::AttemptFailure;
use super::flight::Flight;

impl Flight {
    /// Notes that a try failed before the client saw anything of it.
    pub fn note_failure(&mut self, failure: &AttemptFailure) {
        let link = self.link(failure.reason(), failure.status, failure.told());
        let provider = link.as_ref().map(|link| link.provider);
        self.tries.extend(provider.map(|provider| (provider, failure.outcome)));
        self.refusing.extend(provider.filter(|_| failure.refuses_who_asks()));
        let rule = failure.rule.as_ref().map(|rule| Arc::new(rule.link()));
        let inferred = failure.inferred;
        if let Some(attempt) = &mut self.attempt {
            (attempt.sent, attempt.failed) = (false, Some(Box::new(failure.clone())));
        }
        self.chain.extend(link.map(|link| ChainLink { inferred, rule, ..link }));
    }

    /// Makes the chain's link for the present try.
    pub(super) fn link(
        &mut self,
        reason: &'static str,
        status: Option<u16>,
        error: Option<Arc<str>>,
    ) -> Option<ChainLink> {
        let came = self.arrival.started;
        let attempt = self.attempt.as_mut()?;
        let millis = |span: std::time::Duration| u64::try_from(span.as_millis()).unwrap_or(0);
        Some(ChainLink {
            provider: attempt.provider.id,
            name: Arc::clone(&attempt.provider.name),
            reason: Arc::from(reason),
            attempt: attempt.number,
            endpoint: address::named(&attempt.provider, attempt.address.place),
            status,
            inferred: false,
            error,
            proxy_fault: attempt.proxy_fault.clone(),
            rule: None,
            started_ms: millis(attempt.started.duration_since(came)),
            took_ms: millis(attempt.started.elapsed()),
            decision: attempt.decision.take(),
        })
    }

    /// Notes that the present provider hears nothing of what was to be its next try.
    pub(super) fn note_untried(&mut self, reason: &'static str, why: &str) {
        let link = self.link(reason, None, Some(Arc::from(why)));
        self.chain.extend(link);
    }

    /// Tells whether we have refused the last try ourselves.
    pub(super) fn is_refused_here(&self) -> bool {
        self.chain.last().is_some_and(|link| *link.reason == *REFUSED_HERE)
    }

    /// Lets another model stand in: providers that failed with the one before may be asked again.
    pub fn stand_in_with(&mut self, model: Arc<str>) {
        self.links_before = self.chain.len();
        self.links_of_asked.get_or_insert(self.chain.len());
        self.stand_in = Some(model);
    }

    /// Notes which model stood in, once one has.
    pub fn note_stand_in(&mut self) {
        let note = self.stand_in.as_deref().map(fallback::note);
        self.notes.extend(note.map(Arc::from));
    }

    /// Returns the tries with the model asked for: those of models that stood in tell nothing of it.
    #[must_use]
    pub fn chain_of_asked(&self) -> &[ChainLink] {
        let count = self.links_of_asked.unwrap_or(self.chain.len());
        self.chain.get(..count).unwrap_or(&self.chain)
    }

    /// Returns the providers that were asked already, for the model that is served.
    #[must_use]
    pub fn tried(&self) -> Vec<ProviderId> {
        let links = self.chain.iter().skip(self.links_before);
        let mut tried: Vec<ProviderId> = links.map(|link| link.provider).collect();
        tried.dedup();
        tried
    }
}
