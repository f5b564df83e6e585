//! Who would serve a request now, who would come next, and what stands in everybody else's way: the
//! choice, explained instead of made. Pure.

use std::collections::BTreeMap;

use crate::domain::catalogue::Catalogue;
use crate::domain::decision::Exclusion;
use crate::domain::ids::ProviderId;
use crate::domain::instant::Micros;
use crate::domain::provider::Provider;

use super::eligibility::{Condition, Health, Wanted, is_foreign, judge_all};

/// One thing in a provider's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// What it is.
    pub reason: Exclusion,
    /// When it ends by itself, if it does.
    pub until: Option<Micros>,
}

/// A provider that may serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The provider.
    pub provider: ProviderId,
    /// Its weight.
    pub weight: u32,
    /// Others go first until then, because a connection to it just failed.
    pub rests_until: Option<Micros>,
}

/// Providers that are drawn from together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rank {
    /// Their priority for this caller.
    pub priority: i64,
    /// The request is converted for them.
    pub converted: bool,
    /// Who they are, by rising id.
    pub candidates: Vec<Candidate>,
}

/// What a request would find.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    /// Who may serve: the first rank is drawn from now, each further one when those before it have
    /// failed. Ranks of those who speak another format than the client come behind those who do not,
    /// and ranks of those who rest behind all others, whatever their priority.
    pub ranks: Vec<Rank>,
    /// Who may not, and all that stands in the way.
    pub excluded: BTreeMap<ProviderId, Vec<Obstacle>>,
}

impl Forecast {
    /// Returns when the first provider that only has to wait may serve; `None` when waiting does not
    /// help, or somebody may serve now.
    #[must_use]
    pub fn next_at(&self) -> Option<Micros> {
        if !self.ranks.is_empty() {
            return None;
        }
        let last_obstacle = |obstacles: &Vec<Obstacle>| {
            let ends: Option<Vec<Micros>> = obstacles.iter().map(|one| one.until).collect();
            ends.and_then(|ends| ends.into_iter().max())
        };
        self.excluded.values().filter_map(last_obstacle).min()
    }
}

/// Looks ahead. `look` tells a provider's condition, as it does for a choice.
#[must_use]
pub fn forecast(
    wanted: &Wanted<'_>,
    catalogue: &Catalogue,
    look: impl Fn(&Provider) -> Condition,
) -> Forecast {
    let mut ranks: BTreeMap<(bool, bool, i64), Vec<Candidate>> = BTreeMap::new();
    let mut lacking = Vec::new();
    let mut excluded = BTreeMap::new();
    for provider in catalogue.providers.iter() {
        let condition = look(provider);
        let reasons = judge_all(wanted, provider, condition);
        if reasons.is_empty() {
            let rests_until = match condition.health {
                Health::Resting(until) => Some(until),
                _ => None,
            };
            let weight = provider.weight.get();
            let candidate = Candidate { provider: provider.id, weight, rests_until };
            let priority = provider.priority_for(&wanted.caller.groups);
            let converted = is_foreign(wanted, provider);
            let place = (rests_until.is_some(), converted, priority);
            match condition.lacks {
                Some(until) => lacking.push((place, candidate, until)),
                None => ranks.entry(place).or_default().push(candidate),
            }
            continue;
        }
        let lacks = condition.lacks.map(|_| Exclusion::LacksModel);
        let obstacle =
            |reason| Obstacle { reason, until: ends(reason, wanted, provider, condition) };
        let obstacles = reasons.into_iter().chain(lacks).map(obstacle);
        excluded.insert(provider.id, obstacles.collect());
    }
    // Who lacks the model is asked for it again when there is nobody else.
    let alone = ranks.is_empty();
    for ((_, converted, priority), candidate, until) in lacking {
        if alone {
            ranks.entry((false, converted, priority)).or_default().push(candidate);
        } else {
            let obstacle = Obstacle { reason: Exclusion::LacksModel, until: Some(until) };
            excluded.insert(candidate.provider, vec![obstacle]);
        }
    }
    let ranks = ranks.into_iter().map(|((_, converted, priority), mut candidates)| {
        candidates.sort_unstable_by_key(|candidate| candidate.provider);
        Rank { priority, converted, candidates }
    });
    Forecast { ranks: ranks.collect(), excluded }
}

/// Returns when an obstacle ends by itself.
fn ends(
    reason: Exclusion,
    wanted: &Wanted<'_>,
    provider: &Provider,
    condition: Condition,
) -> Option<Micros> {
    match (reason, condition.health) {
        (Exclusion::Schedule, _) => {
            provider.schedule.as_ref().and_then(|hours| hours.opens_at(wanted.now, wanted.zone))
        }
        (Exclusion::CircuitOpen, Health::Open(until))
        | (Exclusion::Cooling, Health::Cooling(until)) => Some(until),
        (Exclusion::SpendLimit | Exclusion::RateLimit, _) => {
            condition.over.and_then(|over| over.until)
        }
        (Exclusion::LacksModel, _) => condition.lacks,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use jiff::tz::TimeZone;

    use super::*;
    use crate::domain::dialect::{Dialect, Operation, ProviderKind};
    use crate::domain::routing::client::ClientFacts;
    use crate::domain::routing::schedule::Schedule;
    use crate::testing::{caller_of as caller, provider};

    const NOON: Micros = Micros(1_772_452_800_000_000);

    fn look_ahead(providers: Vec<Provider>, health: &[(i64, Health)]) -> Forecast {
        look_ahead_at(providers, |id| {
            let known = health.iter().find(|(one, _)| *one == id);
            let health = known.map_or(Health::Well, |(_, health)| *health);
            Condition { health, ..Condition::default() }
        })
    }

    fn look_ahead_at(providers: Vec<Provider>, condition: impl Fn(i64) -> Condition) -> Forecast {
        let providers: Vec<_> = providers.into_iter().map(Arc::new).collect();
        let catalogue = Catalogue { providers: providers.into(), ..Catalogue::default() };
        let wanted = Wanted {
            caller: &caller("a,night"),
            dialect: Dialect::Anthropic,
            operation: Operation::Generate,
            converts: true,
            model: Some("sonnet"),
            client: &ClientFacts::default(),
            tried: &[],
            now: NOON,
            zone: &TimeZone::UTC,
        };
        forecast(&wanted, &catalogue, |provider| condition(provider.id.0))
    }

    #[test]
    fn who_lacks_the_model_stands_behind_everybody_and_alone_is_asked_again() {
        let until = NOON.plus(Duration::from_mins(5));
        let lacks = Condition { lacks: Some(until), ..Condition::default() };
        let first_lacks = |id| if id == 1 { lacks } else { Condition::default() };
        let found = look_ahead_at([1, 2].map(provider).to_vec(), first_lacks);
        let wanted = [Obstacle { reason: Exclusion::LacksModel, until: Some(until) }];
        assert_eq!(found.excluded[&ProviderId(1)], wanted);
        assert_eq!(found.ranks.len(), 1);
        let mut providers = [1, 2].map(provider).to_vec();
        providers[1].enabled = false;
        let found = look_ahead_at(providers, |_| lacks);
        assert_eq!(found.ranks[0].candidates[0].provider, ProviderId(1));
        let reasons = found.excluded[&ProviderId(2)].iter().map(|one| one.reason);
        assert_eq!(reasons.collect::<Vec<_>>(), [Exclusion::Disabled, Exclusion::LacksModel]);
    }

    #[test]
    fn ranks_follow_the_priorities_of_the_caller_and_everybody_else_is_explained() {
        let mut providers = [1, 2, 3, 4].map(provider).to_vec();
        providers[0].priority = 2;
        providers[2].group_priorities = Arc::new([(Arc::from("night"), -1)].into());
        providers[3].enabled = false;
        providers[3].schedule = Schedule::new(Some(0), Some(60), None);
        let until = NOON.plus(Duration::from_secs(10));
        let found = look_ahead(providers, &[(2, Health::Resting(until))]);
        let ranks: Vec<(i64, Vec<i64>)> = found
            .ranks
            .iter()
            .map(|rank| (rank.priority, rank.candidates.iter().map(|one| one.provider.0).collect()))
            .collect();
        assert_eq!(ranks, [(-1, vec![3]), (2, vec![1]), (0, vec![2])], "who rests comes last");
        assert_eq!(found.ranks[2].candidates[0].rests_until, Some(until));
        let midnight = NOON.plus(Duration::from_hours(12));
        let wanted = [
            Obstacle { reason: Exclusion::Disabled, until: None },
            Obstacle { reason: Exclusion::Schedule, until: Some(midnight) },
        ];
        assert_eq!(found.excluded[&ProviderId(4)], wanted);
        assert_eq!(found.next_at(), None, "somebody serves now");
    }

    #[test]
    fn who_speaks_another_format_comes_behind_whoever_speaks_the_clients() {
        let mut providers = [1, 2, 3].map(provider).to_vec();
        providers[0].kind = ProviderKind::Gemini;
        providers[0].priority = -5;
        providers[1].priority = 7;
        let until = NOON.plus(Duration::from_secs(10));
        let found = look_ahead(providers, &[(3, Health::Resting(until))]);
        let ranks: Vec<(bool, i64)> = found
            .ranks
            .iter()
            .map(|rank| (rank.converted, rank.candidates[0].provider.0))
            .collect();
        assert_eq!(ranks, [(false, 2), (true, 1), (false, 3)]);
    }

    #[test]
    fn the_first_whose_obstacles_all_end_by_themselves_says_when() {
        let mut providers = [1, 2, 3].map(provider).to_vec();
        providers[0].schedule = Schedule::new(Some(13 * 60), Some(14 * 60), None);
        providers[2].enabled = false;
        let soon = NOON.plus(Duration::from_mins(5));
        let later = NOON.plus(Duration::from_hours(3));
        let found = look_ahead(providers, &[(1, Health::Open(soon)), (2, Health::Cooling(later))]);
        assert_eq!(found.next_at(), Some(NOON.plus(Duration::from_hours(1))));
        let mut off = provider(1);
        off.enabled = false;
        assert_eq!(look_ahead(vec![off], &[]).next_at(), None, "waiting does not help");
        assert_eq!(look_ahead(vec![], &[]), Forecast::default());
    }
}
