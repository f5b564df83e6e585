//! Who of the eligible ones serves: the best tier, then a weighted draw. Pure and repeatable.

use std::sync::Arc;

use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::domain::ids::ProviderId;
use crate::domain::provider::Provider;

/// The providers a draw is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    /// Their priority: the lowest number of all.
    pub priority: i64,
    /// Who they are and their weights, by rising id, so that no other order matters.
    pub candidates: Vec<(ProviderId, u32)>,
}

/// Returns the best tier for a caller of these groups, `None` when there is nobody.
#[must_use]
pub fn best_tier<'a>(
    eligible: impl Iterator<Item = &'a Provider> + Clone,
    groups: &[Arc<str>],
) -> Option<Tier> {
    let priority = eligible.clone().map(|provider| provider.priority_for(groups)).min()?;
    let mut candidates: Vec<_> = eligible
        .filter(|provider| provider.priority_for(groups) == priority)
        .map(|provider| (provider.id, provider.weight.get()))
        .collect();
    candidates.sort_unstable();
    Some(Tier { priority, candidates })
}

/// Draws one: each candidate's chance is its share of the weights. The same seed and the same
/// candidates give the same one, also in a later version of this program: the generator is named
/// (`ChaCha8`), and its first number is mapped to the weights here, by no library's rule.
#[must_use]
pub fn draw(seed: u64, candidates: &[(ProviderId, u32)]) -> Option<ProviderId> {
    let total: u64 = candidates.iter().map(|(_, weight)| u64::from(*weight)).sum();
    let number = ChaCha8Rng::seed_from_u64(seed).next_u64();
    let share = (u128::from(number) * u128::from(total)) >> 64;
    let mut left = u64::try_from(share).ok()?;
    for (provider, weight) in candidates {
        let Some(rest) = left.checked_sub(u64::from(*weight)) else { return Some(*provider) };
        left = rest;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::provider;

    #[test]
    fn only_the_lowest_priority_is_drawn_from() {
        let mut providers = [provider(3), provider(1), provider(2)];
        providers[0].priority = 5;
        providers[1].priority = -1;
        providers[2].priority = -1;
        let tier = best_tier(providers.iter(), &[]).unwrap();
        assert_eq!(tier.priority, -1);
        assert_eq!(tier.candidates, [(ProviderId(1), 1), (ProviderId(2), 1)]);
        assert_eq!(best_tier([].into_iter(), &[]), None);
    }

    #[test]
    fn a_group_has_an_order_of_its_own_and_the_best_of_several_holds() {
        let mut providers = [provider(1), provider(2)];
        providers[1].priority = 5;
        let set = [("night", -2), ("cheap", 3)].map(|(group, set)| (Arc::from(group), set));
        providers[1].group_priorities = Arc::new(set.into_iter().collect());
        let first = |groups: &[&str]| {
            let groups: Vec<Arc<str>> = groups.iter().map(|group| Arc::from(*group)).collect();
            let tier = best_tier(providers.iter(), &groups).unwrap();
            (tier.priority, tier.candidates.iter().map(|(id, _)| id.0).collect::<Vec<_>>())
        };
        assert_eq!(first(&["a"]), (0, vec![1]));
        assert_eq!(first(&["cheap"]), (0, vec![1]));
        assert_eq!(first(&["cheap", "night"]), (-2, vec![2]));
        assert_eq!(first(&["*"]), (0, vec![1]), "a caller of all groups has none of them");
    }

    #[test]
    fn a_recorded_draw_stays_what_it_was() {
        let candidates = [(ProviderId(1), 1), (ProviderId(2), 3), (ProviderId(7), 6)];
        let picks: Vec<_> = (0..12).map(|seed| draw(seed, &candidates).unwrap().0).collect();
        assert_eq!(picks, RECORDED);
        assert_eq!(draw(1, &[]), None);
    }

    const RECORDED: [i64; 12] = [7, 7, 7, 7, 7, 2, 7, 2, 1, 2, 7, 2];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn frequencies_follow_the_weights(
            weights in prop::collection::vec(1_u32..100, 1..6),
            start in any::<u32>(),
        ) {
            let candidates: Vec<_> =
                weights.iter().zip(1..).map(|(weight, id)| (ProviderId(id), *weight)).collect();
            let draws = 4_000_u32;
            let mut counts = vec![0_u32; weights.len()];
            for seed in 0..draws {
                let pick = draw(u64::from(start) + u64::from(seed), &candidates).unwrap();
                counts[usize::try_from(pick.0).unwrap() - 1] += 1;
            }
            let total: u32 = weights.iter().sum();
            for (count, weight) in counts.iter().zip(&weights) {
                let share = f64::from(*weight) / f64::from(total);
                let expected = f64::from(draws) * share;
                let deviation = (expected * (1.0 - share)).sqrt();
                prop_assert!((f64::from(*count) - expected).abs() <= 6.0 * deviation + 1.0);
            }
        }
    }
}
