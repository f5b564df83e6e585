//! What became of a key's last request; the page of a key waits for the first one.

use actix_web::HttpResponse;
use actix_web::web::Path;
use serde::Serialize;
use switchyard_actors::domain::ids::KeyId;
use switchyard_actors::domain::instant::Micros;

use crate::app::keys::{self, Seen};
use crate::store::LedgerEntry;
use crate::web::console::frame::{PageError, Visitor, tone};

/// What became of a key's last request.
#[derive(Clone, Debug, Serialize)]
pub struct SeenView {
    /// The key.
    pub id: i64,
    /// `waiting`, `first` or `last`.
    pub word: &'static str,
    /// The request.
    pub request: Option<SeenRequest>,
    /// The page shows the whole key, and would not when it is looked at again.
    pub keeps: bool,
    /// The door, where requests without a key are noted, may be looked at.
    pub is_admin: bool,
}

/// A request.
#[derive(Clone, Debug, Serialize)]
pub struct SeenRequest {
    /// When it came.
    pub at: Micros,
    /// The model it asked for.
    pub model: Option<String>,
    /// Who served it.
    pub provider: Option<String>,
    /// Its status.
    pub status: u16,
    /// `good`, `warn` or `bad`.
    pub state: &'static str,
    /// Its page.
    pub href: String,
    /// What it failed with.
    pub error: Option<String>,
}

/// Answers with the part of the page that waits.
pub async fn seen(visitor: Visitor, id: Path<i64>) -> Result<HttpResponse, PageError> {
    let found = keys::find(visitor.app(), &visitor.actor, KeyId(*id)).await?;
    let (_, key) = found.ok_or(PageError::NotFound)?;
    visitor.show_fragment("partials/first_row.html", &look(&visitor, key.id).await?)
}

/// Looks for the key's last request.
pub async fn look(visitor: &Visitor, key: KeyId) -> Result<SeenView, PageError> {
    let seen = keys::last_request(visitor.app(), &visitor.actor, key).await?;
    let (word, request) = match &seen {
        Seen::Nothing => ("waiting", None),
        Seen::First(entry) => ("first", Some(SeenRequest::of(entry))),
        Seen::Last(entry) => ("last", Some(SeenRequest::of(entry))),
    };
    let is_admin = visitor.is_admin();
    Ok(SeenView { id: key.0, word, request, keeps: false, is_admin })
}

impl SeenRequest {
    fn of(entry: &LedgerEntry) -> Self {
        let row = &entry.row;
        Self {
            at: row.opened.started_at,
            model: row.opened.model.as_deref().map(str::to_owned),
            provider: entry.provider_name.as_deref().map(str::to_owned),
            status: row.status,
            state: tone(row),
            href: format!("/requests/{}", row.opened.id),
            error: row.error.as_deref().map(str::to_owned),
        }
    }
}
