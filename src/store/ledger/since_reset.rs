//! What those have spent since whose spend was reset: whole slots from the next border on, and rows
//! before it. Two statements for all of them, and two more for groups and tags, however many there are.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::ids::KeyId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::Costs;
use switchyard_actors::domain::sharing::Reset;

use super::slots::{SLOT, slot_at};
use super::spend::{MinuteSpend, Payers, costs, minute};
use crate::params;
use crate::store::error::StoreError;
use crate::store::resets::owner;
use crate::store::tx::Tx;

/// What an owner has spent since its spend was reset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetSpend {
    /// Who, and when.
    pub reset: Reset,
    /// The first border of a slot that is not before the reset.
    pub from: Micros,
    /// What came before that border and ended after the reset, by minute.
    pub before: Vec<MinuteSpend>,
    /// What came since that border.
    pub since: Costs,
}

impl Tx {
    /// Adds up what everybody has spent since whose spend was ever reset; `payers` says who is in which
    /// group and bears which tags. No request takes longer than `longest`.
    pub async fn spend_since_resets(
        &mut self,
        payers: &[Payers],
        longest: Duration,
    ) -> Result<Vec<ResetSpend>, StoreError> {
        let resets = self.resets().await?;
        let Some(first) = resets.first().map(|reset| slot_at(reset.at)) else {
            return Ok(Vec::new());
        };
        let reach = i64::try_from(longest.saturating_add(SLOT).as_micros()).unwrap_or(i64::MAX);
        let mut own = self.since_own(first, reach).await?;
        let is_shared = |reset: &Reset| keys_of(&reset.owner, &[]).is_some();
        let shared = if resets.iter().any(is_shared) {
            self.since_shared(first, reach).await?
        } else {
            Shared::default()
        };
        let spend = |reset: Reset| {
            let found = match keys_of(&reset.owner, payers) {
                Some(keys) => shared.of(reset.at, &keys),
                None => own.remove(&reset.owner).unwrap_or_default(),
            };
            let Found { since, before } = found;
            ResetSpend { from: border(reset.at), before, since, reset }
        };
        Ok(resets.into_iter().map(spend).collect())
    }

    /// Sums what users, keys and providers have spent since their resets.
    async fn since_own(
        &mut self,
        first: Micros,
        reach: i64,
    ) -> Result<HashMap<Dimension, Found>, StoreError> {
        let mut found: HashMap<Dimension, Found> = HashMap::new();
        for row in self.query("spend/since_reset_slots", params![first]).await? {
            found.entry(owner(&row)?).or_default().since = costs(&row)?;
        }
        for row in self.query("spend/since_reset_rows", params![reach]).await? {
            found.entry(owner(&row)?).or_default().before.push(minute(&row)?);
        }
        Ok(found)
    }

    /// Sums what each key has spent between and before the instants at which groups and tags were reset.
    async fn since_shared(&mut self, first: Micros, reach: i64) -> Result<Shared, StoreError> {
        let mut found = Shared::default();
        for row in self.query("spend/since_shared_slots", params![first]).await? {
            let by_key = found.until_next.entry(row.instant("at")?).or_default();
            by_key.insert(KeyId(row.int("key_id")?), costs(&row)?);
        }
        for row in self.query("spend/since_shared_rows", params![reach]).await? {
            let minute = minute(&row)?;
            let by_key = found.before.entry(row.instant("at")?).or_default();
            by_key.entry(minute.key).or_default().push(minute);
        }
        Ok(found)
    }
}

/// What somebody has spent since a reset.
#[derive(Clone, Debug, Default)]
struct Found {
    since: Costs,
    before: Vec<MinuteSpend>,
}

/// What keys have spent around the resets of groups and tags, which are many: each sum of slots ends
/// where the next reset is, so that every slot is read once and in one sum.
#[derive(Debug, Default)]
struct Shared {
    until_next: BTreeMap<Micros, HashMap<KeyId, Costs>>,
    before: HashMap<Micros, HashMap<KeyId, Vec<MinuteSpend>>>,
}

impl Shared {
    /// Adds up what keys have spent since one of the resets.
    fn of(&self, at: Micros, keys: &[KeyId]) -> Found {
        let mut found = Found::default();
        for by_key in self.until_next.range(at..).map(|(_, by_key)| by_key) {
            for costs in keys.iter().filter_map(|key| by_key.get(key)) {
                found.since = Costs {
                    charged: found.since.charged.plus(costs.charged),
                    list: found.since.list.plus(costs.list),
                };
            }
        }
        if let Some(by_key) = self.before.get(&at) {
            let minutes = keys.iter().filter_map(|key| by_key.get(key)).flatten();
            found.before.extend(minutes.copied());
        }
        found
    }
}

/// Returns the keys that are in a group or bear a tag; `None` for all others.
fn keys_of(owner: &Dimension, payers: &[Payers]) -> Option<Vec<KeyId>> {
    let counts_in = |one: &&Payers| match owner {
        Dimension::Group(group) => one.group() == &**group,
        Dimension::Tag(tag) => one.tags.contains(tag),
        Dimension::Key(_) | Dimension::User(_) | Dimension::Provider(_) => false,
    };
    let is_shared = matches!(owner, Dimension::Group(_) | Dimension::Tag(_));
    is_shared.then(|| payers.iter().filter(counts_in).map(|one| one.key).collect())
}

/// Returns the first border of a slot that is not before an instant.
fn border(at: Micros) -> Micros {
    let start = slot_at(at);
    if start == at { at } else { start.plus(SLOT) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_border_is_a_reset_that_falls_on_it_or_the_next_one() {
        let slot = i64::try_from(SLOT.as_micros()).unwrap();
        for (at, expected) in [(0, 0), (1, slot), (slot, slot), (slot + 1, 2 * slot)] {
            assert_eq!(border(Micros(at)), Micros(expected));
        }
    }
}
