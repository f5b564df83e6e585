//! A request as lists show it: in the ledger, on the dashboard, in the live stream. The template is
//! `partials/request_row.html`.

use std::sync::Arc;

use serde::Serialize;
use switchyard_actors::domain::outcome::RowOutcome;
use switchyard_actors::domain::usage::Usage;

use crate::store::LedgerEntry;

/// A request as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestRow {
    /// Its id, which is also the end of its page's address.
    pub id: String,
    /// The arrival, in microseconds.
    pub at: i64,
    /// The user's id.
    pub user_id: i64,
    /// The user's name, while there is such a user.
    pub user: Option<Arc<str>>,
    /// The key's id.
    pub key_id: i64,
    /// The key's name, while there is such a key.
    pub key: Option<Arc<str>>,
    /// The model that was asked for.
    pub model: Option<Arc<str>>,
    /// The model that was sent, where it differs.
    pub sent_model: Option<Arc<str>>,
    /// The provider's id.
    pub provider_id: Option<i64>,
    /// The provider that served it or failed last.
    pub provider: Option<Arc<str>>,
    /// The status.
    pub status: u16,
    /// How it ended, as its message's id ends.
    pub outcome: &'static str,
    /// The colour of that: `good`, `warn`, `bad`, `unknown`.
    pub tone: &'static str,
    /// What it used; nothing is known where nothing is here.
    pub tokens: Option<RowTokens>,
    /// What it cost, in nano-dollars.
    pub cost: Option<i64>,
    /// From arrival to end.
    pub duration_ms: i64,
    /// From arrival to the first content.
    pub first_content_ms: Option<i64>,
    /// How many tries there were.
    pub tries: i64,
}

/// Tokens as lists show them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RowTokens {
    /// In, the cache's apart.
    pub input: i64,
    /// Out.
    pub output: i64,
    /// Read from the cache.
    pub cache_read: i64,
    /// Written to the cache.
    pub cache_write: i64,
    /// The count is not the last word: the answer broke off before it.
    pub open: bool,
}

impl RequestRow {
    /// Shows a row of the ledger.
    #[must_use]
    pub fn of(entry: &LedgerEntry) -> Self {
        let (row, opened) = (&entry.row, &entry.row.opened);
        Self {
            id: opened.id.to_string(),
            at: opened.started_at.0,
            user_id: opened.user.0,
            user: entry.user_name.clone(),
            key_id: opened.key.0,
            key: entry.key_name.clone(),
            model: opened.model.clone(),
            sent_model: row
                .upstream_model
                .clone()
                .filter(|sent| Some(sent) != opened.model.as_ref()),
            provider_id: row.provider.map(|provider| provider.0),
            provider: entry.provider_name.clone(),
            status: row.status,
            outcome: row.outcome.name(),
            tone: tone(row.outcome),
            tokens: row.usage.map(|usage| tokens(&usage, row.usage_complete)),
            cost: row.cost.as_ref().map(|cost| cost.cost.0),
            duration_ms: whole(row.duration_ms),
            first_content_ms: row.first_content_ms.map(whole),
            tries: i64::try_from(row.chain.len()).unwrap_or(i64::MAX),
        }
    }
}

const fn tone(outcome: RowOutcome) -> &'static str {
    match outcome {
        RowOutcome::Success => "good",
        RowOutcome::ClientError | RowOutcome::Refused => "warn",
        RowOutcome::ClientGone | RowOutcome::Interrupted => "unknown",
        RowOutcome::NoProvider
        | RowOutcome::UpstreamError
        | RowOutcome::Truncated
        | RowOutcome::Internal => "bad",
    }
}

fn tokens(usage: &Usage, complete: bool) -> RowTokens {
    RowTokens {
        input: whole(usage.input.saturating_add(usage.image_input)),
        output: whole(usage.output.saturating_add(usage.image_output)),
        cache_read: whole(usage.cache_read),
        cache_write: whole(usage.cache_write_5m.saturating_add(usage.cache_write_1h)),
        open: !complete,
    }
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use switchyard_actors::domain::ids::RequestId;
    use switchyard_actors::testing::row;

    use super::*;

    #[test]
    fn what_is_not_known_is_not_zero_and_a_model_that_stayed_is_not_shown_twice() {
        let mut entry = LedgerEntry {
            row: row(RequestId([7; 16])),
            user_name: Some(Arc::from("anna")),
            key_name: None,
            provider_name: Some(Arc::from("third")),
        };
        entry.row.upstream_model.clone_from(&entry.row.opened.model);
        let shown = RequestRow::of(&entry);
        assert_eq!((shown.sent_model.as_deref(), shown.cost, shown.tries), (None, None, 1));
        assert_eq!(shown.tokens.map(|tokens| (tokens.input, tokens.output)), Some((1_200, 340)));
        entry.row.usage = None;
        entry.row.upstream_model = Some(Arc::from("other"));
        let shown = RequestRow::of(&entry);
        assert_eq!((shown.sent_model.as_deref(), shown.tokens), (Some("other"), None));
    }
}
