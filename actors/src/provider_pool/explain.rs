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
    back_at: Option<Micros>,
    room_at: BTreeMap<ProviderId, Micros>,
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
    pub fn back(&mut self, at: Micros) {
        self.back_at = Some(self.back_at.map_or(at, |earlier| earlier.min(at)));
    }

    /// Notes when a provider whose limit is reached has room again.
    pub fn has_room(&mut self, provider: ProviderId, at: Micros) {
        self.room_at.insert(provider, at);
    }

    /// Tells whether providers would serve, and all of them only pause.
    #[must_use]
    pub fn all_pause(&self) -> bool {
        self.any(&[Exclusion::CircuitOpen, Exclusion::ProbesOut, Exclusion::Cooling])
            && !self.any(&[
                Exclusion::ConcurrencyLimit,
                Exclusion::RateLimit,
                Exclusion::SpendLimit,
                Exclusion::Tried,
            ])
    }

    /// Tells whether all who only pause do so because their vendor asked for it.
    #[must_use]
    pub fn all_cool(&self) -> bool {
        self.all_pause() && !self.any(&[Exclusion::CircuitOpen, Exclusion::ProbesOut])
    }

    fn any(&self, reasons: &[Exclusion]) -> bool {
        reasons.iter().any(|one| self.reasons.contains_key(one))
    }

    /// Returns after how long the first one is back, when all that would serve only pause.
    #[must_use]
    pub fn retry_after(&self, now: Micros) -> Option<Duration> {
        self.back_at.filter(|_| self.all_pause()).map(|at| at.since(now))
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
        let room_at = self.room_at.into_iter().collect();
        Decision { seed, catalogue, pick, method, priority, tier, excluded, room_at }
    }
}

/// Makes the record of a session that stays where it is: a draw from that one provider.
#[must_use]
pub fn stay(seed: u64, catalogue: i64, tier: Tier) -> Decision {
    let pick = tier.candidates.first().map(|(provider, _)| *provider);
    let method = Method::Sticky;
    let Tier { priority, candidates } = tier;
    let priority = Some(priority);
    let (excluded, room_at) = (BTreeMap::new(), Vec::new());
    Decision { seed, catalogue, pick, method, priority, tier: candidates, excluded, room_at }
}

/// Makes the pick of a record again, from nothing but the record.
#[must_use]
pub fn replay(decision: &Decision) -> Option<ProviderId> {
    selection::draw(decision.seed, &decision.tier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_to_come_back_says_how_long_to_wait() {
        let now = Micros::from_millis(10_000);
        let mut excluded = Excluded::default();
        assert_eq!(excluded.retry_after(now), None);
        excluded.add(ProviderId(1), Exclusion::CircuitOpen);
        excluded.back(Micros::from_millis(40_000));
        excluded.add(ProviderId(2), Exclusion::Cooling);
        excluded.back(Micros::from_millis(12_500));
        excluded.add(ProviderId(3), Exclusion::Group);
        assert_eq!(excluded.retry_after(now), Some(Duration::from_millis(2_500)));
        excluded.add(ProviderId(4), Exclusion::Tried);
        assert_eq!(excluded.retry_after(now), None, "another one just failed");
    }
}
