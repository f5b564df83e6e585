//! What the requests of sessions add up to.

use std::sync::Arc;

use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::ids::{KeyId, ProviderId, SessionId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::money::Nano;

use super::slots::first_id;
use crate::params;
use crate::store::error::StoreError;
use crate::store::sql::Store;
use crate::store::value::{Row, Value};

/// What requests of a session add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionTotals {
    /// How many requests there are.
    pub requests: u64,
    /// Input tokens that no cache knew.
    pub input: u64,
    /// Output tokens.
    pub output: u64,
    /// Tokens written to a cache.
    pub cache_write: u64,
    /// Tokens read from a cache.
    pub cache_read: u64,
    /// What they cost.
    pub cost: Nano,
    /// How long they took, added up, in milliseconds.
    pub duration_ms: u64,
}

impl SessionTotals {
    /// Adds others.
    pub const fn add(&mut self, more: &Self) {
        self.requests = self.requests.saturating_add(more.requests);
        self.input = self.input.saturating_add(more.input);
        self.output = self.output.saturating_add(more.output);
        self.cache_write = self.cache_write.saturating_add(more.cache_write);
        self.cache_read = self.cache_read.saturating_add(more.cache_read);
        self.cost = self.cost.plus(more.cost);
        self.duration_ms = self.duration_ms.saturating_add(more.duration_ms);
    }

    /// Returns the tokens of all kinds.
    #[must_use]
    pub const fn tokens(&self) -> u64 {
        let fresh = self.input.saturating_add(self.output);
        fresh.saturating_add(self.cache_write).saturating_add(self.cache_read)
    }
}

/// Requests of one session that have user, key, provider, model and dialect in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPart {
    /// The session.
    pub session: SessionId,
    /// The user.
    pub user: UserId,
    /// The key.
    pub key: KeyId,
    /// The provider that was asked last, if any was.
    pub provider: Option<ProviderId>,
    /// The model asked for.
    pub model: Option<Arc<str>>,
    /// They speak the Responses API.
    pub is_responses: bool,
    /// What they add up to.
    pub totals: SessionTotals,
    /// When the first one came.
    pub started_at: Micros,
    /// When the last one ended.
    pub ended_at: Micros,
    /// The client's name for itself, of one of them.
    pub user_agent: Option<Arc<str>>,
}

impl Store {
    /// Adds up the requests of sessions that came since an instant, by the first request.
    pub async fn session_parts(
        &self,
        sessions: &[&SessionId],
        since: Micros,
    ) -> Result<Vec<SessionPart>, StoreError> {
        if sessions.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<&str> = sessions.iter().map(|session| session.0.as_ref()).collect();
        let names = Value::json(&names)?;
        let rows = self.query("ledger/sessions", params![names, first_id(since)]).await?;
        rows.iter().map(part).collect()
    }
}

fn part(row: &Row) -> Result<SessionPart, StoreError> {
    Ok(SessionPart {
        session: SessionId(Arc::from(row.text("session_id")?)),
        user: UserId(row.int("user_id")?),
        key: KeyId(row.int("key_id")?),
        provider: row.opt_int("provider_id")?.map(ProviderId),
        model: row.opt_text("model")?.map(Arc::from),
        is_responses: row.text("dialect")? == Dialect::Responses.name(),
        totals: totals(row)?,
        started_at: row.instant("started_at")?,
        ended_at: row.instant("ended_at")?,
        user_agent: row.opt_text("user_agent")?.map(Arc::from),
    })
}

fn totals(row: &Row) -> Result<SessionTotals, StoreError> {
    let count = |column| Ok::<_, StoreError>(row.opt_count(column)?.unwrap_or(0));
    let for_minutes = count("cache_write_5m_tokens")?;
    Ok(SessionTotals {
        requests: count("requests")?,
        input: count("input_tokens")?,
        output: count("output_tokens")?,
        cache_write: for_minutes.saturating_add(count("cache_write_1h_tokens")?),
        cache_read: count("cache_read_tokens")?,
        cost: row.money("cost")?,
        duration_ms: count("duration_ms")?,
    })
}
