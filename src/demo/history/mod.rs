//! Thirty days of finished requests, as if these people had worked here: a pure function of who they
//! are, the catalogue, the instant and a seed. Costs are made by the relay's own billing.

mod calendar;
mod chain;
mod fate;
mod row;
mod tokens;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use switchyard_actors::clock::RequestIds;
use switchyard_actors::domain::caller::Caller;
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::ids::{KeyId, SessionId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::domain::money::Nano;

use super::dice::Dice;
use super::people::Member;
use calendar::Visit;
use chain::Selector;

/// How far back it goes.
pub const DAYS: u32 = 30;
/// Seconds between two requests of a conversation.
const PAUSE_S: (u64, u64) = (6, 150);

/// Returns so many days as a span.
#[must_use]
pub fn days(count: u32) -> Duration {
    Duration::from_hours(24 * u64::from(count))
}

/// What the history is made of.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Providers, keys and prices.
    pub catalogue: Arc<Catalogue>,
    /// Who worked.
    pub members: Vec<Member>,
    /// The end of the history.
    pub now: Micros,
}

impl Scene {
    /// Writes the history; the same scene and seed give the same rows, oldest first.
    #[must_use]
    pub fn rows(&self, seed: u64) -> Vec<LedgerRow> {
        let mut dice = Dice::new(seed);
        let zone = self.catalogue.settings.zone();
        let visits = calendar::visits(&self.members, &zone, self.now, &mut dice);
        let mut rows = Vec::new();
        for visit in &visits {
            self.add_visit(&mut rows, visit, &mut dice);
        }
        rows.sort_by_key(|row| row.opened.started_at);
        let ids = RequestIds::default();
        for row in &mut rows {
            row.opened.id = ids.mint(row.opened.started_at, dice.any());
        }
        rows
    }

    /// Adds the requests of one conversation.
    fn add_visit(&self, rows: &mut Vec<LedgerRow>, visit: &Visit<'_>, dice: &mut Dice) {
        let Some(key) = visit.member.key_at(visit.at, self.now) else { return };
        let Some(caller) = self.caller(key.id) else { return };
        let session = session(dice);
        let mut selector = Selector::new(&self.catalogue, caller, visit.tool);
        let mut at = visit.at;
        for turn in 0..visit.turns {
            let Some(mut row) = row::of(&mut selector, at, turn, dice) else { return };
            row.opened.session = Some(session.clone());
            if row.ended_at >= self.now {
                return;
            }
            at = row.ended_at.plus(Duration::from_secs(dice.skewed(PAUSE_S.0, PAUSE_S.1)));
            rows.push(row);
        }
    }

    fn caller(&self, key: KeyId) -> Option<&Caller> {
        let mut all = self.catalogue.callers.values();
        all.find(|caller| caller.key == key).map(AsRef::as_ref)
    }
}

/// Adds up what a user spent since an instant.
#[must_use]
pub fn spent(rows: &[LedgerRow], user: UserId, since: Micros) -> Nano {
    let own = rows.iter().filter(|row| row.opened.user == user && row.opened.started_at >= since);
    own.filter_map(|row| row.cost.as_ref()).map(|cost| cost.cost).sum()
}

/// Names a session as the relay does: `s_` and 24 hexadecimal digits.
fn session(dice: &mut Dice) -> SessionId {
    let [long, short] = [dice.any(), dice.any() & 0xFFFF_FFFF];
    SessionId(Arc::from(format!("s_{long:016x}{short:08x}")))
}
