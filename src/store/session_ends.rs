//! Which sessions were ended, and when: every node learns it, and every later start.

use std::sync::Arc;

use switchyard_actors::domain::counters::{EndScope, SessionEnd};
use switchyard_actors::domain::ids::{KeyId, ProviderId, SessionId, UserId};
use switchyard_actors::domain::instant::Micros;

use super::error::StoreError;
use super::sql::Store;
use super::tx::Tx;
use super::value::Row;
use crate::params;

impl Tx {
    /// Notes that sessions were ended: it is kept exactly when the rest of the transaction is.
    pub async fn end_sessions(&mut self, end: &SessionEnd) -> Result<(), StoreError> {
        let (scope, target) = match &end.scope {
            EndScope::Session(session) => ("session", session.0.to_string()),
            EndScope::User(user) => ("user", user.to_string()),
            EndScope::Key(key) => ("key", key.to_string()),
            EndScope::Provider(provider) => ("provider", provider.to_string()),
        };
        self.execute("session_ends/note", params![scope, target, end.at]).await.map(drop)
    }
}

impl Store {
    /// Returns the ends of sessions since an instant, the first one first.
    pub async fn session_ends(&self, since: Micros) -> Result<Vec<SessionEnd>, StoreError> {
        let rows = self.query("session_ends/since", params![since]).await?;
        rows.iter().map(read).collect()
    }

    /// Forgets ends of sessions that are older than every request.
    pub async fn forget_session_ends(&self, before: Micros) -> Result<(), StoreError> {
        self.execute("session_ends/forget", params![before]).await.map(drop)
    }
}

fn read(row: &Row) -> Result<SessionEnd, StoreError> {
    let target = row.text("target")?;
    let number = || target.parse().map_err(|_| StoreError::row("target", "not a number"));
    let scope = match row.text("scope")? {
        "session" => EndScope::Session(SessionId(Arc::from(target))),
        "user" => EndScope::User(UserId(number()?)),
        "key" => EndScope::Key(KeyId(number()?)),
        "provider" => EndScope::Provider(ProviderId(number()?)),
        _ => return Err(StoreError::row("scope", "unknown")),
    };
    Ok(SessionEnd { scope, at: row.instant("at")? })
}
