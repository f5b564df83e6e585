//! The latest requests, a line each.

use serde::Serialize;
use switchyard_actors::domain::instant::Micros;

use super::super::frame::tone;
use crate::store::LedgerEntry;

/// A request in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FeedRow {
    pub(super) href: String,
    pub(super) at: Micros,
    pub(super) status: u16,
    /// `good`, `warn` or `bad`.
    pub(super) state: &'static str,
    pub(super) model: Option<String>,
    pub(super) user: Option<String>,
    pub(super) provider: Option<String>,
    /// Nano-dollars; `None` while nobody knows.
    pub(super) cost: Option<i64>,
    pub(super) duration_ms: i64,
}

impl FeedRow {
    /// Prepares a row.
    #[must_use]
    pub fn of(entry: &LedgerEntry) -> Self {
        let row = &entry.row;
        let text = |text: &Option<std::sync::Arc<str>>| text.as_deref().map(str::to_owned);
        Self {
            href: format!("/requests/{}", row.opened.id),
            at: row.opened.started_at,
            status: row.status,
            state: tone(row),
            model: text(&row.opened.model),
            user: text(&entry.user_name),
            provider: text(&entry.provider_name),
            cost: row.cost.as_ref().map(|cost| cost.cost.0),
            duration_ms: i64::try_from(row.duration_ms).unwrap_or(i64::MAX),
        }
    }
}
