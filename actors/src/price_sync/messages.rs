//! What one may say to the price sync, and what it answers.

use std::sync::Arc;

use actix::prelude::Message;
use serde::Serialize;

use crate::ask::AskError;
use crate::domain::instant::Micros;
use crate::ports::PortError;

use super::catalog::TableError;

/// Asks for a sync now; answers when it has ended.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "Result<SyncReport, SyncError>")]
pub struct SyncNow;

/// A request named a model without a price.
#[derive(Message, Clone, Debug)]
#[rtype(result = "()")]
pub struct UnknownModel(pub Arc<str>);

/// Asks for the figures.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "PriceSyncView")]
pub struct Observe;

/// What a sync did, by model name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SyncReport {
    /// Models without a price so far.
    pub added: Vec<String>,
    /// Models with a new price.
    pub updated: Vec<String>,
    /// Models whose price stayed.
    pub unchanged: Vec<String>,
    /// Models whose entry is no price.
    pub failed: Vec<String>,
    /// Models in the table.
    pub total: usize,
}

/// Why a sync changed nothing.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SyncError {
    /// The feed or the store is away.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The table is not usable.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The actor did not answer.
    #[error("the price sync did not answer: {0}")]
    Ask(#[from] AskError),
}

/// The figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PriceSyncView {
    /// The last sync that went well.
    pub last_success: Option<Micros>,
    /// The last try.
    pub last_attempt: Option<Micros>,
    /// Why the last try failed; `None` when it went well.
    pub last_error: Option<String>,
    /// Failures in a row.
    pub failures: u32,
    /// The entity tag of the table in use.
    pub etag: Option<String>,
    /// Models with a synced (or seed) price.
    pub entries: usize,
    /// A model without a price that was asked for last.
    pub unknown_model: Option<Arc<str>>,
}
