//! How others speak to the `RateLimiter`.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::{Actor, Addr};
use tokio::time::{Instant, sleep};

use super::actor::RateLimiter;
use super::door::{Rules, decide};
use super::messages::{Observe, RateLimiterView, Reserve};
use super::reservation::Reservation;
use super::waiting::Waiting;
use crate::ask::{AskError, ask};
use crate::common_counter::{CommonCounter, Word};
use crate::domain::counters::Calendar;
use crate::domain::limits::Refusal;
use crate::shared::counters::Counters;

/// Between two looks whether another node has given a place back.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// The door to one worker's limiter.
#[derive(Clone)]
pub struct RateLimiterHandle {
    addr: Addr<RateLimiter>,
    counters: Arc<Counters>,
    rules: Rules,
    waiting: Option<Arc<Waiting>>,
    common: Option<CommonCounter>,
}

impl RateLimiterHandle {
    /// Starts a limiter on the present thread's arbiter.
    #[must_use]
    pub fn start(counters: Arc<Counters>, rules: Rules) -> Self {
        Self::start_with(counters, rules, None)
    }

    /// Starts a limiter with a line in which one waits for a place.
    #[must_use]
    pub fn start_with(
        counters: Arc<Counters>,
        rules: Rules,
        waiting: Option<Arc<Waiting>>,
    ) -> Self {
        let addr = RateLimiter::new(Arc::clone(&counters), rules, waiting.clone()).start();
        Self { addr, counters, rules, waiting, common: None }
    }

    /// Lets what this node lets in be confirmed by the counter that nodes share.
    #[must_use]
    pub fn confirming(mut self, common: CommonCounter) -> Self {
        self.common = Some(common);
        self
    }

    /// Asks whether a request may go on; if so, holds its place. Where a concurrency limit is in the
    /// way and there is a line for it, it waits there.
    ///
    /// # Errors
    /// The limit in the way.
    pub async fn reserve(&self, reserve: Reserve) -> Result<Reservation, Refusal> {
        let begun = Instant::now();
        let most = self.waiting.as_ref().map_or(Duration::ZERO, |it| it.time());
        let most = most.min(reserve.patience);
        let mut turn = None;
        loop {
            let held = match (self.at_once(&reserve).await, &self.waiting) {
                (Err(refusal), Some(waiting)) if refusal.kind.is_concurrency() => {
                    let patience = most.saturating_sub(begun.elapsed());
                    waiting.wait(Reserve { patience, ..reserve.clone() }, refusal).await?
                }
                (answer, _) => answer?,
            };
            let Some(common) = &self.common else { return Ok(held) };
            match common.confirm(held).await {
                Word::Held(reservation) => return Ok(reservation),
                Word::Refused(refusal) if refusal.kind.is_concurrency() => {
                    // Places of other nodes come back without a word: it is looked again.
                    let waiting = self.waiting.as_ref().filter(|_| begun.elapsed() < most);
                    turn = turn.or_else(|| waiting.and_then(Waiting::look_again));
                    if waiting.is_none() || turn.is_none() {
                        return Err(refusal);
                    }
                    sleep(LOOK_AGAIN).await;
                }
                Word::Refused(refusal) => return Err(refusal),
                Word::Away => {}
            }
        }
    }

    async fn at_once(&self, reserve: &Reserve) -> Result<Reservation, Refusal> {
        match ask(&self.addr, reserve.clone(), None).await {
            Ok(answer) => answer,
            // The actor has ended and the process is about to: limits hold all the same.
            Err(AskError::Gone | AskError::Silent) => {
                decide(&self.counters, self.rules, &mut Calendar::default(), reserve)
            }
        }
    }

    /// Asks for the tallies.
    pub async fn observe(&self) -> Result<RateLimiterView, AskError> {
        ask(&self.addr, Observe, None).await
    }

    /// Returns the address, for the watch over actors.
    #[must_use]
    pub const fn addr(&self) -> &Addr<RateLimiter> {
        &self.addr
    }

    /// Returns the shared counters, for views.
    #[must_use]
    pub const fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }
}
