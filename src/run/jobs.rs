//! What runs beside the requests: roll-ups, partitions, heartbeats, and the watch that turns what
//! parts say of themselves into readiness. Each job is a loop on the arbiter of the process.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use switchyard_actors::system::Core;
use switchyard_actors::usage_recorder::JournalHealth;
use tokio::time::{MissedTickBehavior, interval};

use super::{Basics, prices};
use crate::process::Severity;
use crate::server::machine;
use crate::store::{Node, Store, StoreError};
use crate::web::health::VERSION;

/// Roll-ups follow the rows by at most this.
const ROLL_UP_EVERY: Duration = Duration::from_secs(15);
/// As many slots as one step counts; then there may be more.
const FULL_STEP: u64 = 64;
/// Partitions are made months ahead, old sessions are no hurry.
const TIDY_EVERY: Duration = Duration::from_hours(1);
/// How often a node says that it lives.
const BEAT_EVERY: Duration = Duration::from_secs(10);
/// A node that was silent for so long is gone.
const BEAT_COUNTS: Duration = Duration::from_secs(35);
/// How often parts are asked how they are.
const WATCH_EVERY: Duration = Duration::from_secs(1);
/// Failures in a row before a part's trouble is said.
const FAILURES_SAID: u64 = 2;
/// How often actors are asked whether they live, and how long an answer may take.
const ACTORS_EVERY: Duration = Duration::from_secs(2);
const ACTOR_DEADLINE: Duration = Duration::from_secs(5);

/// Starts all jobs. `node` names this process among its fellows.
pub fn start(basics: &Basics, core: &Arc<Core>, store: &Store, node: &str) {
    repeat(ROLL_UP_EVERY, {
        let (basics, store, node) = (basics.clone(), store.clone(), Arc::<str>::from(node));
        move || roll_up(basics.clone(), store.clone(), Arc::clone(&node))
    });
    repeat(TIDY_EVERY, {
        let (basics, store) = (basics.clone(), store.clone());
        move || tidy(basics.clone(), store.clone())
    });
    repeat(WATCH_EVERY, {
        let (basics, core) = (basics.clone(), Arc::clone(core));
        move || watch(basics.clone(), Arc::clone(&core))
    });
    if basics.settings.prices.feed_url.is_some() {
        let (basics, core, now) = (basics.clone(), Arc::clone(core), basics.clock.now());
        repeat(prices::EVERY, move || prices::watch(basics.clone(), Arc::clone(&core), now));
    }
    if store.is_shared() {
        let this = this_node(basics, node);
        let (basics, store) = (basics.clone(), store.clone());
        repeat(BEAT_EVERY, move || beat(basics.clone(), store.clone(), this.clone()));
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

async fn roll_up(basics: Basics, store: Store, node: Arc<str>) {
    loop {
        match store.recompute_dirty_slots(&node, basics.clock.now()).await {
            Ok(FULL_STEP..) => {}
            Ok(_) => return,
            Err(error) => {
                tracing::warn!(%error, "roll-ups are behind; figures are summed from rows");
                return;
            }
        }
    }
}

async fn tidy(basics: Basics, store: Store) {
    let now = basics.clock.now();
    let work = async {
        store.ensure_partitions(now).await?;
        store.forget_sessions(now).await?;
        Ok::<_, StoreError>(())
    };
    if let Err(error) = work.await {
        tracing::warn!(%error, "the hourly tidying of the database failed; it is tried again");
    }
}

/// Turns what journal, recorder and keeper say into readiness.
async fn watch(basics: Basics, core: Arc<Core>) {
    let readiness = &basics.readiness;
    let journal = core.journal().view();
    match journal.health {
        JournalHealth::Good => readiness.clear("journal"),
        JournalHealth::Slow => readiness.report(
            "journal",
            Severity::Degraded,
            "the disk is slow: appending to the journal takes over 100 ms",
        ),
        JournalHealth::Failing => readiness.report(
            "journal",
            Severity::Down,
            format!(
                "the journal cannot be written ({}); free space on the disk of the data directory",
                journal.last_error.as_deref().unwrap_or("it is larger than it may be"),
            ),
        ),
    }
    if let Ok(recorder) = core.recorder().observe().await {
        let said = recorder.last_error.filter(|_| u64::from(recorder.failures) >= FAILURES_SAID);
        let sentence = |error| {
            format!(
                "rows do not reach the database and wait in the journal ({} of them): {error}",
                recorder.queued
            )
        };
        degraded(&basics, "ledger", said.map(sentence));
    }
    if let Ok(keeper) = core.keeper().observe().await {
        let said = keeper.last_error.filter(|_| keeper.failures >= FAILURES_SAID);
        let sentence = |error| format!("changes of the catalogue cannot be read: {error}");
        degraded(&basics, "catalogue", said.map(sentence));
    }
}

/// Says a part's trouble, or that there is none.
pub fn degraded(basics: &Basics, part: &'static str, said: Option<String>) {
    match said {
        Some(text) => basics.readiness.report(part, Severity::Degraded, text),
        None => basics.readiness.clear(part),
    }
}

fn this_node(basics: &Basics, id: &str) -> Node {
    let now = basics.clock.now();
    Node {
        id: id.to_owned(),
        host: machine::host_name(),
        version: VERSION.to_owned(),
        has_redis: false,
        started_at: now,
        seen_at: now,
    }
}

/// Says that this node lives, and looks whether others do without sharing counters.
async fn beat(basics: Basics, store: Store, this: Node) {
    if basics.readiness.is_stopping() {
        return;
    }
    let now = basics.clock.now();
    let work = async {
        store.beat(&Node { seen_at: now, ..this }).await?;
        store.nodes(now.minus(BEAT_COUNTS)).await
    };
    let Ok(nodes) = work.await else { return };
    let alone = nodes.iter().filter(|node| !node.has_redis).count();
    let unshared = if nodes.len() > 1 { alone } else { 0 };
    basics.metrics.unshared_nodes.set(i64::try_from(unshared).unwrap_or(i64::MAX));
    let said = (unshared > 0).then(|| {
        format!(
            "{} nodes use this database and count limits each on its own: a limit may be passed \
             {} times over",
            nodes.len(),
            nodes.len()
        )
    });
    degraded(&basics, "nodes", said);
}

/// A dead actor cannot be trusted to have left its state whole: whoever started the process starts
/// it again, and the journal tells the rest.
fn end_the_process(actor: &str) {
    tracing::error!(actor.name = actor, "ending the process so that it is started again");
    std::process::exit(70);
}
