//! What one may say to the keeper, and what it answers.

use actix::prelude::Message;
use serde::Serialize;

use crate::ask::AskError;
use crate::domain::instant::Micros;
use crate::ports::PortError;

/// Asks for a load that begins after this; answers with the version once it is published.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "Result<i64, ReloadError>")]
pub struct Reload;

/// Asks for the figures.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "CatalogueKeeperView")]
pub struct Observe;

/// Why the old catalogue stays in force.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ReloadError {
    /// It could not be loaded.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The keeper did not answer.
    #[error("the catalogue keeper did not answer: {0}")]
    Ask(#[from] AskError),
}

/// The figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CatalogueKeeperView {
    /// The version in force.
    pub version: i64,
    /// When it was last known to be the newest.
    pub last_success: Option<Micros>,
    /// Why it may not be; `None` when the last load went well.
    pub last_error: Option<String>,
    /// Failed loads in a row.
    pub failures: u64,
    /// Catalogues published since the start.
    pub published: u64,
    /// Keys in force.
    pub callers: usize,
    /// Providers in force.
    pub providers: usize,
    /// Models with a price.
    pub prices: usize,
}
