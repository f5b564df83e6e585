//! The outside world as the core sees it. `src/store` and `src/upstream` implement these.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::domain::catalogue::Catalogue;
use crate::domain::ids::RequestId;
use crate::domain::ledger::LedgerRow;

/// A future that may cross threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Why a port could not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PortError {
    /// The other side is not there now; trying again later makes sense.
    #[error("{0} is not reachable: {1}")]
    Unavailable(&'static str, String),
    /// The other side refused; trying the same again does not help.
    #[error("{0} refused: {1}")]
    Refused(&'static str, String),
}

/// Where ledger rows go.
pub trait LedgerSink: Send + Sync {
    /// Writes rows in one transaction. Rows that are already there stay as they are: writing is
    /// idempotent by request id. Also marks the roll-up slots of the rows as dirty.
    fn write<'a>(&'a self, rows: &'a [LedgerRow]) -> BoxFuture<'a, Result<(), PortError>>;

    /// Returns which of the ids have a row.
    fn known<'a>(
        &'a self,
        ids: &'a [RequestId],
    ) -> BoxFuture<'a, Result<Vec<RequestId>, PortError>>;
}

/// What the price feed answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedAnswer {
    /// The table is the one of the given entity tag.
    Unchanged,
    /// A table: its text and entity tag.
    Table {
        /// The JSON text.
        text: String,
        /// The entity tag for the next time.
        etag: Option<String>,
    },
}

/// Where the `LiteLLM` price table comes from.
pub trait PriceFeed: Send + Sync {
    /// Fetches the table unless it still has the entity tag. At most 20 MB in 30 s.
    fn fetch<'a>(&'a self, etag: Option<&'a str>) -> BoxFuture<'a, Result<FeedAnswer, PortError>>;
}

/// One synced price to store: the model and its price object as the sheet has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetEntry {
    /// The model.
    pub model: String,
    /// The price object's JSON text, numbers untouched.
    pub json: String,
}

/// Where price versions are kept.
pub trait PriceStore: Send + Sync {
    /// Returns the newest synced (or seed) entry of each model, as stored.
    fn synced(&self) -> BoxFuture<'_, Result<Vec<SheetEntry>, PortError>>;

    /// Stores new versions for changed entries, one transaction, and bumps the catalogue.
    /// `seed` marks them as bundled rather than synced. Manual prices are not touched.
    fn store<'a>(
        &'a self,
        changed: &'a [SheetEntry],
        seed: bool,
    ) -> BoxFuture<'a, Result<(), PortError>>;
}

/// Where the catalogue is loaded from.
pub trait CatalogueSource: Send + Sync {
    /// Returns the catalogue as it is now: `have` itself (the same `Arc`) when nothing has changed,
    /// and its sections where they have not. Called twice a second, so "unchanged" must be cheap.
    fn load(
        &self,
        have: Option<Arc<Catalogue>>,
    ) -> BoxFuture<'_, Result<Arc<Catalogue>, PortError>>;
}
