//! What counters and sessions knew before the start: read back from the ledger once, before the
//! first request.

use std::collections::HashMap;
use std::time::Duration;

use jiff::tz::TimeZone;
use switchyard_actors::domain::caller::Caller;
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::counters::Borders;
use switchyard_actors::domain::ids::{KeyId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::Limits;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::window;
use switchyard_actors::session_manager::{RestoredBinding, restore};
use switchyard_actors::shared::counters::{Counters, FormerSpend, Seed};
use switchyard_actors::system::Core;

use crate::store::{ServedSession, Store, StoreError, first_id, slot_of};

/// Spend this young is read by the minute, so that rolling days are exact.
const BY_MINUTE: Duration = Duration::from_hours(26);
/// A request may have begun so long before its end.
const LONGEST_REQUEST: Duration = Duration::from_hours(1);

/// Fills the counters with what was spent, and the sessions with who served them.
pub async fn restore_state(core: &Core, store: &Store) -> Result<(), StoreError> {
    let now = core.ports().clock.now();
    let catalogue = core.catalogue().load();
    let zone = catalogue.settings.zone();
    let limits = LimitsById::of(&catalogue);
    let seed = seed(store, &zone, now).await?;
    core.counters().seed(seed, |user, key| Borders::around(&zone, limits.get(user, key), now));
    let since = now.minus(core.config().lifetimes.session_ttl + LONGEST_REQUEST);
    let served = store.served_sessions(since).await?;
    restore(core.counters(), served.into_iter().map(binding).collect(), now);
    Ok(())
}

/// Counts costs that were booked after their requests had ended, in the windows of their arrival.
pub fn book(counters: &Counters, catalogue: &Catalogue, spent: Vec<FormerSpend>, now: Micros) {
    let zone = catalogue.settings.zone();
    let limits = LimitsById::of(catalogue);
    counters.book(spent, |user, key| Borders::around(&zone, limits.get(user, key), now));
}

async fn seed(store: &Store, zone: &TimeZone, now: Micros) -> Result<Seed, StoreError> {
    let month = window::month(zone, now).start.min(window::week(zone, now).start);
    let young = slot_of(&first_id(now.minus(BY_MINUTE)));
    let old = store.spend_by_slot(month).await?;
    let old = old.into_iter().filter(|spend| spend.slot < young).map(|spend| FormerSpend {
        user: spend.user,
        key: spend.key,
        at: spend.slot,
        cost: spend.cost,
    });
    let fresh = store.spend_by_minute(young).await?;
    let fresh = fresh.into_iter().map(|spend| FormerSpend {
        user: spend.user,
        key: spend.key,
        at: spend.minute,
        cost: spend.cost,
    });
    let mut seed = Seed { spent: old.chain(fresh).collect(), ..Seed::default() };
    let mut users: HashMap<UserId, _> = HashMap::new();
    for spend in store.spend_total().await? {
        seed.key_totals.push((spend.user, spend.key, spend.cost));
        let total: &mut Nano = users.entry(spend.user).or_default();
        *total = total.plus(spend.cost);
    }
    seed.user_totals = users.into_iter().collect();
    Ok(seed)
}

fn binding(served: ServedSession) -> RestoredBinding {
    RestoredBinding {
        user: served.user,
        key: served.key,
        session: served.session,
        provider: served.provider,
        model: served.model,
        last_seen: served.ended_at,
    }
}

/// The limits in force, for the border of each one's day.
struct LimitsById<'a> {
    users: HashMap<UserId, &'a Limits>,
    keys: HashMap<KeyId, &'a Limits>,
    none: Limits,
}

impl<'a> LimitsById<'a> {
    fn of(catalogue: &'a Catalogue) -> Self {
        let callers = || catalogue.callers.values().map(std::convert::AsRef::<Caller>::as_ref);
        Self {
            users: callers().map(|caller| (caller.user, &caller.user_limits)).collect(),
            keys: callers().map(|caller| (caller.key, &caller.key_limits)).collect(),
            none: Limits::default(),
        }
    }

    fn get(&self, user: UserId, key: Option<KeyId>) -> &Limits {
        let found = match key {
            Some(key) => self.keys.get(&key),
            None => self.users.get(&user),
        };
        found.copied().unwrap_or(&self.none)
    }
}
