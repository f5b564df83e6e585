//! One sync from end to end over the ports; it changes the store once, at its end, or not at all.

use crate::ports::{FeedAnswer, PriceFeed, PriceStore, SheetEntry};

use super::catalog::{Table, diff, parse_table, refuse_shrunk};
use super::messages::{SyncError, SyncReport};

/// What a sync brought.
#[derive(Debug)]
pub(super) struct Synced {
    /// What changed.
    pub report: SyncReport,
    /// The entity tag to ask with next time.
    pub etag: Option<String>,
    /// Models with a price now.
    pub entries: usize,
}

/// Fetches the table and stores what changed.
pub(super) async fn sync(
    feed: &dyn PriceFeed,
    store: &dyn PriceStore,
    etag: Option<String>,
) -> Result<Synced, SyncError> {
    let answer = feed.fetch(etag.as_deref()).await?;
    let known = store.synced().await?;
    match answer {
        FeedAnswer::Unchanged => Ok(unchanged(&known, etag)),
        FeedAnswer::Table { text, etag } => {
            let table = parse_table(&text)?;
            drop(text);
            refuse_shrunk(known.len(), table.entries.len())?;
            merge(store, known, table, etag, false).await
        }
    }
}

/// Stores the bundled table when the store has no price at all.
pub(super) async fn seed(store: &dyn PriceStore, text: &str) -> Result<usize, SyncError> {
    let known = store.synced().await?;
    if !known.is_empty() {
        return Ok(known.len());
    }
    Ok(merge(store, known, parse_table(text)?, None, true).await?.entries)
}

/// Stores what differs from the known entries.
async fn merge(
    store: &dyn PriceStore,
    known: Vec<SheetEntry>,
    table: Table,
    etag: Option<String>,
    is_seed: bool,
) -> Result<Synced, SyncError> {
    let total = table.total();
    let difference = diff(&known, table.entries);
    let names = |entries: &[SheetEntry]| entries.iter().map(|entry| entry.model.clone()).collect();
    let report = SyncReport {
        added: names(&difference.added),
        updated: names(&difference.updated),
        unchanged: difference.unchanged,
        failed: table.failed,
        total,
    };
    let mut changed = difference.added;
    let entries = known.len().saturating_add(changed.len());
    changed.extend(difference.updated);
    if !changed.is_empty() {
        store.store(&changed, is_seed).await?;
    }
    Ok(Synced { report, etag, entries })
}

fn unchanged(known: &[SheetEntry], etag: Option<String>) -> Synced {
    let unchanged: Vec<String> = known.iter().map(|entry| entry.model.clone()).collect();
    let total = unchanged.len();
    let report = SyncReport { unchanged, total, ..SyncReport::default() };
    Synced { report, etag, entries: total }
}
