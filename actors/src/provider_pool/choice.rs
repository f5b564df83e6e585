//! One choice from the question to the record: the session's provider if it may, else a draw. Pure
//! but for the two things it is given: how to look at a provider and how to take it.

use std::sync::Arc;

use crate::domain::catalogue::Catalogue;
use crate::domain::decision::{Decision, Exclusion};
use crate::domain::ids::ProviderId;
use crate::domain::instant::Micros;
use crate::domain::provider::Provider;

use super::eligibility::{Condition, Health, Wanted, is_foreign, judge};
use super::explain::{self, Excluded, Waiting};
use super::selection::{self, Tier};

/// Nobody can serve the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoneEligible {
    /// Every provider and why it was left out.
    pub decision: Decision,
    /// What those who fit, and were not asked yet, do meanwhile.
    pub waiting: Waiting,
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
    /// A vendor that goes first, whatever the tiers.
    pub vendor: Option<&'a str>,
    /// The seed of the draw.
    pub seed: u64,
}

/// A provider that was chosen and taken.
#[derive(Clone, Debug)]
pub struct Choice<T> {
    /// The provider.
    pub provider: Arc<Provider>,
    /// What was taken of it.
    pub taken: T,
    /// The record.
    pub decision: Decision,
    /// Somebody else could serve the request as well.
    pub others: bool,
}

/// Chooses. `look` tells a provider's condition; `take` acquires it, and may find that somebody else
/// was quicker: then the draw is made again without it.
pub fn choose<T>(
    ground: &Ground<'_>,
    look: impl Fn(&Provider) -> Condition,
    mut take: impl FnMut(&Arc<Provider>) -> Result<T, Exclusion>,
) -> Result<Choice<T>, NoneEligible> {
    let Ground { catalogue, seed, .. } = *ground;
    let mut lost = None;
    if let Some(bound) = eligible_bound(ground, &look) {
        match take(bound) {
            Ok(taken) => {
                let priority = bound.priority_for(&ground.wanted.caller.groups);
                let candidates = vec![(bound.id, bound.weight.get())];
                let tier = Tier { priority, candidates };
                let decision = Decision {
                    converted: is_foreign(&ground.wanted, bound),
                    ..explain::stay(seed, catalogue.version, tier)
                };
                let others = others_than(ground, bound.id, &look);
                return Ok(Choice { provider: Arc::clone(bound), taken, decision, others });
            }
            Err(reason) => lost = Some((bound.id, reason)),
        }
    }
    let mut field = survey(ground, &look);
    loop {
        if let Some((provider, reason)) = lost.take() {
            field.lose(provider, reason);
        }
        field.wake();
        let groups = &ground.wanted.caller.groups;
        let first = field.first(ground.vendor.or_else(|| field.beside_lacking(groups)));
        let tier = selection::best_tier(first, groups);
        let pick = tier.as_ref().and_then(|tier| selection::draw(seed, &tier.candidates));
        let picked = field.well.iter().copied().find(|provider| Some(provider.id) == pick);
        let Some(picked) = picked else { return Err(nobody(ground, field.excluded)) };
        match take(picked) {
            Ok(taken) => {
                let (provider, others) = (Arc::clone(picked), field.others());
                let decision = Decision {
                    converted: is_foreign(&ground.wanted, picked),
                    ..field.close().decide(seed, catalogue.version, tier, pick)
                };
                return Ok(Choice { provider, taken, decision, others });
            }
            Err(reason) => lost = Some((picked.id, reason)),
        }
    }
}

/// Returns the session's provider if it passes the same judgement as every other, others need not go
/// first, and sessions may be kept on it. One that is converted for keeps its sessions until somebody of
/// the client's own format is well: what is lost on the way weighs more than a cache.
fn eligible_bound<'a>(
    ground: &Ground<'a>,
    look: &impl Fn(&Provider) -> Condition,
) -> Option<&'a Arc<Provider>> {
    let bound = ground.bound?;
    let provider = ground.catalogue.providers.iter().find(|provider| provider.id == bound)?;
    if provider.never_sticky {
        return None;
    }
    let is_native = |one: &Arc<Provider>| !is_foreign(&ground.wanted, one);
    let others = || ground.catalogue.providers.iter().filter(|one| is_native(one));
    let may = is_well(ground, provider, look)
        && (is_native(provider) || !others().any(|one| is_well(ground, one, look)));
    may.then_some(provider)
}

/// Tells whether a provider may serve, and nobody needs to go before it.
fn is_well(
    ground: &Ground<'_>,
    provider: &Provider,
    look: &impl Fn(&Provider) -> Condition,
) -> bool {
    let mut waits = false;
    let reason = judge(&ground.wanted, provider, || {
        let condition = look(provider);
        waits = matches!(condition.health, Health::Resting(_)) || condition.lacks.is_some();
        condition
    });
    reason.is_none() && !waits
}

/// Tells whether anybody but one provider could serve; who lacks the model hardly can.
fn others_than(
    ground: &Ground<'_>,
    one: ProviderId,
    look: &impl Fn(&Provider) -> Condition,
) -> bool {
    let could = |provider: &Provider| {
        let mut lacks = false;
        let reason = judge(&ground.wanted, provider, || {
            let condition = look(provider);
            lacks = condition.lacks.is_some();
            condition
        });
        reason.is_none() && !lacks
    };
    ground.catalogue.providers.iter().any(|provider| provider.id != one && could(provider))
}

/// Everybody, judged.
struct Field<'a> {
    wanted: Wanted<'a>,
    /// They may serve.
    well: Vec<&'a Arc<Provider>>,
    /// They may serve when nobody else can.
    resting: Vec<(&'a Arc<Provider>, Micros)>,
    /// They said lately that they cannot; they are asked again when there is nobody else at all.
    lacking: Vec<(&'a Arc<Provider>, Micros)>,
    excluded: Excluded,
}

impl<'a> Field<'a> {
    fn new(wanted: Wanted<'a>) -> Self {
        let (well, resting, lacking) = (Vec::new(), Vec::new(), Vec::new());
        Self { wanted, well, resting, lacking, excluded: Excluded::default() }
    }

    /// When nobody is well, those who rest are drawn from, and when there is none of them either,
    /// those who lack the model.
    fn wake(&mut self) {
        if self.well.is_empty() {
            self.well = self.resting.drain(..).map(|(provider, _)| provider).collect();
        }
        if self.well.is_empty() {
            self.well = self.lacking.drain(..).map(|(provider, _)| provider).collect();
        }
    }

    /// Returns the vendor whose other accounts go first: who would be asked before everybody else
    /// lacks the model, and it would be their turn then. When two accounts of it do, it is the vendor
    /// that does.
    fn beside_lacking(&self, groups: &[Arc<str>]) -> Option<&'a str> {
        let place = |one: &Arc<Provider>| (is_foreign(&self.wanted, one), one.priority_for(groups));
        let best = self.well.iter().map(|one| place(one)).min()?;
        let lacking = || self.lacking.iter().map(|(one, _)| *one);
        let first = lacking().min_by_key(|one| (place(one), one.id))?;
        let of_vendor = lacking().filter(|one| one.vendor == first.vendor).count();
        (place(first) < best && of_vendor == 1).then(|| first.vendor.as_ref())
    }

    /// Returns those who are drawn from: providers of the client's own format where any of them is well,
    /// and of these the vendor's own where any of those is.
    fn first<'f>(&'f self, vendor: Option<&'f str>) -> impl Iterator<Item = &'f Provider> + Clone {
        let well = || self.well.iter().map(AsRef::as_ref);
        let is_native = |one: &Provider| !is_foreign(&self.wanted, one);
        let any_native = well().any(is_native);
        let fits = move |one: &&Provider| !any_native || is_native(one);
        let is_of = move |one: &Provider| vendor.is_some_and(|name| one.vendor.as_ref() == name);
        let narrows = well().filter(fits).any(is_of);
        well().filter(fits).filter(move |one| !narrows || is_of(one))
    }

    fn lose(&mut self, provider: ProviderId, reason: Exclusion) {
        self.well.retain(|one| one.id != provider);
        self.resting.retain(|(one, _)| one.id != provider);
        self.lacking.retain(|(one, _)| one.id != provider);
        self.excluded.add(provider, reason);
    }

    const fn others(&self) -> bool {
        self.well.len() + self.resting.len() > 1
    }

    /// Returns who was left out, those whom others went before among them.
    fn close(mut self) -> Excluded {
        for (provider, until) in self.resting {
            self.excluded.add(provider.id, Exclusion::Cooling);
            self.excluded.back(provider.id, until);
        }
        for (provider, until) in self.lacking {
            self.excluded.add(provider.id, Exclusion::LacksModel);
            self.excluded.back(provider.id, until);
        }
        self.excluded
    }
}

/// Judges every provider.
fn survey<'a>(ground: &Ground<'a>, look: &impl Fn(&Provider) -> Condition) -> Field<'a> {
    let mut field = Field::new(ground.wanted);
    for provider in ground.catalogue.providers.iter() {
        let mut seen = Condition::default();
        let look = || {
            seen = look(provider);
            seen
        };
        let reason = judge(&ground.wanted, provider, look);
        let Condition { health, over, lacks } = seen;
        match (reason, lacks, health) {
            (None, Some(until), _) => field.lacking.push((provider, until)),
            (None, None, Health::Resting(until)) => field.resting.push((provider, until)),
            (None, None, _) => field.well.push(provider),
            (Some(reason), _, _) => {
                let room = over.filter(|over| over.reason == reason).and_then(|over| over.until);
                if let Some(at) = room {
                    field.excluded.has_room(provider.id, at);
                }
                field.excluded.add(provider.id, reason);
            }
        }
        if let Health::Open(until) | Health::Cooling(until) = health {
            field.excluded.back(provider.id, until);
        }
    }
    field
}

fn nobody(ground: &Ground<'_>, excluded: Excluded) -> NoneEligible {
    let decision = excluded.decide(ground.seed, ground.catalogue.version, None, None);
    let waiting = Waiting::of(&decision, ground.wanted.tried, ground.wanted.now);
    NoneEligible { decision, waiting }
}
