//! The counters that nodes share: the port of the core, by scripts.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, RedisError};
use switchyard_actors::domain::flying::Weighing;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::LimitKind;
use switchyard_actors::domain::sharing::{
    Batch, Heard, Horizon, LogPlace, Progress, Pulse, SharedAnswer, SharedAsk, Standing, Told,
    WindowSums,
};
use switchyard_actors::domain::verdict::Used;
use switchyard_actors::ports::{BoxFuture, PortError, SharedCounters, SharedDoor};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::asking::Asking;
use super::link::{RedisDoor, RedisLink, Trouble};
use super::scripts::Scripts;
use super::{keys, message, telling};

/// How long one look into the log waits for news.
const WAIT_FOR_NEWS: Duration = Duration::from_secs(1);
/// Entries of the log that are read at once.
const ENTRIES: usize = 500;

/// The shared counters of one node.
pub struct RedisCounters {
    node: Arc<str>,
    link: RedisLink,
    scripts: Arc<Scripts>,
    now: Now,
    door: RedisDoor,
    log: Mutex<Option<MultiplexedConnection>>,
}

/// One worker's way to them.
struct WorkerDoor {
    node: Arc<str>,
    scripts: Arc<Scripts>,
    door: RedisDoor,
    asking: Asking,
}

/// What the scripts take for the present, in milliseconds since 1970; 0 is the clock of Redis.
#[derive(Clone, Default)]
pub(super) struct Now(Arc<AtomicI64>);

impl Now {
    pub(super) fn millis(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl RedisCounters {
    /// Makes the counters of a node; nothing is asked yet. It must be called inside a runtime, whose
    /// tasks carry the connection of everything but requests.
    ///
    /// # Errors
    /// The address cannot be used.
    pub fn new(node: &str, link: RedisLink) -> Result<Self, RedisError> {
        let door = link.door()?;
        let scripts = Arc::default();
        Ok(Self {
            node: Arc::from(node),
            link,
            scripts,
            now: Now::default(),
            door,
            log: Mutex::default(),
        })
    }

    /// Has the scripts take this instant for the present, in milliseconds since 1970, instead of the
    /// clock of Redis: for tests that hold them against a model.
    pub fn set_now(&self, now: i64) {
        self.now.0.store(now, Ordering::Relaxed);
    }

    /// Asks the log. A connection that failed is not kept: its answers may be another question's.
    async fn log<T>(
        &self,
        ask: impl AsyncFnOnce(&mut MultiplexedConnection) -> Result<T, RedisError>,
    ) -> Result<T, PortError> {
        let asked = async {
            let mut slot = self.log.lock().await;
            let mut connection = match slot.take() {
                Some(connection) => connection,
                None => self.connect().await?,
            };
            let answer = ask(&mut connection).await?;
            *slot = Some(connection);
            Ok(answer)
        };
        match timeout(WAIT_FOR_NEWS * 3, asked).await {
            Ok(answer) => answer.map_err(|error: RedisError| unavailable(&error)),
            Err(_) => Err(away(&Trouble::Silent)),
        }
    }

    async fn connect(&self) -> Result<MultiplexedConnection, RedisError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.link.within() * 5))
            .set_response_timeout(Some(WAIT_FOR_NEWS * 2));
        self.link.client().get_multiplexed_async_connection_with_config(&config).await
    }
}

impl SharedCounters for RedisCounters {
    fn door(&self) -> Result<Arc<dyn SharedDoor>, PortError> {
        let door = self.link.door().map_err(|error| unavailable(&error))?;
        let (node, scripts) = (Arc::clone(&self.node), Arc::clone(&self.scripts));
        let now = self.now.clone();
        let asking = Asking::new(Arc::clone(&node), Arc::clone(&scripts), now, door.clone());
        Ok(Arc::new(WorkerDoor { node, scripts, door, asking }))
    }

    fn is_there(&self) -> bool {
        self.link.is_open()
    }

    fn publish<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            let told = telling::news(batch);
            let news = if told.is_empty() { String::new() } else { json(&told)? };
            let body = json(&telling::batch(&self.node, self.now.millis(), batch))?;
            let script = &self.scripts.publish;
            let mut call = script.key(keys::BATCHES);
            call.key(keys::LOG).key(keys::LAST).arg(body).arg(news);
            self.door.ask::<i64>(&call).await.map(drop).map_err(|trouble| away(&trouble))
        })
    }

    fn beat<'a>(
        &'a self,
        weighing: &'a Weighing,
        progress: Progress,
    ) -> BoxFuture<'a, Result<Pulse, PortError>> {
        Box::pin(async move {
            let from = (self.node.as_ref(), self.now.millis());
            let body = json(&message::beat(from, weighing, progress))?;
            let mut call = self.scripts.beat.key(keys::NODES);
            call.key(keys::BATCHES).key(keys::TOLD).key(keys::granted(&self.node)).arg(body);
            let answer: Vec<i64> =
                self.door.probe(&call).await.map_err(|trouble| away(&trouble))?;
            beaten(&weighing.standings, &answer)
                .ok_or_else(|| PortError::Refused(NAME, format!("it answered {answer:?}")))
        })
    }

    fn locate(&self, ago: Duration) -> BoxFuture<'_, Result<LogPlace, PortError>> {
        Box::pin(self.log(async move |connection| place_of(connection, ago).await))
    }

    fn follow<'a>(&'a self, after: &'a LogPlace) -> BoxFuture<'a, Result<Heard, PortError>> {
        Box::pin(self.log(async move |connection| news(connection, &self.node, after).await))
    }

    fn leave(&self) -> BoxFuture<'_, Result<(), PortError>> {
        Box::pin(async move {
            let mut call = self.scripts.leave.key(keys::NODES);
            call.key(keys::BATCHES).arg(self.node.as_ref());
            self.door.ask::<i64>(&call).await.map(drop).map_err(|trouble| away(&trouble))
        })
    }
}

impl SharedDoor for WorkerDoor {
    /// What is asked while a call is under way waits for the rest of it, and then for its own.
    fn patience(&self) -> Duration {
        self.door.patience() * 2
    }

    fn gives_up(&self, why: &PortError) {
        self.door.failed(&match why {
            PortError::Unavailable(..) => Trouble::Silent,
            PortError::Refused(_, text) => Trouble::Failed(text.clone()),
        });
    }

    fn admit<'a>(&'a self, ask: &'a SharedAsk) -> BoxFuture<'a, Result<SharedAnswer, PortError>> {
        Box::pin(async move {
            let question = message::question(ask);
            if question.places.is_empty() {
                return Ok(SharedAnswer::Unlimited);
            }
            let meters = question.meters.iter().map(|meter| keys::meter(meter)).collect();
            let asked = self.asking.ask(meters, json(&question.ask)?).await;
            let answer = asked.map_err(|trouble| away(&trouble))?;
            answered(&question, ask, &answer)
                .ok_or_else(|| PortError::Refused(NAME, format!("it answered {answer:?}")))
        })
    }

    fn seed<'a>(
        &'a self,
        sums: &'a WindowSums,
        horizon: Option<&'a Horizon>,
    ) -> BoxFuture<'a, Result<bool, PortError>> {
        Box::pin(async move {
            let mut call = self.scripts.seed.key(keys::meter(&sums.dimension));
            call.key(keys::BATCHES).key(keys::LAST);
            call.arg(json(&message::seed(&self.node, sums, horizon))?);
            let taken = self.door.ask::<i64>(&call).await;
            taken.map(|taken| taken == 1).map_err(|trouble| away(&trouble))
        })
    }
}

/// Reads the answer of the script that beats.
fn beaten(standings: &[Standing], answer: &[i64]) -> Option<Pulse> {
    let ([nodes, told], skipped) = answer.split_first_chunk()?;
    let count = |number: &i64| u32::try_from(*number).ok();
    let owner = |place: &i64| {
        let standing = standings.get(usize::try_from(*place).ok()?.checked_sub(1)?)?;
        Some(standing.dimension.clone())
    };
    let skipped = skipped.iter().map(owner).collect::<Option<_>>()?;
    Some(Pulse { nodes: count(nodes)?, told: count(told)?, skipped })
}

/// Reads the answer of the script that admits.
fn answered(
    question: &message::Question<'_>,
    ask: &SharedAsk,
    answer: &[i64],
) -> Option<SharedAnswer> {
    let at = |place: usize| answer.get(place).copied();
    let place = |place: usize| usize::try_from(at(place)?).ok();
    match at(0)? {
        1 => Some(SharedAnswer::Held),
        2 => {
            let meter = |index: usize| question.meters.get(place(index)?.checked_sub(1)?);
            let unknown = (1..answer.len()).map(|index| Some((*meter(index)?).clone()));
            Some(SharedAnswer::Unknown(unknown.collect::<Option<_>>()?))
        }
        _ => {
            let check = *question.places.get(place(1)?.checked_sub(1)?)?;
            let kind = ask.checks.get(check)?.kind;
            let resets = at(4).filter(|at| *at > 0).map(|at| Micros(at.saturating_mul(1_000)));
            let used = Used {
                settled: at(2)?,
                held: at(3)?,
                resets_at: resets.or_else(|| window_end(ask, check)),
                ..Used::default()
            };
            debug_assert!(kind != LimitKind::ConcurrentSessions || used.held == 0);
            Some(SharedAnswer::Refused { check, used })
        }
    }
}

/// Returns when a calendar window ends: the question says it, not the answer.
fn window_end(ask: &SharedAsk, check: usize) -> Option<Micros> {
    match ask.checks.get(check)?.span {
        switchyard_actors::domain::check::Span::Calendar(window) => Some(window.end),
        _ => None,
    }
}

/// Returns the place of so long ago. Places begin with milliseconds by the clock of Redis.
async fn place_of(
    connection: &mut MultiplexedConnection,
    ago: Duration,
) -> Result<LogPlace, RedisError> {
    let (seconds, _): (u64, u64) = redis::cmd("TIME").query_async(connection).await?;
    let ago = u64::try_from(ago.as_millis()).unwrap_or(u64::MAX);
    let place = format!("{}-0", seconds.saturating_mul(1_000).saturating_sub(ago));
    Ok(LogPlace(Arc::from(place)))
}

/// Entries of one stream: its name, and places with their fields.
type Entries = Vec<(String, Vec<(String, Vec<String>)>)>;

/// Waits for what other nodes tell.
async fn news(
    connection: &mut MultiplexedConnection,
    node: &str,
    after: &LogPlace,
) -> Result<Heard, RedisError> {
    let read: Option<Entries> = redis::cmd("XREAD")
        .arg("COUNT")
        .arg(ENTRIES)
        .arg("BLOCK")
        .arg(u64::try_from(WAIT_FOR_NEWS.as_millis()).unwrap_or(u64::MAX))
        .arg("STREAMS")
        .arg(keys::LOG)
        .arg(after.0.as_ref())
        .query_async(connection)
        .await?;
    let mut heard = Heard::default();
    for (place, fields) in read.into_iter().flatten().flat_map(|(_, entries)| entries) {
        let last = heard.place.replace(LogPlace(Arc::from(place)));
        let [_, from, before, told] = fields.as_slice() else { continue };
        // A former version names no place there.
        heard.lacks |= last.as_ref().unwrap_or(after).is_before(before);
        if from != node {
            // What a later version tells and this one cannot read is passed over.
            let told: Vec<Told> = serde_json::from_str(told).unwrap_or_default();
            heard.told.extend(told);
        }
    }
    Ok(heard)
}

const NAME: &str = "redis";

pub(super) fn json<T: serde::Serialize>(value: &T) -> Result<String, PortError> {
    serde_json::to_string(value).map_err(|error| PortError::Refused(NAME, error.to_string()))
}

pub(super) fn away(trouble: &Trouble) -> PortError {
    PortError::Unavailable(NAME, trouble.to_string())
}

fn unavailable(error: &RedisError) -> PortError {
    PortError::Unavailable(NAME, error.to_string())
}
