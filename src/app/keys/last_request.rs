//! What became of a key's last request.

use switchyard_actors::domain::ids::KeyId;

use crate::app::usage_logs::for_eyes;
use crate::app::{Actor, AppContext, AppError};
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

/// Looks for a key's last request, as somebody may see it.
pub async fn last_request(
    context: &AppContext,
    actor: &Actor,
    key: KeyId,
) -> Result<Seen, AppError> {
    let filter = LedgerFilter { key: Some(key), ..LedgerFilter::default() };
    let page = Page { before: None, offset: 0, limit: 2 };
    let rows = context.store.ledger_page(&filter, page).await?.into_iter();
    let mut rows = rows.map(|entry| Box::new(for_eyes(actor, entry)));
    Ok(match (rows.next(), rows.next()) {
        (None, _) => Seen::Nothing,
        (Some(only), None) => Seen::First(only),
        (Some(last), Some(_)) => Seen::Last(last),
    })
}
