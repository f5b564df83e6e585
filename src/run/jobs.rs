//! What runs beside the requests: roll-ups, partitions, heartbeats, and the watch that turns what
//! parts say of themselves into readiness. Each job is a loop on the arbiter of the process.

use std::borrow::Cow;
use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::system::Core;
use switchyard_actors::usage_recorder::{JournalHealth, UsageRecorderView};
use tokio::time::{MissedTickBehavior, interval};

use super::nodes::{BEAT_EVERY, Membership};
use super::{Basics, prices};
use crate::process::Severity;
use crate::store::{Store, StoreError, first_id, slot_of};
use crate::telemetry;

/// How often it is looked whether a slot can be counted.
const ROLL_UP_EVERY: Duration = Duration::from_secs(15);
/// A slot is counted when no row is expected any more; later ones make it dirty again.
const LATE_ROWS: Duration = Duration::from_mins(1);
/// Partitions are made months ahead, old sessions are no hurry.
const TIDY_EVERY: Duration = Duration::from_hours(1);
/// How often parts are asked how they are.
const WATCH_EVERY: Duration = Duration::from_secs(1);
/// How often it is looked which sessions other nodes have ended and whose spend they have reset, and
/// how far their clocks may be off.
const ENDS_EVERY: Duration = Duration::from_millis(500);
const CLOCKS_DIFFER: Duration = Duration::from_secs(15);
/// Failures in a row before a part's trouble is said.
const FAILURES_SAID: u64 = 2;
/// So long a row may wait for the database, and the database with the catalogue: one that takes
/// questions and does not answer them fails late.
const SILENCE_SAID: Duration = Duration::from_secs(10);
/// How often actors are asked whether they live, and how long an answer may take.
const ACTORS_EVERY: Duration = Duration::from_secs(2);
const ACTOR_DEADLINE: Duration = Duration::from_secs(5);

/// Starts all jobs. `nodes` has been joined; what was ended and reset until `read_at` is known.
pub fn start(
    basics: &Basics,
    core: &Arc<Core>,
    store: &Store,
    nodes: &Membership,
    read_at: Micros,
) {
    repeat(ROLL_UP_EVERY, {
        let (basics, store, node) = (basics.clone(), store.clone(), Arc::<str>::from(nodes.id()));
        move || roll_up(basics.clone(), store.clone(), Arc::clone(&node))
    });
    repeat(TIDY_EVERY, {
        let (basics, store) = (basics.clone(), store.clone());
        let old = core.config().lifetimes.session_span() + TIDY_EVERY;
        move || tidy(basics.clone(), store.clone(), old)
    });
    repeat(WATCH_EVERY, {
        let (basics, core) = (basics.clone(), Arc::clone(core));
        move || watch(basics.clone(), Arc::clone(&core))
    });
    actix_rt::spawn(nodes.clone().follow_token());
    if basics.settings.prices.feed_url.is_some() {
        let (basics, core, now) = (basics.clone(), Arc::clone(core), basics.clock.now());
        repeat(prices::EVERY, move || prices::watch(basics.clone(), Arc::clone(&core), now));
    }
    if store.is_shared() {
        let since = Rc::new(Cell::new(read_at));
        repeat(ENDS_EVERY, {
            let (basics, core, store) = (basics.clone(), Arc::clone(core), store.clone());
            move || follow_ends(basics.clone(), Arc::clone(&core), store.clone(), Rc::clone(&since))
        });
        let since = Rc::new(Cell::new(read_at));
        repeat(ENDS_EVERY, {
            let (basics, core, store) = (basics.clone(), Arc::clone(core), store.clone());
            move || {
                follow_resets(basics.clone(), Arc::clone(&core), store.clone(), Rc::clone(&since))
            }
        });
        let (nodes, core) = (nodes.clone(), Arc::clone(core));
        actix_rt::spawn(beat(nodes.clone(), Arc::clone(&core)));
        repeat(BEAT_EVERY, move || beat(nodes.clone(), Arc::clone(&core)));
    }
    let health = Arc::clone(core.health());
    actix_rt::spawn(async move { health.run(ACTORS_EVERY, ACTOR_DEADLINE, end_the_process).await });
}

/// Runs a step again and again; the first one after one period.
fn repeat<F: Future<Output = ()> + 'static>(every: Duration, step: impl Fn() -> F + 'static) {
    actix_rt::spawn(async move {
        let mut tick = interval(every);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tick.tick().await;
        loop {
            tick.tick().await;
            step().await;
        }
    });
}

/// Counts all slots that no more rows are expected in, and tells of those that cannot be counted.
pub async fn roll_up(basics: Basics, store: Store, node: Arc<str>) {
    let mut from = Micros(0);
    let mut failed = Vec::new();
    loop {
        let now = basics.clock.now();
        // The slot that fills now is summed from its rows: counting it over and over would cost
        // more the busier it is.
        let before = slot_of(&first_id(now.minus(LATE_ROWS)));
        match store.recompute_dirty_slots(&node, now, from..before).await {
            Ok(recount) => {
                failed.extend(recount.failed);
                let Some(more_from) = recount.more_from else { break };
                from = more_from;
            }
            Err(error) => {
                tracing::warn!(%error, "roll-ups are behind; figures are summed from rows");
                return;
            }
        }
    }
    for (slot, error) in &failed {
        tracing::warn!(slot = slot.0, %error, "a slot of roll-ups cannot be counted");
    }
    let sentence = (!failed.is_empty()).then_some(
        "slots of roll-ups cannot be counted: their figures are summed from rows, which takes longer",
    );
    let slots = failed.iter().map(|(slot, _)| slot.0.to_string()).collect::<Vec<_>>().join(", ");
    said(&basics, "roll-ups", Severity::Degraded, sentence, Some(&slots));
}

/// Says that this node lives. How many nodes there are divides limits while Redis cannot say it.
async fn beat(nodes: Membership, core: Arc<Core>) {
    let count = nodes.beat().await.and_then(|count| u32::try_from(count).ok());
    if let (Some(count), Some(outbox)) = (count, core.counters().outbox()) {
        outbox.note_nodes(count);
    }
}

/// Ends the sessions that were ended on another node.
async fn follow_ends(basics: Basics, core: Arc<Core>, store: Store, since: Rc<Cell<Micros>>) {
    let now = basics.clock.now();
    // Clocks differ, and a transaction may be long: what is read twice changes nothing.
    match store.session_ends(since.get().minus(CLOCKS_DIFFER)).await {
        Ok(ends) => {
            for end in &ends {
                core.counters().end_sessions(end);
            }
            since.set(now);
        }
        Err(error) => tracing::debug!(%error, "ends of sessions cannot be read; tried again"),
    }
}

/// Forgets what was spent by those whose spend was reset on another node. A Redis that never heard
/// of it, since that node died, hears it from here.
async fn follow_resets(basics: Basics, core: Arc<Core>, store: Store, since: Rc<Cell<Micros>>) {
    let now = basics.clock.now();
    match store.resets(since.get().minus(CLOCKS_DIFFER)).await {
        Ok(resets) => {
            for reset in &resets {
                core.counters().reset(reset);
            }
            since.set(now);
        }
        Err(error) => tracing::debug!(%error, "resets cannot be read; tried again"),
    }
}

async fn tidy(basics: Basics, store: Store, old: Duration) {
    let now = basics.clock.now();
    let work = async {
        store.ensure_partitions(now).await?;
        store.forget_sessions(now).await?;
        store.forget_session_ends(now.minus(old)).await?;
        Ok::<_, StoreError>(())
    };
    if let Err(error) = work.await {
        tracing::warn!(%error, "the hourly tidying of the database failed; it is tried again");
    }
}

/// Turns what journal, recorder and keeper say, and what the catalogue holds, into readiness.
async fn watch(basics: Basics, core: Arc<Core>) {
    let journal = core.journal().view();
    let (severity, sentence) = match journal.health {
        JournalHealth::Good => (Severity::Degraded, None),
        JournalHealth::Slow => (
            Severity::Degraded,
            Some("the disk is slow: appending to the journal takes over 100 ms"),
        ),
        JournalHealth::Failing => (
            Severity::Down,
            Some("the journal cannot be written or is full: free space on the data directory"),
        ),
    };
    said(&basics, "journal", severity, sentence, journal.last_error.as_deref());
    let down = core.breakers().is_network_down(basics.clock.now());
    let sentence = down.then_some(
        "several hosts cannot be connected to and none answers: our own network seems down, and no \
         provider is charged",
    );
    said(&basics, "network", Severity::Degraded, sentence, None);
    if let Ok(recorder) = core.recorder().observe().await {
        let waits = u128::from(recorder.oldest_ms) >= SILENCE_SAID.as_millis();
        let fails = waits || u64::from(recorder.failures) >= FAILURES_SAID;
        let sentence = fails.then_some("rows do not reach the database and wait in the journal");
        said(&basics, "ledger", Severity::Degraded, sentence, recorder.last_error.as_deref());
        let sentence = refused(&recorder);
        said(&basics, "rows", Severity::Degraded, sentence, recorder.last_refusal.as_deref());
    }
    if let Ok(keeper) = core.keeper().observe().await {
        let since = |last| basics.clock.now().since(last) >= SILENCE_SAID;
        let fails = keeper.failures >= FAILURES_SAID || keeper.last_success.is_some_and(since);
        let sentence = fails.then_some("changes of the catalogue cannot be read");
        said(&basics, "catalogue", Severity::Degraded, sentence, keeper.last_error.as_deref());
    }
    watch_patterns(&basics, &core);
}

/// Says how many rows the database refuses, and since when.
fn refused(recorder: &UsageRecorderView) -> Option<String> {
    let since = Timestamp::from_second(recorder.refused_since?.seconds()).ok()?;
    let rows = recorder.refused;
    Some(format!(
        "rows that the database refuses, since {since}: {rows}; they wait in the journal and are \
         tried again"
    ))
}

/// Tells of providers whose lists are not what somebody wrote.
fn watch_patterns(basics: &Basics, core: &Core) {
    let catalogue = core.catalogue().load();
    let pattern = catalogue.providers.iter().find_map(|provider| {
        provider.unreadable().next().map(|pattern| format!("provider {}: {pattern}", provider.id))
    });
    let sentence = pattern.is_some().then_some(
        "a pattern of a provider's models or redirects cannot be read and counts for none",
    );
    said(basics, "patterns", Severity::Degraded, sentence, pattern.as_deref());
}

/// Reports a part's trouble in a sentence for everybody, or its end. What a store or a disk says
/// may name hosts, users and paths: that goes into the log, once.
pub fn said(
    basics: &Basics,
    part: &'static str,
    severity: Severity,
    sentence: Option<impl Into<Cow<'static, str>>>,
    detail: Option<&str>,
) {
    let Some(sentence) = sentence else { return basics.readiness.clear(part) };
    let sentence = sentence.into();
    if basics.readiness.report(part, severity, sentence.clone()) {
        tracing::warn!(part, detail = detail.unwrap_or_default(), "{sentence}");
    }
}

/// A dead actor cannot be trusted to have left its state whole: whoever started the process starts
/// it again, and the journal tells the rest.
fn end_the_process(actor: &str) {
    tracing::error!(actor, "ending the process so that it is started again");
    telemetry::flush();
    std::process::exit(70);
}
