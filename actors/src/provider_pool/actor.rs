//! The shell: looks at breakers and leases, lets the pure choice decide, takes what it decided.

use actix::prelude::{Actor, Context, Handler, MessageResult};

use crate::domain::breaker::Gate;
use crate::domain::decision::{Decision, Exclusion, Method};
use crate::domain::dialect::Operation;
use crate::domain::provider::Provider;
use crate::domain::verdict::Want;
use crate::shared::breakers::{Look, ProbePermit};
use crate::shared::leases::{Lease, Need};

use super::choice::{self, Choice, Ground, NoneEligible};
use super::eligibility::{Condition, Health, Over, Wanted};
use super::messages::{Choose, Chosen, Observe, ProviderPoolView};
use super::outlook::Outlook;

/// Chooses providers for the requests of one worker. It never waits and does no I/O.
pub struct ProviderPool {
    outlook: Outlook,
    view: ProviderPoolView,
}

impl ProviderPool {
    /// Makes the pool of one worker.
    #[must_use]
    pub fn new(outlook: Outlook) -> Self {
        Self { outlook, view: ProviderPoolView::default() }
    }

    fn choose(&self, message: &Choose) -> Result<Chosen, NoneEligible> {
        let now = message.now;
        let zone = message.catalogue.settings.zone();
        let wanted = Wanted {
            caller: &message.caller,
            dialect: message.dialect,
            operation: message.operation,
            converts: message.converts,
            model: message.model.as_deref(),
            client: &message.client,
            tried: &message.tried,
            now,
            zone: &zone,
        };
        let ground = Ground {
            wanted,
            catalogue: &message.catalogue,
            bound: message.bound,
            vendor: message.vendor.as_deref(),
            seed: message.seed,
        };
        let need = Need {
            session: message.session.as_ref(),
            want: Want { load: message.load, counts: message.counts, now },
            zone: &message.catalogue.settings.time_zone,
        };
        // A provider without embeddings, or without a way to count tokens, may have the model.
        let model = wanted.model.filter(|_| message.operation == Operation::Generate);
        let look = |provider: &Provider| {
            let condition = self.outlook.condition(provider, &need, model, Look::ToAsk);
            let full = message.full.iter().find(|(full, _)| *full == provider.id);
            let health = match (condition.health, message.broken) {
                (Health::Well, Some((broken, until))) if broken == provider.id => {
                    Health::Resting(until)
                }
                (health, _) => health,
            };
            let over = full.map_or(condition.over, |(_, over)| Some(*over));
            Condition { health, over, ..condition }
        };
        let chosen = choice::choose(&ground, look, |provider| self.take(provider, &need));
        chosen.map(|choice| {
            let Choice { provider, taken: (lease, permit), decision, others } = choice;
            Chosen { provider, lease, permit, decision, others }
        })
    }

    /// Takes a place, then the permit if one is needed; another worker may have been quicker.
    fn take(
        &self,
        provider: &Provider,
        need: &Need<'_>,
    ) -> Result<(Lease, Option<ProbePermit>), Exclusion> {
        let lease = self.outlook.leases.take(provider, need);
        let lease = lease.map_err(|refusal| Over::of(&refusal).reason)?;
        match self.outlook.breakers.admit(provider.id, &provider.breaker, need.want.now) {
            Ok(permit) => Ok((lease, permit)),
            Err(Gate::Open { .. }) => Err(Exclusion::CircuitOpen),
            Err(Gate::Cooling { .. } | Gate::Resting { .. }) => Err(Exclusion::Cooling),
            Err(Gate::ProbesOut | Gate::Pass | Gate::Probe) => Err(Exclusion::ProbesOut),
        }
    }

    fn count(&mut self, chosen: &Result<Chosen, NoneEligible>) {
        let view = &mut self.view;
        let add = |count: &mut u64| *count = count.saturating_add(1);
        match chosen {
            Ok(Chosen { decision: Decision { method: Method::Sticky, .. }, .. }) => {
                add(&mut view.sticky);
            }
            Ok(_) => add(&mut view.drawn),
            Err(_) => add(&mut view.none),
        }
        if chosen.as_ref().is_ok_and(|chosen| chosen.permit.is_some()) {
            add(&mut view.probes);
        }
    }
}

impl Actor for ProviderPool {
    type Context = Context<Self>;
}

impl Handler<Choose> for ProviderPool {
    type Result = MessageResult<Choose>;

    fn handle(&mut self, message: Choose, _: &mut Self::Context) -> Self::Result {
        let chosen = self.choose(&message);
        self.count(&chosen);
        MessageResult(chosen)
    }
}

impl Handler<Observe> for ProviderPool {
    type Result = MessageResult<Observe>;

    fn handle(&mut self, _: Observe, _: &mut Self::Context) -> Self::Result {
        MessageResult(self.view)
    }
}
