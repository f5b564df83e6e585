//! The shell: one timer.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::{Actor, AsyncContext, Context, Handler, MessageResult};

use crate::clock::Clock;
use crate::domain::live::{SessionLoad, SessionLoads};
use crate::shared::counters::Counters;
use crate::shared::feed::Feed;

use super::messages::{LiveFeedView, Observe};

/// Between two rounds; the feed's patience is counted in them.
pub(super) const EVERY: Duration = Duration::from_secs(1);

/// Counts sessions while somebody follows.
pub struct LiveFeed {
    feed: Arc<Feed>,
    counters: Arc<Counters>,
    clock: Arc<dyn Clock>,
    counted: u64,
}

impl LiveFeed {
    /// Makes the actor of a feed.
    #[must_use]
    pub fn new(feed: Arc<Feed>, counters: Arc<Counters>, clock: Arc<dyn Clock>) -> Self {
        Self { feed, counters, clock, counted: 0 }
    }

    fn round(&mut self) {
        if self.feed.end_round() {
            self.feed.sessions(self.count());
            self.counted = self.counted.saturating_add(1);
        }
    }

    fn count(&self) -> SessionLoads {
        let (now, ttl) = (self.clock.now(), self.counters.lifetimes().session_ttl);
        let mut loads = SessionLoads::default();
        self.counters.each(|user, tenant| {
            let active = u64::try_from(tenant.sessions.shown(now, ttl)).unwrap_or(u64::MAX);
            let in_flight = u64::from(tenant.user.in_flight());
            loads.add(user, SessionLoad { active, in_flight });
        });
        loads
    }
}

impl Actor for LiveFeed {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        context.run_interval(EVERY, |actor, _| actor.round());
    }
}

impl Handler<Observe> for LiveFeed {
    type Result = MessageResult<Observe>;

    fn handle(&mut self, _: Observe, _: &mut Self::Context) -> Self::Result {
        MessageResult(LiveFeedView { feed: self.feed.view(), counted: self.counted })
    }
}
