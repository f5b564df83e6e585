//! Console sessions: who is logged in, by the hash of a token that only the browser has.

use switchyard_actors::domain::ids::KeyId;
use switchyard_actors::domain::instant::Micros;

use super::error::StoreError;
use super::sql::Store;
use crate::params;

/// What tells one admin token from another without giving either away.
pub type TokenMark = [u8; 32];

/// As whom a session is logged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SessionOwner {
    /// With the admin token of this mark; of another token it is worth nothing.
    Admin(TokenMark),
    /// With a user's key.
    Key(KeyId),
}

/// A session that is neither over nor revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleSession {
    /// As whom.
    pub owner: SessionOwner,
    /// Since when.
    pub created_at: Micros,
    /// Until when.
    pub expires_at: Micros,
    /// When it was last noted to be in use.
    pub seen_at: Micros,
}

/// What is noted when a session opens.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// SHA-256 of the token.
    pub token_hash: [u8; 32],
    /// As whom.
    pub owner: SessionOwner,
    /// Now.
    pub created_at: Micros,
    /// Until when.
    pub expires_at: Micros,
    /// The client's address.
    pub client_ip: Option<&'a str>,
    /// The browser's name for itself.
    pub user_agent: Option<&'a str>,
}

impl Store {
    /// Opens a console session.
    pub async fn open_session(&self, session: &NewSession<'_>) -> Result<(), StoreError> {
        let (kind, key, mark) = match session.owner {
            SessionOwner::Admin(mark) => ("admin", None, Some(mark)),
            SessionOwner::Key(key) => ("key", Some(key), None),
        };
        let params = params![
            session.token_hash,
            kind,
            key,
            session.created_at,
            session.expires_at,
            session.client_ip,
            session.user_agent,
            mark
        ];
        self.execute("console_sessions/add", params).await.map(drop)
    }

    /// Finds a live console session.
    pub async fn session(
        &self,
        token_hash: [u8; 32],
        now: Micros,
    ) -> Result<Option<ConsoleSession>, StoreError> {
        let row = self.query_opt("console_sessions/find", params![token_hash, now]).await?;
        let Some(row) = row else { return Ok(None) };
        let key = row.opt_int("key_id")?.map(|key| SessionOwner::Key(KeyId(key)));
        // A session of before marks were kept could be any token's: it has ended.
        let mark = row.opt_bytes("admin_mark")?.and_then(|mark| TokenMark::try_from(mark).ok());
        let Some(owner) = key.or(mark.map(SessionOwner::Admin)) else { return Ok(None) };
        Ok(Some(ConsoleSession {
            owner,
            created_at: row.instant("created_at")?,
            expires_at: row.instant("expires_at")?,
            seen_at: row.instant("seen_at")?,
        }))
    }

    /// Notes that a session is in use.
    pub async fn touch_session(&self, token: [u8; 32], now: Micros) -> Result<(), StoreError> {
        self.execute("console_sessions/touch", params![token, now]).await.map(drop)
    }

    /// Ends a session.
    pub async fn revoke_session(&self, token: [u8; 32], now: Micros) -> Result<(), StoreError> {
        self.execute("console_sessions/revoke", params![token, now]).await.map(drop)
    }

    /// Ends all sessions of a key.
    pub async fn revoke_sessions_of(&self, key: KeyId, now: Micros) -> Result<(), StoreError> {
        self.execute("console_sessions/revoke_key", params![key, now]).await.map(drop)
    }

    /// Forgets sessions that ended before an instant.
    pub async fn forget_sessions(&self, before: Micros) -> Result<u64, StoreError> {
        self.execute("console_sessions/remove_old", params![before]).await
    }
}
