//! The live feed's actor as others see it.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::{Actor, Addr};

use crate::ask::{AskError, ask};
use crate::clock::Clock;
use crate::shared::counters::Counters;
use crate::shared::feed::Feed;

use super::actor::LiveFeed;
use super::messages::{LiveFeedView, Observe};

/// How long a view may take.
const VIEW_DEADLINE: Duration = Duration::from_secs(1);

/// Asks the actor how it does; those who tell and those who follow need the feed alone.
#[derive(Clone)]
pub struct LiveFeedHandle(Addr<LiveFeed>);

impl LiveFeedHandle {
    /// Starts the actor on the present thread's arbiter.
    #[must_use]
    pub fn start(feed: Arc<Feed>, counters: Arc<Counters>, clock: Arc<dyn Clock>) -> Self {
        Self(LiveFeed::new(feed, counters, clock).start())
    }

    /// Asks for the figures.
    pub async fn observe(&self) -> Result<LiveFeedView, AskError> {
        ask(&self.0, Observe, Some(VIEW_DEADLINE)).await
    }

    /// Returns the address, for the watch over actors.
    #[must_use]
    pub const fn addr(&self) -> &Addr<LiveFeed> {
        &self.0
    }
}
