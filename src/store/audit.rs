//! The audit log: who did what to what. Entries hold no secrets, and nobody changes them.

use serde_json::Value as Document;
use switchyard_actors::domain::instant::Micros;

use super::error::StoreError;
use super::sql::{Batch, Store};
use super::tx::Tx;
use super::value::{Row, Value};
use crate::params;

/// What is noted of an action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Micros,
    /// `admin` (the token), `user` (a key), `cli`, `system`.
    pub actor_kind: String,
    /// The user's id, for a user.
    pub actor_id: Option<i64>,
    /// The actor's name at that time.
    pub actor_name: String,
    /// What was done: `user.create`, `key.reveal`, `login`, ...
    pub action: String,
    /// What it was done to: `user`, `key`, `provider`, `settings`, ...
    pub target_kind: String,
    /// The target's id.
    pub target_id: Option<i64>,
    /// The target's name at that time.
    pub target_name: Option<String>,
    /// It was done (and not refused).
    pub success: bool,
    /// What changed, without secrets.
    pub detail: Document,
    /// The client's address.
    pub client_ip: Option<String>,
    /// The client's name for itself.
    pub user_agent: Option<String>,
}

/// An entry with its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// The entry's id; newer ones are higher.
    pub id: i64,
    /// The entry.
    pub entry: AuditEntry,
}

/// Which entries to read.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only entries older than this id.
    pub before: Option<i64>,
    /// Only this action.
    pub action: Option<String>,
    /// Only targets of this kind.
    pub target_kind: Option<String>,
    /// Only this target.
    pub target_id: Option<i64>,
}

impl Batch {
    /// Adds an audit entry: it is kept exactly when the rest of the batch is.
    pub fn audit(&mut self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.push("audit/add", params(entry)?);
        Ok(())
    }
}

impl Tx {
    /// Adds an audit entry: it is kept exactly when the rest of the transaction is.
    pub async fn audit(&mut self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.execute("audit/add", params(entry)?).await.map(drop)
    }
}

impl Store {
    /// Notes an action that writes nothing else: a reveal, a login, a refusal.
    pub async fn note(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.execute("audit/add", params(entry)?).await.map(drop)
    }

    /// Reads entries, newest first.
    pub async fn audit_page(
        &self,
        filter: &AuditFilter,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let params = params![
            filter.before.unwrap_or(i64::MAX),
            filter.action.as_deref(),
            filter.target_kind.as_deref(),
            filter.target_id,
            limit
        ];
        self.query("audit/page", params).await?.iter().map(read).collect()
    }
}

fn params(entry: &AuditEntry) -> Result<Vec<Value>, StoreError> {
    Ok(params![
        entry.at,
        entry.actor_kind.as_str(),
        entry.actor_id,
        entry.actor_name.as_str(),
        entry.action.as_str(),
        entry.target_kind.as_str(),
        entry.target_id,
        entry.target_name.as_deref(),
        entry.success,
        Value::json(&entry.detail)?,
        entry.client_ip.as_deref(),
        entry.user_agent.as_deref()
    ])
}

fn read(row: &Row) -> Result<AuditRecord, StoreError> {
    let owned = |column| Ok::<_, StoreError>(row.opt_text(column)?.map(str::to_owned));
    let entry = AuditEntry {
        at: row.instant("at")?,
        actor_kind: row.text("actor_kind")?.to_owned(),
        actor_id: row.opt_int("actor_id")?,
        actor_name: row.text("actor_name")?.to_owned(),
        action: row.text("action")?.to_owned(),
        target_kind: row.text("target_kind")?.to_owned(),
        target_id: row.opt_int("target_id")?,
        target_name: owned("target_name")?,
        success: row.flag("success")?,
        detail: row.json("detail")?,
        client_ip: owned("client_ip")?,
        user_agent: owned("user_agent")?,
    };
    Ok(AuditRecord { id: row.int("id")?, entry })
}
