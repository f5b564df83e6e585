//! What a provider served lately: where nobody listed its models, that is the best that is known.

use std::sync::Arc;
use std::time::Duration;

use switchyard_actors::domain::dialect::{Dialect, Operation};
use switchyard_actors::domain::ids::ProviderId;

use crate::app::{AppContext, AppError};
use crate::store::{LedgerFilter, Page};

/// How far back to look.
const BACK: Duration = Duration::from_hours(30 * 24);
/// Rows to look at: nearly all requests of a provider ask for an answer in one dialect.
const ROWS: u32 = 10;

/// Returns the model that a provider served last to a dialect's clients.
pub async fn served_lately(
    context: &AppContext,
    provider: ProviderId,
    dialect: Dialect,
) -> Result<Option<Arc<str>>, AppError> {
    let filter = LedgerFilter {
        provider: Some(provider),
        status: Some(200),
        from: Some(context.clock.now().minus(BACK)),
        ..LedgerFilter::default()
    };
    let page = Page { before: None, offset: 0, limit: ROWS };
    let rows = context.store.ledger_page(&filter, page).await?;
    let asked = rows.into_iter().map(|entry| entry.row.opened);
    let mut fitting =
        asked.filter(|opened| opened.dialect == dialect && opened.operation == Operation::Generate);
    Ok(fitting.find_map(|opened| opened.model))
}
