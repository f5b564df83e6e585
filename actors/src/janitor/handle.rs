//! The janitor as others see it.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::{Actor, Addr};

use crate::ask::{AskError, ask};
use crate::clock::Clock;
use crate::domain::catalogue::Catalogue;
use crate::publish::Published;
use crate::shared::breakers::Breakers;
use crate::shared::counters::Counters;

use super::actor::Janitor;
use super::messages::{JanitorView, Observe};

/// How long a view may take.
const VIEW_DEADLINE: Duration = Duration::from_secs(1);

/// Asks the janitor how it does; nobody needs more of it.
#[derive(Clone)]
pub struct JanitorHandle(Addr<Janitor>);

impl JanitorHandle {
    /// Starts the janitor on the present thread's arbiter.
    #[must_use]
    pub fn start(
        counters: Arc<Counters>,
        breakers: Arc<Breakers>,
        catalogue: Published<Catalogue>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Janitor::new(counters, breakers, catalogue, clock).start())
    }

    /// Asks for the figures.
    pub async fn observe(&self) -> Result<JanitorView, AskError> {
        ask(&self.0, Observe, Some(VIEW_DEADLINE)).await
    }

    /// Returns the address, for the watch over actors.
    #[must_use]
    pub const fn addr(&self) -> &Addr<Janitor> {
        &self.0
    }
}
