//! What became of a key's last request.

use switchyard_actors::domain::ids::KeyId;

use crate::app::{AppContext, AppError};
use crate::store::{LedgerEntry, LedgerFilter, Page};

/// What became of a key's last request.
#[derive(Debug)]
pub enum Seen {
    /// None has come yet.
    Nothing,
    /// The first one has come.
    First(Box<LedgerEntry>),
    /// It is one of several.
    Last(Box<LedgerEntry>),
}

/// Looks for a key's last request.
pub async fn last_request(context: &AppContext, key: KeyId) -> Result<Seen, AppError> {
    let filter = LedgerFilter { key: Some(key), ..LedgerFilter::default() };
    let page = Page { before: None, offset: 0, limit: 2 };
    let mut rows = context.store.ledger_page(&filter, page).await?.into_iter().map(Box::new);
    Ok(match (rows.next(), rows.next()) {
        (None, _) => Seen::Nothing,
        (Some(only), None) => Seen::First(only),
        (Some(last), Some(_)) => Seen::Last(last),
    })
}
