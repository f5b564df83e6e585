//! The shell: one per HTTP worker.

use std::sync::Arc;

use actix::prelude::{Actor, Context, Handler};

use super::door::{Rules, decide};
use super::messages::{Observe, RateLimiterView, Reserve};
use super::reservation::Reservation;
use super::waiting::Waiting;
use crate::domain::counters::Calendar;
use crate::domain::limits::Refusal;
use crate::shared::counters::Counters;

/// Lets requests in or refuses them. See the module's contract.
pub struct RateLimiter {
    counters: Arc<Counters>,
    rules: Rules,
    waiting: Option<Arc<Waiting>>,
    state: State,
}

#[derive(Debug, Default)]
struct State {
    calendar: Calendar,
    tallies: RateLimiterView,
}

impl RateLimiter {
    /// Makes the limiter of one worker.
    #[must_use]
    pub fn new(counters: Arc<Counters>, rules: Rules, waiting: Option<Arc<Waiting>>) -> Self {
        Self { counters, rules, waiting, state: State::default() }
    }
}

impl Actor for RateLimiter {
    type Context = Context<Self>;
}

impl Handler<Reserve> for RateLimiter {
    type Result = Result<Reservation, Refusal>;

    fn handle(&mut self, reserve: Reserve, _: &mut Self::Context) -> Self::Result {
        // Who waits goes before who comes.
        if let Some(waiting) = &self.waiting {
            waiting.serve();
        }
        let State { calendar, tallies } = &mut self.state;
        let answer = decide(&self.counters, self.rules, calendar, &reserve);
        let answer = match &self.waiting {
            Some(waiting) => answer.map(|held| held.handing_on(waiting)),
            None => answer,
        };
        match &answer {
            Ok(_) => tallies.admitted = tallies.admitted.saturating_add(1),
            Err(_) => tallies.refused = tallies.refused.saturating_add(1),
        }
        answer
    }
}

impl Handler<Observe> for RateLimiter {
    type Result = actix::MessageResult<Observe>;

    fn handle(&mut self, _: Observe, _: &mut Self::Context) -> Self::Result {
        actix::MessageResult(self.state.tallies)
    }
}
