//! The words for what a row's columns hold: statuses, notes, edits, reasons.

use switchyard_actors::domain::blocked;
use switchyard_actors::domain::decision::Exclusion;
use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::domain::outcome::RowOutcome;
use switchyard_actors::domain::routing::fallback;
use switchyard_actors::domain::usage::IMPLAUSIBLE;
use switchyard_actors::session_manager::RowNote;

use crate::web::console::frame::Text;

/// Returns how a request ended, in a word or two.
#[must_use]
pub const fn outcome(row: &LedgerRow) -> Text {
    Text::of(match (row.outcome, row.status) {
        (RowOutcome::Success, _) => "row-word-success",
        (RowOutcome::ClientError | RowOutcome::UpstreamError, 404) => "row-word-not-found",
        (RowOutcome::ClientError, _) => "row-word-client-error",
        (RowOutcome::Refused, 402) => "row-word-spent",
        (RowOutcome::Refused, 429) => "row-word-too-many",
        (RowOutcome::Refused, _) => "row-word-refused",
        (RowOutcome::NoProvider, _) => "row-word-no-provider",
        (RowOutcome::UpstreamError, 429 | 529) => "row-word-overloaded",
        (RowOutcome::UpstreamError, 504 | 524) => "row-word-timed-out",
        (RowOutcome::UpstreamError, _) => "row-word-failed",
        (RowOutcome::Truncated, 524) => "row-word-silent",
        (RowOutcome::Truncated, _) => "row-word-truncated",
        (RowOutcome::ClientGone, _) => "row-word-client-gone",
        (RowOutcome::Interrupted, 503) => "row-word-cut",
        (RowOutcome::Interrupted, _) => "row-word-interrupted",
        (RowOutcome::Internal, _) => "row-word-internal",
    })
}

/// Says why so many providers were left out.
#[must_use]
pub fn left_out(reason: Exclusion, count: usize) -> Text {
    let id = match reason {
        Exclusion::Group => "row-out-group",
        Exclusion::Disabled => "row-out-disabled",
        Exclusion::Format => "row-out-format",
        Exclusion::Model => "row-out-model",
        Exclusion::Client => "row-out-client",
        Exclusion::Schedule => "row-out-schedule",
        Exclusion::CircuitOpen => "row-out-circuit-open",
        Exclusion::ProbesOut => "row-out-probes-out",
        Exclusion::Cooling => "row-out-cooling",
        Exclusion::SpendLimit => "row-out-spend-limit",
        Exclusion::RateLimit => "row-out-rate-limit",
        Exclusion::ConcurrencyLimit => "row-out-concurrency-limit",
        Exclusion::Tried => "row-out-tried",
        Exclusion::NoEndpoint => "row-out-no-endpoint",
        Exclusion::Proxy => "row-out-proxy",
        Exclusion::LacksModel => "row-out-lacks-model",
        Exclusion::Unpriced => "row-out-unpriced",
    };
    Text::of(id).with("count", count)
}

/// Returns what a note of the gate or the relay means; one that is new here is shown as it is.
#[must_use]
pub fn note(note: &str) -> Text {
    if let Some((reason, providers)) = Exclusion::read_note(note) {
        return left_out(reason, providers.len());
    }
    if let Some(model) = fallback::read_note(note) {
        return Text::of("row-note-stands-in").with("model", model.to_owned());
    }
    if let Some((blocked::SENSITIVE_WORD, reason)) = blocked::read_note(note) {
        let word = serde_json::from_str::<serde_json::Value>(reason).unwrap_or_default();
        let word = word.get("word").and_then(serde_json::Value::as_str).unwrap_or_default();
        return Text::of("row-note-word").with("word", word.to_owned());
    }
    if let Some(note) = RowNote::read(note) {
        return Text::of(match note {
            RowNote::Stays(_) => "row-note-stays",
            RowNote::NotMoved => "row-note-not-moved",
        });
    }
    Text::of(match note {
        crate::proxy::error_rules::NOT_ASKED => "row-note-rules",
        "gate: slow" => "row-note-slow",
        "gate: overflow" => "row-note-overflow",
        "gate: empty answer" => "row-note-empty",
        "drain: no place" => "row-note-drain-place",
        "drain: byte limit" => "row-note-drain-bytes",
        "drain: time limit" => "row-note-drain-time",
        IMPLAUSIBLE => "row-note-implausible",
        crate::proxy::codex::NO_TEXT => "row-note-no-instructions",
        crate::proxy::socket::upstream::ATTEMPTED => "row-note-websocket-upstream",
        crate::proxy::socket::NOTE => "row-note-websocket",
        other => return Text::plain(other),
    })
}

#[cfg(test)]
mod tests {
    use switchyard_actors::domain::ids::RequestId;
    use switchyard_actors::testing::row;

    use super::*;

    #[test]
    fn an_end_is_told_more_exactly_where_its_status_says_more() {
        let mut row = row(RequestId([7; 16]));
        let mut word = |outcome, status| {
            (row.outcome, row.status) = (outcome, status);
            super::outcome(&row).id
        };
        assert_eq!(word(RowOutcome::Success, 200), "row-word-success");
        assert_eq!(word(RowOutcome::Refused, 402), "row-word-spent");
        assert_eq!(word(RowOutcome::UpstreamError, 529), "row-word-overloaded");
        assert_eq!(word(RowOutcome::UpstreamError, 500), "row-word-failed");
        assert_eq!(word(RowOutcome::Truncated, 524), "row-word-silent");
        assert_eq!(word(RowOutcome::Interrupted, 500), "row-word-interrupted");
        assert_eq!(word(RowOutcome::Interrupted, 503), "row-word-cut");
    }

    #[test]
    fn a_note_that_nobody_translated_is_still_shown() {
        assert_eq!(note("gate: slow"), Text::of("row-note-slow"));
        assert_eq!(note("usage: implausible"), Text::of("row-note-implausible"));
        assert_eq!(note("gate: new"), Text::plain("gate: new"));
        assert_eq!(note("session: stays on provider 7"), Text::of("row-note-stays"));
        let word = blocked::note(blocked::SENSITIVE_WORD, r#"{"word":"a\"b"}"#);
        assert_eq!(note(&word), Text::of("row-note-word").with("word", "a\"b"));
        assert_eq!(note("session: not moved"), Text::of("row-note-not-moved"));
    }
}
