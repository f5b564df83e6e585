//! The keeper as others see it.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::Addr;

use crate::ask::{AskError, ask, start_bounded};
use crate::clock::Clock;
use crate::domain::catalogue::Catalogue;
use crate::ports::CatalogueSource;
use crate::publish::Published;

use super::actor::{CAPACITY, CatalogueKeeper};
use super::messages::{CatalogueKeeperView, Observe, Reload, ReloadError};

/// A load may wait for the one before it; both have the database's own time limits.
const RELOAD_DEADLINE: Duration = Duration::from_secs(30);
/// How long a view may take.
const VIEW_DEADLINE: Duration = Duration::from_secs(1);

/// Reads the catalogue without a message, and asks for a new one.
#[derive(Clone)]
pub struct CatalogueKeeperHandle {
    addr: Addr<CatalogueKeeper>,
    published: Published<Catalogue>,
}

impl CatalogueKeeperHandle {
    /// Starts the keeper on the present thread's arbiter, with a catalogue that was loaded before.
    #[must_use]
    pub fn start(
        source: Arc<dyn CatalogueSource>,
        first: Arc<Catalogue>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (writer, published) = Published::new(first);
        let keeper = CatalogueKeeper::new(source, writer, clock);
        Self { addr: start_bounded(keeper, CAPACITY), published }
    }

    /// Returns the reader that requests take their catalogue from.
    #[must_use]
    pub fn published(&self) -> Published<Catalogue> {
        self.published.clone()
    }

    /// Loads what an admin has just written, and answers with the version once it is in force.
    pub async fn reload(&self) -> Result<i64, ReloadError> {
        ask(&self.addr, Reload, Some(RELOAD_DEADLINE)).await?
    }

    /// Returns the figures.
    pub async fn observe(&self) -> Result<CatalogueKeeperView, AskError> {
        ask(&self.addr, Observe, Some(VIEW_DEADLINE)).await
    }

    /// Returns the address, for the watch over actors.
    #[must_use]
    pub const fn addr(&self) -> &Addr<CatalogueKeeper> {
        &self.addr
    }
}
