//! Spells out how the cost of a request came about, from the price version that its row names.

use switchyard_actors::domain::billing::{Line, lines};
use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::price_sync::parse_entry;

use crate::app::{AppContext, AppError};
use crate::store::PriceVersion;

/// How the cost of a request came about.
#[derive(Clone, Debug)]
pub struct Bill {
    /// The price version.
    pub version: PriceVersion,
    /// What was counted, at which rate; nothing where that version cannot be read any more.
    pub lines: Vec<Line>,
}

/// Returns how the cost of a request came about; `None` where it has none.
///
/// # Errors
/// The database cannot be asked.
pub async fn bill(app: &AppContext, row: &LedgerRow) -> Result<Option<Bill>, AppError> {
    let (Some(cost), Some(usage)) = (&row.cost, &row.usage) else { return Ok(None) };
    let Some(version) = app.store.price_version(cost.price).await? else { return Ok(None) };
    let price = parse_entry(cost.price, &version.model, version.source, &version.body);
    let tier = row.terms.as_ref().map(|terms| terms.tier).unwrap_or_default();
    let lines = price.map(|price| lines(usage, &price, tier).to_vec()).unwrap_or_default();
    let lines = lines.into_iter().filter(|line| line.count > 0).collect();
    Ok(Some(Bill { version, lines }))
}
