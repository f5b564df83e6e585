//! The decision record: complete enough to make the same pick again, and to say why there is none.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::decision::{Decision, Exclusion, Method};
use crate::domain::ids::ProviderId;
use crate::domain::instant::Micros;

use super::selection::{self, Tier};

/// Who was left out and why, and when those who only pause are back.
#[derive(Clone, Debug, Default)]
pub struct Excluded {
    reasons: BTreeMap<Exclusion, Vec<ProviderId>>,
    back_at: BTreeMap<ProviderId, Micros>,
    room_at: BTreeMap<ProviderId, Micros>,
}

/// What those who fit a request, and were not asked for it, do meanwhile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// There are such providers: cooling, with an open breaker, or at a limit of theirs.
    pub somebody: bool,
    /// The vendor of one of them asked for a wait.
    pub cools: bool,
    /// One of them may be free any moment.
    pub any_moment: bool,
    /// After how long the first of them is back, of those whose time is known.
    pub first: Option<Duration>,
}

impl Waiting {
    /// Tells what those who were not asked yet do meanwhile, from the record of a selection. A failure
    /// says for itself what its provider's condition would say a second time.
    #[must_use]
    pub fn of(decision: &Decision, tried: &[ProviderId], now: Micros) -> Self {
        let mut waiting = Self::default();
        let kept = decision.excluded.iter().filter(|(reason, _)| reason.is_of_the_moment());
        for (reason, providers) in kept {
            for provider in providers.iter().filter(|provider| !tried.contains(provider)) {
                let back = decision.room_at.iter().find(|(one, _)| one == provider);
                waiting.add(*reason, back.map(|(_, at)| *at), now);
            }
        }
        waiting
    }

    fn add(&mut self, reason: Exclusion, back: Option<Micros>, now: Micros) {
        self.somebody = true;
        self.cools |= reason == Exclusion::Cooling;
        self.any_moment |= match (reason, back) {
            // A place or a probe is free as soon as another request ends, held tokens when it is
            // settled.
            (Exclusion::ConcurrencyLimit | Exclusion::ProbesOut, _)
            | (Exclusion::RateLimit, None) => true,
            (_, Some(at)) => at <= now,
            (_, None) => false,
        };
        self.first = self.first.into_iter().chain(back.map(|at| at.since(now))).min();
    }

    /// Returns after how long the first one is back, where vendors asked for a wait and nobody may be
    /// back any moment.
    #[must_use]
    pub fn cooling(self) -> Option<Duration> {
        self.shortest(None)
    }

    /// Returns the shortest of all waits: of those who were asked, `named` by their vendors, and of
    /// those who were not. `None` where no vendor named one, and where somebody may be free any moment.
    #[must_use]
    pub fn shortest(self, named: Option<Duration>) -> Option<Duration> {
        let is_named = named.is_some() || self.cools;
        named.into_iter().chain(self.first).min().filter(|_| is_named && !self.any_moment)
    }

    /// Says that somebody is free who was not asked.
    #[must_use]
    pub const fn beside_free(self) -> Self {
        Self { somebody: true, any_moment: true, ..self }
    }
}

impl Excluded {
    /// Notes one provider.
    pub fn add(&mut self, provider: ProviderId, reason: Exclusion) {
        let providers = self.reasons.entry(reason).or_default();
        // Sorted, so that the order of the catalogue leaves no trace in the record.
        if let Err(place) = providers.binary_search(&provider) {
            providers.insert(place, provider);
        }
    }

    /// Notes when somebody who pauses is back.
    pub fn back(&mut self, provider: ProviderId, at: Micros) {
        self.back_at.insert(provider, at);
    }

    /// Notes when a provider whose limit is reached has room again.
    pub fn has_room(&mut self, provider: ProviderId, at: Micros) {
        self.room_at.insert(provider, at);
    }

    /// Makes the record of a draw, or of there being nobody to draw.
    #[must_use]
    pub fn decide(
        self,
        seed: u64,
        catalogue: i64,
        tier: Option<Tier>,
        pick: Option<ProviderId>,
    ) -> Decision {
        let (priority, tier) = tier.map_or((None, Vec::new()), |tier| {
            let Tier { priority, candidates } = tier;
            (Some(priority), candidates)
        });
        let (method, excluded) = (Method::Draw, self.reasons);
        let mut back = self.room_at;
        back.extend(self.back_at);
        let room_at = back.into_iter().collect();
        let converted = false;
        Decision { seed, catalogue, pick, method, priority, tier, converted, excluded, room_at }
    }
}

/// Makes the record of a session that stays where it is: a draw from that one provider.
#[must_use]
pub fn stay(seed: u64, catalogue: i64, tier: Tier) -> Decision {
    let pick = tier.candidates.first().map(|(provider, _)| *provider);
    let method = Method::Sticky;
    let Tier { priority, candidates: tier } = tier;
    let priority = Some(priority);
    let (converted, excluded, room_at) = (false, BTreeMap::new(), Vec::new());
    Decision { seed, catalogue, pick, method, priority, tier, converted, excluded, room_at }
}

/// Makes the pick of a record again, from nothing but the record.
#[must_use]
pub fn replay(decision: &Decision) -> Option<ProviderId> {
    selection::draw(decision.seed, &decision.tier)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros::from_millis(10_000);

    /// Providers from 1 on: why they are left out, and after how many milliseconds they are back.
    fn excluded(all: &[(Exclusion, Option<i64>)]) -> Excluded {
        let mut excluded = Excluded::default();
        for (id, (reason, back)) in (1..).map(ProviderId).zip(all) {
            excluded.add(id, *reason);
            if let Some(millis) = back {
                excluded.back(id, Micros::from_millis(10_000 + millis));
            }
        }
        excluded
    }

    fn waiting(excluded: Excluded, tried: &[ProviderId]) -> Waiting {
        Waiting::of(&excluded.decide(1, 1, None, None), tried, NOW)
    }

    fn cooling(all: &[(Exclusion, Option<i64>)]) -> (bool, Option<u64>) {
        let waiting = waiting(excluded(all), &[]);
        let millis = |wait: Duration| u64::try_from(wait.as_millis()).unwrap();
        (waiting.somebody, waiting.cooling().map(millis))
    }

    #[test]
    fn the_first_to_come_back_says_how_long_to_wait() {
        let (open, cools) = (Exclusion::CircuitOpen, Exclusion::Cooling);
        assert_eq!(cooling(&[]), (false, None));
        assert_eq!(cooling(&[(Exclusion::Model, None)]), (false, None), "it never could");
        let others = (Exclusion::Group, None);
        assert_eq!(
            cooling(&[(open, Some(40_000)), (cools, Some(2_500)), others]),
            (true, Some(2_500))
        );
        assert_eq!(cooling(&[(open, Some(900)), (cools, Some(2_500))]), (true, Some(900)));
        assert_eq!(cooling(&[(open, Some(900))]), (true, None), "no vendor asked for a wait");
    }

    #[test]
    fn nothing_is_promised_while_somebody_may_be_back_any_moment() {
        for soon in [Exclusion::ConcurrencyLimit, Exclusion::ProbesOut] {
            let all = [(soon, None), (Exclusion::Cooling, Some(2_500))];
            assert_eq!(cooling(&all), (true, None), "{soon:?}");
        }
        let spent = [(Exclusion::SpendLimit, None), (Exclusion::Cooling, Some(2_500))];
        assert_eq!(cooling(&spent), (true, Some(2_500)), "a budget is not free any moment");
        let busy = |room| [(Exclusion::RateLimit, room), (Exclusion::Cooling, Some(2_500))];
        assert_eq!(cooling(&busy(None)), (true, None), "what is held may come back any moment");
        let mut excluded = excluded(&busy(None));
        excluded.has_room(ProviderId(1), Micros::from_millis(10_900));
        let first = waiting(excluded, &[]).cooling();
        assert_eq!(first, Some(Duration::from_millis(900)), "its minute is over first");
    }

    #[test]
    fn who_was_asked_speaks_by_its_failure_and_not_by_its_condition() {
        let all = [(Exclusion::Cooling, Some(2_500)), (Exclusion::Cooling, Some(7_000))];
        let first = [ProviderId(1)];
        let cooling = waiting(excluded(&all), &first).cooling();
        assert_eq!(cooling, Some(Duration::from_secs(7)));
        let both = [ProviderId(1), ProviderId(2)];
        assert_eq!(waiting(excluded(&all), &both), Waiting::default());
    }

    #[test]
    fn a_wait_that_was_named_is_shortened_by_whoever_is_back_before() {
        let named = Some(Duration::from_mins(5));
        let told = |reason, back| waiting(excluded(&[(reason, back)]), &[]).shortest(named);
        assert_eq!(told(Exclusion::CircuitOpen, Some(5_000)), Some(Duration::from_secs(5)));
        assert_eq!(told(Exclusion::CircuitOpen, Some(900_000)), named);
        assert_eq!(told(Exclusion::CircuitOpen, Some(0)), None, "it is back");
        assert_eq!(told(Exclusion::ConcurrencyLimit, None), None, "it may be free any moment");
        assert_eq!(told(Exclusion::SpendLimit, None), named);
        assert_eq!(told(Exclusion::LacksModel, Some(5_000)), named, "it is not for a moment");
        assert_eq!(Waiting::default().beside_free().shortest(named), None);
    }
}
