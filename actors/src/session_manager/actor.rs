//! The shell: one per HTTP worker.

use std::sync::Arc;

use actix::prelude::{Actor, Context, Handler, MessageResult};

use super::affinity::{self, Asked};
use super::identity::{Owner, claim};
use super::messages::{Observe, Resolve, Resolved, SessionManagerView};
use crate::shared::counters::Counters;

/// Names sessions. See the module's contract.
pub struct SessionManager {
    counters: Arc<Counters>,
    state: SessionManagerView,
}

impl SessionManager {
    /// Makes the session manager of one worker.
    #[must_use]
    pub fn new(counters: Arc<Counters>) -> Self {
        Self { counters, state: SessionManagerView::default() }
    }
}

/// Resolves on the shared state: what the actor does, and the handle when the actor has ended.
pub(super) fn resolve(counters: &Counters, ask: &Resolve) -> Resolved {
    let owner = Owner { user: ask.caller.user, key: ask.caller.key };
    let claim = claim(owner, &ask.hints, &ask.fallback);
    let ttl = counters.lifetimes().session_ttl;
    let asked = Asked {
        key: owner.key,
        model: ask.model.as_deref(),
        messages: ask.hints.messages,
        now: ask.now,
    };
    counters
        .tenant(owner.user, |tenant| affinity::resolve(&claim, asked, &mut tenant.sessions, ttl))
}

impl Actor for SessionManager {
    type Context = Context<Self>;
}

impl Handler<Resolve> for SessionManager {
    type Result = MessageResult<Resolve>;

    fn handle(&mut self, ask: Resolve, _: &mut Self::Context) -> Self::Result {
        let resolved = resolve(&self.counters, &ask);
        let tally = if resolved.fresh { &mut self.state.fresh } else { &mut self.state.known };
        *tally = tally.saturating_add(1);
        self.state.bound = self.state.bound.saturating_add(u64::from(resolved.bound.is_some()));
        MessageResult(resolved)
    }
}

impl Handler<Observe> for SessionManager {
    type Result = MessageResult<Observe>;

    fn handle(&mut self, _: Observe, _: &mut Self::Context) -> Self::Result {
        MessageResult(self.state)
    }
}
