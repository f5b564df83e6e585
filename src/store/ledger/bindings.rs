//! Which provider served which session last: what a restarted process goes on with.

use std::sync::Arc;

use switchyard_actors::domain::ids::{KeyId, ProviderId, SessionId, UserId};
use switchyard_actors::domain::instant::Micros;

use super::slots::first_id;
use crate::params;
use crate::store::error::StoreError;
use crate::store::sql::Store;

/// A session and the provider that served one of its requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedSession {
    /// The user.
    pub user: UserId,
    /// The key.
    pub key: KeyId,
    /// The session.
    pub session: SessionId,
    /// The provider.
    pub provider: ProviderId,
    /// The model asked for.
    pub model: Option<Arc<str>>,
    /// When the request came.
    pub started_at: Micros,
    /// The end of the request.
    pub ended_at: Micros,
    /// What its row says besides.
    pub notes: Vec<Arc<str>>,
}

impl Store {
    /// Returns the sessions of successful requests that began since an instant, the latest request
    /// first; one entry a request.
    pub async fn served_sessions(&self, since: Micros) -> Result<Vec<ServedSession>, StoreError> {
        let rows = self.query("ledger/bindings", params![first_id(since)]).await?;
        rows.iter()
            .map(|row| {
                Ok(ServedSession {
                    user: UserId(row.int("user_id")?),
                    key: KeyId(row.int("key_id")?),
                    session: SessionId(Arc::from(row.text("session_id")?)),
                    provider: ProviderId(row.int("provider_id")?),
                    model: row.opt_text("model")?.map(Arc::from),
                    started_at: row.instant("started_at")?,
                    ended_at: row.instant("ended_at")?,
                    notes: row.json("notes")?,
                })
            })
            .collect()
    }
}
