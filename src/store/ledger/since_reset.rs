//! What an owner has spent since its spend was reset: whole slots from the next border on, and rows
//! before it.

use std::time::Duration;

use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::Costs;
use switchyard_actors::domain::sharing::Reset;

use super::slots::{SLOT, first_id, slot_at};
use super::spend::{MinuteSpend, costs, minute};
use crate::params;
use crate::store::error::StoreError;
use crate::store::sql::Store;

/// What an owner has spent since its spend was reset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetSpend {
    /// The first border of a slot that is not before the reset.
    pub from: Micros,
    /// What came before that border and ended after the reset, by minute.
    pub before: Vec<MinuteSpend>,
    /// What came since that border.
    pub since: Costs,
}

impl Store {
    /// Adds up what an owner has spent since its spend was reset. No request takes longer than
    /// `longest`.
    pub async fn spend_since_reset(
        &self,
        reset: &Reset,
        longest: Duration,
    ) -> Result<ResetSpend, StoreError> {
        let from = border(reset.at);
        let (user, key, provider) = match &reset.owner {
            Dimension::User(user) => (Some(user.0), None, None),
            Dimension::Key(key) => (None, Some(key.0), None),
            Dimension::Provider(provider) => (None, None, Some(provider.0)),
            Dimension::Group(_) | Dimension::Tag(_) => {
                return Err(StoreError::row("owner", "has no reset"));
            }
        };
        let since = first_id(reset.at.minus(longest));
        let params = params![since, first_id(from), reset.at, user, key, provider];
        let rows = self.query("spend/since_reset_rows", params).await?;
        let before = rows.iter().map(minute).collect::<Result<_, _>>()?;
        let params = params![from, user, key, provider];
        let since = costs(&self.query_one("spend/since_reset_slots", params).await?)?;
        Ok(ResetSpend { from, before, since })
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
