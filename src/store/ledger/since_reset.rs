//! What those have spent since whose spend was reset: whole slots from the next border on, and rows
//! before it. Two statements for all of them, however many there are.

use std::collections::HashMap;
use std::time::Duration;

use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::Costs;
use switchyard_actors::domain::sharing::Reset;

use super::slots::{SLOT, slot_at};
use super::spend::{MinuteSpend, costs, minute};
use crate::params;
use crate::store::error::StoreError;
use crate::store::resets::owner;
use crate::store::sql::Tx;

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
    /// Adds up what everybody has spent since whose spend was ever reset. No request takes longer
    /// than `longest`.
    pub async fn spend_since_resets(
        &mut self,
        longest: Duration,
    ) -> Result<Vec<ResetSpend>, StoreError> {
        let resets = self.resets().await?;
        let Some(first) = resets.first() else { return Ok(Vec::new()) };
        let mut since = self.since_borders(first.at).await?;
        let mut before = self.before_borders(longest).await?;
        let spend = |reset: Reset| ResetSpend {
            from: border(reset.at),
            before: before.remove(&reset.owner).unwrap_or_default(),
            since: since.remove(&reset.owner).unwrap_or_default(),
            reset,
        };
        Ok(resets.into_iter().map(spend).collect())
    }

    /// Sums by owner what came since the border behind each reset; none of those was before `first`.
    async fn since_borders(
        &mut self,
        first: Micros,
    ) -> Result<HashMap<Dimension, Costs>, StoreError> {
        let rows = self.query("spend/since_reset_slots", params![slot_at(first)]).await?;
        rows.iter().map(|row| Ok((owner(row)?, costs(row)?))).collect()
    }

    /// Sums by owner and minute what came before those borders and ended after the resets.
    async fn before_borders(
        &mut self,
        longest: Duration,
    ) -> Result<HashMap<Dimension, Vec<MinuteSpend>>, StoreError> {
        let reach = i64::try_from(longest.saturating_add(SLOT).as_micros()).unwrap_or(i64::MAX);
        let mut found: HashMap<Dimension, Vec<MinuteSpend>> = HashMap::new();
        for row in self.query("spend/since_reset_rows", params![reach]).await? {
            found.entry(owner(&row)?).or_default().push(minute(&row)?);
        }
        Ok(found)
    }
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
