//! A request as lists show it: in the ledger, on the dashboard, in the live stream. The template is
//! `partials/request_row.html`.

use std::sync::Arc;

use serde::Serialize;
use switchyard_actors::domain::usage::Usage;

use super::words;
use crate::store::LedgerEntry;
use crate::web::console::frame::{Text, address, dialect_title, tone};

/// Characters of a session that a line has room for; sessions are UUIDs.
const SESSION_SHOWN: usize = 8;

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
    /// The session.
    pub session: Option<RowSession>,
    /// The model that was asked for.
    pub model: Option<Arc<str>>,
    /// The model that was sent, where it differs.
    pub sent_model: Option<Arc<str>>,
    /// The provider's id.
    pub provider_id: Option<i64>,
    /// The provider that served it or failed last.
    pub provider: Option<Arc<str>>,
    /// What the client speaks.
    pub dialect: &'static str,
    /// The path.
    pub path: Arc<str>,
    /// A stream was asked for.
    pub stream: bool,
    /// The status.
    pub status: u16,
    /// How it ended, in a word or two.
    pub word: Text,
    /// The colour of that: `good`, `warn`, `bad`.
    pub tone: &'static str,
    /// What it used; nothing is known where nothing is here.
    pub tokens: Option<RowTokens>,
    /// What it cost, in nano-dollars.
    pub cost: Option<i64>,
    /// Why it has no cost.
    pub free: Option<Free>,
    /// From arrival to end.
    pub duration_ms: i64,
    /// From arrival to the first content.
    pub first_content_ms: Option<i64>,
    /// How many tries there were.
    pub tries: i64,
    /// What gate and relay noted.
    pub notes: Vec<Text>,
}

/// A session as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowSession {
    /// Its id.
    pub id: String,
    /// Its first characters.
    pub short: String,
    /// The list of its requests.
    pub href: String,
}

impl RowSession {
    fn of(id: &str) -> Self {
        let mut chars = id.chars();
        let short: String = chars.by_ref().take(SESSION_SHOWN).collect();
        let href = address("/requests", &[("session", id)], None);
        Self { id: id.to_owned(), short, href }
    }
}

/// Why a request has no cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Free {
    /// In a word or two.
    pub word: Text,
    /// In a sentence.
    pub more: Text,
}

impl Free {
    /// Says why, from the row's word for it.
    #[must_use]
    pub const fn of(unbilled: &str) -> Self {
        let (word, more) = match unbilled.as_bytes() {
            b"unpriced" => ("row-free-unpriced", "row-free-unpriced-more"),
            b"not_billable" => ("row-free-not-billable", "row-free-not-billable-more"),
            _ => ("row-free-unmetered", "row-free-unmetered-more"),
        };
        Self { word: Text::of(word), more: Text::of(more) }
    }
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
            session: opened.session.as_ref().map(|session| RowSession::of(&session.0)),
            model: opened.model.clone(),
            sent_model: row
                .upstream_model
                .clone()
                .filter(|sent| Some(sent) != opened.model.as_ref()),
            provider_id: row.provider.map(|provider| provider.0),
            provider: entry.provider_name.clone(),
            dialect: dialect_title(opened.dialect),
            path: opened.path.clone(),
            stream: opened.stream,
            status: row.status,
            word: words::outcome(row),
            tone: tone(row),
            tokens: row.usage.map(|usage| tokens(&usage, row.usage_complete)),
            cost: row.cost.as_ref().map(|cost| cost.cost.0),
            free: row.cost.is_none().then(|| Free::of(row.unbilled.as_deref().unwrap_or_default())),
            duration_ms: whole(row.duration_ms),
            first_content_ms: row.first_content_ms.map(whole),
            tries: i64::try_from(row.tries()).unwrap_or(i64::MAX),
            notes: row.notes.iter().map(|note| words::note(note)).collect(),
        }
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

/// Returns a count as templates take it.
pub(super) fn whole(number: u64) -> i64 {
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
        assert_eq!(shown.free, Some(Free::of("unmetered")));
        assert_eq!(shown.tokens.map(|tokens| (tokens.input, tokens.output)), Some((1_200, 340)));
        entry.row.usage = None;
        entry.row.upstream_model = Some(Arc::from("other"));
        let shown = RequestRow::of(&entry);
        assert_eq!((shown.sent_model.as_deref(), shown.tokens), (Some("other"), None));
    }

    #[test]
    fn a_session_is_cut_between_characters_and_its_link_holds_all_of_it() {
        let session = RowSession::of("sitzung-über&mehr");
        assert_eq!(session.short, "sitzung-");
        assert_eq!(session.href, "/requests?session=sitzung-%C3%BCber%26mehr");
        assert_eq!(RowSession::of("ééééééééé").short, "éééééééé");
    }
}
