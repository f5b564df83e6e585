//! The keeper as others see it.

use std::time::Duration;

use actix::prelude::Addr;

use crate::ask::{AskError, ask};
use crate::domain::catalogue::Catalogue;
use crate::publish::Published;

use super::actor::CatalogueKeeper;
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
    pub(super) fn new(addr: Addr<CatalogueKeeper>, published: Published<Catalogue>) -> Self {
        Self { addr, published }
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
    pub async fn view(&self) -> Result<CatalogueKeeperView, AskError> {
        ask(&self.addr, Observe, Some(VIEW_DEADLINE)).await
    }

    /// Returns the address, for the watch over actors.
    #[must_use]
    pub const fn addr(&self) -> &Addr<CatalogueKeeper> {
        &self.addr
    }
}
