//! What nodes share, in memory: counters and breakers that a test sends away, and looks into.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use crate::domain::breaker;
use crate::domain::breaker_key::BreakerKey;
use crate::domain::check::Dimension;
use crate::domain::flying::Weighing;
use crate::domain::sharing::{
    Batch, Charge, Heard, Horizon, LogPlace, Progress, Pulse, SharedAnswer, SharedAsk, Standing,
    Told, WindowSums,
};
use crate::ports::{BoxFuture, PortError, SharedBreakers, SharedCounters, SharedDoor};

/// How long one look into the log waits for news.
const WAIT_FOR_NEWS: Duration = Duration::from_secs(1);
/// How long a right to probe holds.
const LEASE_FOR: Duration = Duration::from_secs(10);

/// What nodes share. It answers until it is sent away.
#[derive(Debug, Default)]
pub struct MemoryShared {
    state: Mutex<State>,
    news: Notify,
}

#[derive(Debug, Default)]
struct State {
    is_away: bool,
    /// What the node knows: a failure closes the way, a beat opens it.
    is_open: bool,
    answers_to_lose: u32,
    beats_to_lose: u32,
    skips: Vec<Dimension>,
    nodes: u32,
    told: Option<u32>,
    answers: VecDeque<SharedAnswer>,
    slow: Duration,
    refuses_windows: bool,
    seen: Seen,
    log: Vec<Told>,
    breakers: Vec<breaker::Standing>,
}

/// What the node has said, in order.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Questions whether a request may go on.
    pub asked: Vec<SharedAsk>,
    /// Windows that were told.
    pub told: Vec<WindowSums>,
    /// Batches, each as often as it arrived.
    pub batches: Vec<Batch>,
    /// What was held at each beat.
    pub beats: Vec<Vec<Standing>>,
    /// How far it was with telling at each beat.
    pub progress: Vec<Progress>,
    /// Breakers that were put and taken.
    pub put: Vec<breaker::Standing>,
    /// Rights to probe that were asked for.
    pub leases: Vec<BreakerKey>,
    /// How long ago the places were that it has asked for.
    pub located: Vec<Duration>,
    /// How often the node has said that it goes.
    pub left: u32,
}

impl Seen {
    /// Returns the charges that count: those of each batch once.
    #[must_use]
    pub fn charges(&self) -> Vec<Charge> {
        let mut last = 0;
        let mut charges = Vec::new();
        for batch in &self.batches {
            if batch.number > last {
                last = batch.number;
                charges.extend(batch.charged.iter().map(|one| one.charge.clone()));
            }
        }
        charges
    }
}

impl MemoryShared {
    /// Lets nothing answer.
    pub fn go_away(&self) {
        self.state.lock().is_away = true;
        self.news.notify_waiters();
    }

    /// Lets everything answer again.
    pub fn come_back(&self) {
        self.state.lock().is_away = false;
    }

    /// Takes the next batches, and loses the answers to them.
    pub fn lose_answers(&self, count: u32) {
        self.state.lock().answers_to_lose = count;
    }

    /// Takes the next beats, and loses the answers to them.
    pub fn lose_beats(&self, count: u32) {
        self.state.lock().beats_to_lose = count;
    }

    /// Skips somebody at the next beat.
    pub fn will_skip(&self, owner: Dimension) {
        self.state.lock().skips.push(owner);
    }

    /// Says so many nodes with each beat; one at first.
    pub fn has_nodes(&self, count: u32) {
        self.state.lock().nodes = count;
    }

    /// Says with each beat that so many nodes have told everything; all of them at first.
    pub fn has_told(&self, count: u32) {
        self.state.lock().told = Some(count);
    }

    /// Answers the next question like this; others are let in.
    pub fn will_answer(&self, answer: SharedAnswer) {
        self.state.lock().answers.push_back(answer);
    }

    /// Lets each answer to a question take so long.
    pub fn be_slow(&self, each: Duration) {
        self.state.lock().slow = each;
    }

    /// Takes no windows from the node any more: it has heard of a cut that the node has not.
    pub fn refuse_windows(&self) {
        self.state.lock().refuses_windows = true;
    }

    /// Adds what another node tells to the log.
    pub fn push(&self, told: Told) {
        self.state.lock().log.push(told);
        self.news.notify_waiters();
    }

    /// Changes how breakers stand, as other nodes have told.
    pub fn set_breakers(&self, standings: Vec<breaker::Standing>) {
        self.state.lock().breakers = standings;
    }

    /// Returns what the node has said.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.state.lock().seen.clone()
    }

    /// Answers, unless it is away.
    fn pass<T>(&self, work: impl FnOnce(&mut State) -> T) -> Result<T, PortError> {
        let mut state = self.state.lock();
        if state.is_away {
            state.is_open = false;
            return Err(PortError::Unavailable("shared", "sent away by the test".to_owned()));
        }
        Ok(work(&mut state))
    }

    fn read(&self, from: usize) -> Result<Heard, PortError> {
        self.pass(|state| Heard {
            told: state.log.get(from..).unwrap_or_default().to_vec(),
            place: Some(place(state.log.len())),
            lacks: false,
        })
    }
}

fn lost() -> PortError {
    PortError::Unavailable("shared", "the answer was lost".to_owned())
}

fn place(index: usize) -> LogPlace {
    LogPlace(Arc::from(index.to_string()))
}

/// One worker's way to them.
struct Door(Arc<MemoryShared>);

impl SharedCounters for Arc<MemoryShared> {
    fn door(&self) -> Result<Arc<dyn SharedDoor>, PortError> {
        Ok(Arc::new(Door(Self::clone(self))))
    }

    fn is_there(&self) -> bool {
        self.state.lock().is_open
    }

    fn publish<'a>(&'a self, batch: &'a Batch) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            let is_lost = self.pass(|state| {
                state.seen.batches.push(batch.clone());
                let is_lost = state.answers_to_lose > 0;
                state.answers_to_lose = state.answers_to_lose.saturating_sub(1);
                state.is_open = !is_lost;
                is_lost
            })?;
            if is_lost {
                return Err(lost());
            }
            Ok(())
        })
    }

    fn beat<'a>(
        &'a self,
        weighing: &'a Weighing,
        progress: Progress,
    ) -> BoxFuture<'a, Result<Pulse, PortError>> {
        Box::pin(async move {
            let pulse = self.pass(|state| {
                let is_lost = state.beats_to_lose > 0;
                state.beats_to_lose = state.beats_to_lose.saturating_sub(1);
                state.is_open = !is_lost;
                state.seen.beats.push(weighing.standings.clone());
                state.seen.progress.push(progress);
                let skipped = std::mem::take(&mut state.skips);
                let nodes = state.nodes.max(1);
                let told = state.told.unwrap_or(nodes);
                (!is_lost).then_some(Pulse { nodes, told, skipped })
            })?;
            pulse.ok_or_else(lost)
        })
    }

    /// The place before all that was told: the start overlaps with it.
    fn locate(&self, ago: Duration) -> BoxFuture<'_, Result<LogPlace, PortError>> {
        Box::pin(async move {
            self.pass(|state| {
                state.seen.located.push(ago);
                place(0)
            })
        })
    }

    fn follow<'a>(&'a self, after: &'a LogPlace) -> BoxFuture<'a, Result<Heard, PortError>> {
        Box::pin(async move {
            let from = after.0.parse().unwrap_or(0);
            let news = self.news.notified();
            let heard = self.read(from)?;
            if !heard.told.is_empty() {
                return Ok(heard);
            }
            let _late = timeout(WAIT_FOR_NEWS, news).await;
            self.read(from)
        })
    }

    fn leave(&self) -> BoxFuture<'_, Result<(), PortError>> {
        Box::pin(async move { self.pass(|state| state.seen.left += 1) })
    }
}

impl SharedDoor for Door {
    fn patience(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn gives_up(&self, _: &PortError) {
        self.0.state.lock().is_open = false;
    }

    fn admit<'a>(&'a self, ask: &'a SharedAsk) -> BoxFuture<'a, Result<SharedAnswer, PortError>> {
        Box::pin(async move {
            let slow = self.0.state.lock().slow;
            if !slow.is_zero() {
                sleep(slow).await;
            }
            self.0.pass(|state| {
                state.seen.asked.push(ask.clone());
                state.answers.pop_front().unwrap_or(SharedAnswer::Held)
            })
        })
    }

    fn seed<'a>(
        &'a self,
        sums: &'a WindowSums,
        _: Option<&'a Horizon>,
    ) -> BoxFuture<'a, Result<bool, PortError>> {
        Box::pin(async move {
            self.0.pass(|state| {
                state.seen.told.push(sums.clone());
                !state.refuses_windows
            })
        })
    }
}

impl SharedBreakers for Arc<MemoryShared> {
    fn put<'a>(
        &'a self,
        standing: &'a breaker::Standing,
    ) -> BoxFuture<'a, Result<bool, PortError>> {
        Box::pin(async move {
            self.pass(|state| {
                let known = state.breakers.iter().find(|known| known.key == standing.key);
                if known.is_some_and(|known| known.version >= standing.version) {
                    return false;
                }
                state.seen.put.push(standing.clone());
                state.breakers.retain(|known| known.key != standing.key);
                state.breakers.push(standing.clone());
                true
            })
        })
    }

    fn all(&self) -> BoxFuture<'_, Result<Vec<breaker::Standing>, PortError>> {
        Box::pin(async move { self.pass(|state| state.breakers.clone()) })
    }

    fn lease(&self, key: BreakerKey) -> BoxFuture<'_, Result<Option<Duration>, PortError>> {
        Box::pin(async move {
            self.pass(|state| {
                state.seen.leases.push(key);
                Some(LEASE_FOR)
            })
        })
    }
}
