//! One choice from the question to the record: the session's provider if it may, else a draw. Pure
//! but for the two things it is given: how to look at a provider and how to take it.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::catalogue::Catalogue;
use crate::domain::decision::{Decision, Exclusion};
use crate::domain::ids::ProviderId;
use crate::domain::instant::Micros;
use crate::domain::provider::Provider;

use super::eligibility::{Condition, Health, Wanted, judge};
use super::explain::{self, Excluded};
use super::selection::{self, Tier};

/// Nobody can serve the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoneEligible {
    /// Every provider and why it was left out.
    pub decision: Decision,
    /// When the first one is back, if all that would serve only pause.
    pub retry_after: Option<Duration>,
    /// All that would serve only pause.
    pub all_cooling: bool,
}

/// What a choice is made on.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// What is looked for.
    pub wanted: Wanted<'a>,
    /// The providers.
    pub catalogue: &'a Catalogue,
    /// The session's provider.
    pub bound: Option<ProviderId>,
    /// The seed of the draw.
    pub seed: u64,
    /// The present.
    pub now: Micros,
}

/// Chooses. `look` tells a provider's condition; `take` acquires it, and may find that somebody else
/// was quicker: then the draw is made again without it.
pub fn choose<T>(
    ground: &Ground<'_>,
    look: impl Fn(&Provider) -> Condition,
    mut take: impl FnMut(&Arc<Provider>) -> Result<T, Exclusion>,
) -> Result<(Arc<Provider>, T, Decision), NoneEligible> {
    let Ground { catalogue, seed, .. } = *ground;
    let mut excluded = Excluded::default();
    let mut lost = None;
    if let Some(bound) = eligible_bound(ground, &look) {
        match take(bound) {
            Ok(taken) => {
                let tier = selection::best_tier(std::iter::once(bound.as_ref()));
                let tier = tier.unwrap_or(Tier { priority: bound.priority, candidates: vec![] });
                let decision = explain::stay(seed, catalogue.version, tier);
                return Ok((Arc::clone(bound), taken, decision));
            }
            Err(reason) => lost = Some((bound.id, reason)),
        }
    }
    let mut eligible = survey(ground, &look, &mut excluded);
    loop {
        if let Some((provider, reason)) = lost.take() {
            eligible.retain(|one| one.id != provider);
            excluded.add(provider, reason);
        }
        let tier = selection::best_tier(eligible.iter().map(AsRef::as_ref));
        let pick = tier.as_ref().and_then(|tier| selection::draw(seed, &tier.candidates));
        let Some(picked) = eligible.iter().find(|provider| Some(provider.id) == pick) else {
            return Err(nobody(ground, excluded));
        };
        match take(picked) {
            Ok(taken) => {
                let decision = excluded.decide(seed, catalogue.version, tier, pick);
                return Ok((Arc::clone(picked), taken, decision));
            }
            Err(reason) => lost = Some((picked.id, reason)),
        }
    }
}

/// Returns the session's provider if it passes the same judgement as every other.
fn eligible_bound<'a>(
    ground: &Ground<'a>,
    look: &impl Fn(&Provider) -> Condition,
) -> Option<&'a Arc<Provider>> {
    let bound = ground.bound?;
    let provider = ground.catalogue.providers.iter().find(|provider| provider.id == bound)?;
    judge(&ground.wanted, provider, || look(provider)).is_none().then_some(provider)
}

/// Judges every provider.
fn survey<'a>(
    ground: &Ground<'a>,
    look: &impl Fn(&Provider) -> Condition,
    excluded: &mut Excluded,
) -> Vec<&'a Arc<Provider>> {
    let mut eligible = Vec::new();
    for provider in ground.catalogue.providers.iter() {
        let mut back = None;
        let look = || {
            let condition = look(provider);
            if let Health::Open(until) | Health::Cooling(until) = condition.health {
                back = Some(until);
            }
            condition
        };
        match judge(&ground.wanted, provider, look) {
            None => eligible.push(provider),
            Some(reason) => excluded.add(provider.id, reason),
        }
        if let Some(until) = back {
            excluded.back(until);
        }
    }
    eligible
}

fn nobody(ground: &Ground<'_>, excluded: Excluded) -> NoneEligible {
    NoneEligible {
        retry_after: excluded.retry_after(ground.now),
        all_cooling: excluded.all_pause(),
        decision: excluded.decide(ground.seed, ground.catalogue.version, None, None),
    }
}
