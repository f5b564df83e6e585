//! What counters and sessions knew before the start: read back from the ledger once, before the
//! first request.

use std::time::Duration;

use jiff::tz::TimeZone;
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::Costs;
use switchyard_actors::domain::window;
use switchyard_actors::replicator::Counted;
use switchyard_actors::session_manager::{RestoredBinding, RowNote, restore};
use switchyard_actors::shared::counters::{Counters, FormerSpend, Seed, SinceReset, Spender};
use switchyard_actors::system::Core;

use super::payers::PayerBook;
use crate::store::{
    MinuteSpend, ResetSpend, ServedSession, Store, StoreError, Tx, first_id, slot_of,
};

/// Spend this young is read by the minute, so that rolling days are exact.
const BY_MINUTE: Duration = Duration::from_hours(26);

/// Fills the counters with what was spent, and the sessions with who served them. Returns what it has
/// counted: what other nodes tell of it is not counted again.
///
/// # Errors
/// The database failed.
pub async fn restore_state(core: &Core, store: &Store) -> Result<Counted, StoreError> {
    let now = core.ports().clock.now();
    let catalogue = core.catalogue().load();
    let zone = catalogue.settings.zone();
    let longest = core.config().lifetimes.longest_request;
    // One moment for all sums, and for what is in them: what is committed meanwhile is in none.
    let mut moment = store.snapshot().await?;
    let mut seed = seed(&mut moment, &zone, now).await?;
    let payers = moment.payers().await?;
    let since_resets = moment.spend_since_resets(&payers, longest).await?;
    seed.resets = since_resets.into_iter().map(since_reset).collect();
    // Nobody tells a node that is alone of what it has counted.
    let counted = match core.replicator() {
        Some(_) => counted(&mut moment, now, longest).await?,
        None => Counted::new(now, longest, Vec::new()),
    };
    moment.commit().await?;
    fail::fail_point!("restore::after_read");
    let mut payers = PayerBook::of(&catalogue, now).with(payers);
    core.counters().seed(seed, |by| payers.paying(by));
    let since = now.minus(core.config().lifetimes.session_span());
    // What was ended stays so: it must be known before bindings come back.
    for end in store.session_ends(since).await? {
        core.counters().end_sessions(&end);
    }
    let served = store.served_sessions(since).await?;
    let mut bindings: Vec<_> = served.into_iter().filter_map(binding).collect();
    bindings.retain(|binding| is_sticky(&catalogue, binding.provider));
    restore(core.counters(), bindings, now);
    Ok(counted)
}

/// Tells whether sessions may be kept on a provider.
fn is_sticky(catalogue: &Catalogue, provider: ProviderId) -> bool {
    catalogue.providers.iter().any(|one| one.id == provider && !one.never_sticky)
}

/// Counts costs that were booked after their requests had ended, in the windows of their arrival.
pub fn book(counters: &Counters, catalogue: &Catalogue, spent: Vec<FormerSpend>, now: Micros) {
    let mut payers = PayerBook::of(catalogue, now);
    counters.book(spent, now, |by| payers.paying(by));
}

async fn counted(moment: &mut Tx, now: Micros, longest: Duration) -> Result<Counted, StoreError> {
    let (arrival, end) = Counted::borders(now, longest);
    Ok(Counted::new(now, longest, moment.ended_since(arrival, end).await?))
}

async fn seed(moment: &mut Tx, zone: &TimeZone, now: Micros) -> Result<Seed, StoreError> {
    let month = window::month(zone, now).start.min(window::week(zone, now).start);
    let young = slot_of(&first_id(now.minus(BY_MINUTE)));
    let old = moment.spend_by_slot(month).await?;
    let old = old.into_iter().filter(|spend| spend.slot < young).map(|spend| FormerSpend {
        by: Spender { user: spend.user, key: spend.key, provider: spend.provider },
        at: spend.slot,
        ended: spend.slot,
        costs: spend.costs,
    });
    let fresh = moment.spend_by_minute(young).await?;
    let fresh = fresh.into_iter().map(former);
    let totals = moment.spend_total().await?;
    let totals = totals.into_iter().map(|spend| {
        (Spender { user: spend.user, key: spend.key, provider: spend.provider }, spend.costs)
    });
    let (spent, totals) = (old.chain(fresh).collect(), totals.collect());
    Ok(Seed { spent, totals, ..Seed::default() })
}

/// Says what somebody has spent since a reset.
fn since_reset(known: ResetSpend) -> SinceReset {
    let spent: Vec<FormerSpend> = known.before.into_iter().map(former).collect();
    let total = spent.iter().fold(known.since, |sum, one| Costs {
        charged: sum.charged.plus(one.costs.charged),
        list: sum.list.plus(one.costs.list),
    });
    SinceReset { reset: known.reset, from: known.from, spent, total }
}

const fn former(spend: MinuteSpend) -> FormerSpend {
    let by = Spender { user: spend.user, key: spend.key, provider: spend.provider };
    FormerSpend { by, at: spend.minute, ended: spend.minute, costs: spend.costs }
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
