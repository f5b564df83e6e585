//! Who was asked and why: decided by the relay's own rules, so that each row's decision can be
//! replayed like a real one.

use std::sync::Arc;

use jiff::tz::TimeZone;
use switchyard_actors::domain::caller::Caller;
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::decision::{ChainLink, Decision};
use switchyard_actors::domain::dialect::Operation;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::provider::Provider;
use switchyard_actors::domain::routing::client::ClientFacts;
use switchyard_actors::provider_pool::eligibility::{Condition, Wanted, judge};
use switchyard_actors::provider_pool::explain::{Excluded, stay};
use switchyard_actors::provider_pool::selection::{Tier, best_tier, draw};

use super::fate::{Fate, words};
use crate::demo::dice::Dice;
use crate::demo::tools::Tool;

/// Milliseconds a failing provider takes to say so.
const FAILING_MS: (u64, u64) = (120, 2_400);

/// Chooses providers for the requests of one conversation.
#[derive(Debug)]
pub struct Selector<'a> {
    /// Providers and prices.
    pub catalogue: &'a Catalogue,
    /// Who asks.
    pub caller: &'a Caller,
    /// With what.
    pub tool: Tool,
    client: ClientFacts,
    zone: TimeZone,
    bound: Option<ProviderId>,
}

/// The tries of one request.
#[derive(Debug)]
pub struct Tries<'a> {
    /// All of them; the last one has no time yet.
    pub chain: Vec<ChainLink>,
    /// Who was asked last.
    pub last: &'a Provider,
}

impl<'a> Selector<'a> {
    /// Makes one for a conversation that begins.
    #[must_use]
    pub fn new(catalogue: &'a Catalogue, caller: &'a Caller, tool: Tool) -> Self {
        let (client, zone) = (ClientFacts::default(), TimeZone::UTC);
        Self { catalogue, caller, tool, client, zone, bound: None }
    }

    /// Tries providers as the fate has it; `None` when nobody speaks the tool's dialect.
    pub fn tries(&mut self, fate: Fate, dice: &mut Dice) -> Option<Tries<'a>> {
        let (first, decision) = self.choose(&[], dice)?;
        let mut chain = Vec::new();
        let mut last = first;
        let mut decision = Some(decision);
        let failing = match fate {
            Fate::FailedOver(status) | Fate::Failed(status) => Some(status),
            _ => None,
        };
        if let Some(status) = failing {
            chain.push(failed(first, status, decision.take(), dice));
            if let Some((next, chosen)) = self.choose(&[first.id], dice) {
                (last, decision) = (next, Some(chosen));
            }
        }
        let started_ms = chain.last().map_or(0, |link| link.started_ms + link.took_ms);
        chain.push(ChainLink {
            provider: last.id,
            name: Arc::clone(&last.name),
            reason: Arc::from(fate.reason(chain.is_empty())),
            attempt: if failing.is_some() && last.id == first.id { 2 } else { 1 },
            endpoint: None,
            status: Some(fate.status()),
            inferred: false,
            error: fate.error().map(Arc::from),
            proxy_fault: None,
            rule: None,
            started_ms,
            took_ms: 0,
            decision,
        });
        self.bound = Some(last.id);
        Some(Tries { chain, last })
    }

    /// Stays with the conversation's provider, or draws one of the best that were not tried.
    fn choose(&self, tried: &[ProviderId], dice: &mut Dice) -> Option<(&'a Provider, Decision)> {
        let catalogue = self.catalogue;
        let mut excluded = Excluded::default();
        let mut eligible = Vec::new();
        for provider in catalogue.providers.iter() {
            match judge(&self.wanted(tried), provider, Condition::default) {
                Some(reason) => excluded.add(provider.id, reason),
                None => eligible.push(provider.as_ref()),
            }
        }
        let bound = eligible.iter().find(|provider| Some(provider.id) == self.bound);
        if let Some(bound) = bound {
            let candidates = vec![(bound.id, bound.weight.get())];
            let priority = bound.priority_for(&self.caller.groups);
            let tier = Tier { priority, candidates };
            return Some((*bound, stay(dice.any(), catalogue.version, tier)));
        }
        let (seed, tier) = (dice.any(), best_tier(eligible.iter().copied(), &self.caller.groups)?);
        let pick = draw(seed, &tier.candidates)?;
        let provider = eligible.into_iter().find(|provider| provider.id == pick)?;
        Some((provider, excluded.decide(seed, catalogue.version, Some(tier), Some(pick))))
    }

    fn wanted<'b>(&'b self, tried: &'b [ProviderId]) -> Wanted<'b> {
        Wanted {
            caller: self.caller,
            dialect: self.tool.dialect,
            operation: Operation::Generate,
            converts: false,
            model: Some(self.tool.model),
            client: &self.client,
            tried,
            // Nobody of the demonstration keeps hours.
            now: Micros(0),
            zone: &self.zone,
        }
    }
}

/// Makes the link of a try that failed.
fn failed(
    provider: &Provider,
    status: u16,
    decision: Option<Decision>,
    dice: &mut Dice,
) -> ChainLink {
    ChainLink {
        provider: provider.id,
        name: Arc::clone(&provider.name),
        reason: Arc::from("retry_failed"),
        attempt: 1,
        endpoint: None,
        status: Some(status),
        inferred: false,
        error: Some(Arc::from(words(status))),
        proxy_fault: None,
        rule: None,
        started_ms: 0,
        took_ms: dice.skewed(FAILING_MS.0, FAILING_MS.1),
        decision,
    }
}
