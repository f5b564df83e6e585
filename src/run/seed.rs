//! What counters and sessions knew before the start: read back from the ledger once, before the
//! first request.

use std::collections::HashMap;
use std::time::Duration;

use jiff::tz::TimeZone;
use switchyard_actors::domain::caller::Caller;
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::counters::Borders;
use switchyard_actors::domain::ids::{KeyId, ProviderId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::Limits;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::window;
use switchyard_actors::session_manager::{RestoredBinding, RowNote, restore};
use switchyard_actors::shared::counters::{Counters, FormerSpend, LONGEST_REQUEST, Seed};
use switchyard_actors::system::Core;

use crate::store::{ServedSession, Store, StoreError, first_id, slot_of};

/// Spend this young is read by the minute, so that rolling days are exact.
const BY_MINUTE: Duration = Duration::from_hours(26);

/// Fills the counters with what was spent, and the sessions with who served them.
pub async fn restore_state(core: &Core, store: &Store) -> Result<(), StoreError> {
    let now = core.ports().clock.now();
    let catalogue = core.catalogue().load();
    let zone = catalogue.settings.zone();
    let limits = LimitsById::of(&catalogue);
    let seed = seed(store, &zone, now).await?;
    core.counters().seed(seed, |user, key| Borders::around(&zone, limits.get(user, key), now));
    let since = now.minus(core.config().lifetimes.session_ttl + LONGEST_REQUEST);
    // What was ended stays so: it must be known before bindings come back.
    for end in store.session_ends(since).await? {
        core.counters().end_sessions(&end);
    }
    let served = store.served_sessions(since).await?;
    let mut bindings: Vec<_> = served.into_iter().filter_map(binding).collect();
    bindings.retain(|binding| is_sticky(&catalogue, binding.provider));
    restore(core.counters(), bindings, now);
    Ok(())
}

/// Tells whether sessions may be kept on a provider.
fn is_sticky(catalogue: &Catalogue, provider: ProviderId) -> bool {
    catalogue.providers.iter().any(|one| one.id == provider && !one.never_sticky)
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

/// Reads a binding out of a request that went well; `None` when the request bound nothing.
fn binding(served: ServedSession) -> Option<RestoredBinding> {
    let provider = match served.notes.iter().find_map(|note| RowNote::read(note)) {
        Some(RowNote::NotMoved) => return None,
        Some(RowNote::Stays(provider)) => provider,
        None => served.provider,
    };
    Some(RestoredBinding {
        user: served.user,
        key: served.key,
        session: served.session,
        provider,
        model: served.model,
        arrived: served.started_at,
        last_seen: served.ended_at,
    })
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
