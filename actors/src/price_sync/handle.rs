//! The price sync as others see it.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::Addr;

use crate::ask::{AskError, Teller, ask, start_bounded};
use crate::clock::{Clock, Luck};

use super::actor::{CAPACITY, PriceConfig, PricePorts, PriceSync};
use super::messages::{Observe, PriceSyncView, SyncError, SyncNow, SyncReport, UnknownModel};

/// A fetch may take 30 s, and one may be under way.
const SYNC_DEADLINE: Duration = Duration::from_mins(1);
/// How long a view may take.
const VIEW_DEADLINE: Duration = Duration::from_secs(1);

/// Asks for syncs and tells of unknown models.
#[derive(Clone)]
pub struct PriceSyncHandle(Teller<PriceSync>);

impl PriceSyncHandle {
    /// Starts the sync on the present thread's arbiter: the seed first, then the table.
    #[must_use]
    pub fn start(
        ports: PricePorts,
        config: PriceConfig,
        clock: Arc<dyn Clock>,
        luck: Arc<dyn Luck>,
    ) -> Self {
        Self(Teller::new(start_bounded(PriceSync::new(ports, config, clock, luck), CAPACITY)))
    }

    /// Syncs now and answers what changed. A failure changes nothing.
    pub async fn sync_now(&self) -> Result<SyncReport, SyncError> {
        ask(self.0.addr(), SyncNow, Some(SYNC_DEADLINE)).await?
    }

    /// Tells of a model without a price; brings a sync at most every five minutes. Never waits.
    pub fn unknown_model(&self, model: Arc<str>) {
        // When it does not get in, the next unpriced request tells again.
        self.0.tell(UnknownModel(model));
    }

    /// Returns the figures.
    pub async fn observe(&self) -> Result<PriceSyncView, AskError> {
        ask(self.0.addr(), Observe, Some(VIEW_DEADLINE)).await
    }

    /// Returns the address, for the watch over actors.
    #[must_use]
    pub fn addr(&self) -> &Addr<PriceSync> {
        self.0.addr()
    }
}
