//! What was changed in a body, and what was lost where it was converted, in a person's words.

use std::borrow::Cow;

use serde::Serialize;
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::ledger::LedgerRow;

use crate::proxy::convert::read_edit;
use crate::web::console::frame::{Text, dialect_title};
use crate::web::console::requests::names::Names;
use crate::wire::convert::loss::Token;

/// How the edits of request filters begin.
const FILTER: &str = "filter:";
/// What stands between the old and the new in a note.
const BECAME: &str = " -> ";
/// How what was put otherwise begins.
const APPROX: &str = "approx.";

/// An edit of the body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EditView {
    /// What it was for.
    what: Text,
    /// What was set.
    set: Vec<SetView>,
}

/// Something that was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SetView {
    /// What, with what had stood there.
    told: String,
    /// For which provider, where it is not clear that it was the one of the edits.
    whose: Option<Text>,
}

/// Something that the conversion has lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LossView {
    /// What.
    what: Text,
    /// How often.
    count: u64,
    /// The stable token.
    token: String,
}

/// What the conversion has lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LossesView {
    /// What was left out.
    dropped: Vec<LossView>,
    /// What was put otherwise.
    approx: Vec<LossView>,
}

/// Shows the edits of a row. They are those of its last try; what was set is told of all of them.
#[must_use]
pub fn edits(row: &LedgerRow, names: Names<'_>) -> Vec<EditView> {
    let asked = row.chain.iter().rfind(|link| link.is_try());
    let last = asked.map(|link| link.provider);
    let set = |name: &str| {
        let all = row.notes.iter().filter_map(|note| set_by(name, note));
        // What only says that something was put in or taken out is said by the edit itself.
        let all: Vec<_> = all.filter(|(told, _)| told.contains(BECAME)).collect();
        let is_clear = all.iter().all(|(_, whose)| whose.is_none() || *whose == last);
        let whose = |provider: &Option<ProviderId>| {
            let name = names.of(provider.filter(|_| !is_clear)?).name;
            Some(Text::of("request-set-for").with("name", name))
        };
        let view = |(told, provider): &(&str, Option<ProviderId>)| SetView {
            told: told.replace(BECAME, " → "),
            whose: whose(provider),
        };
        all.iter().map(view).collect()
    };
    let view = |name: &str| EditView { what: edit(name), set: set(name) };
    row.edits.iter().map(|name| view(name)).collect()
}

/// Tells whether a note stands beside one of the row's edits.
#[must_use]
pub fn is_beside_edit(row: &LedgerRow, note: &str) -> bool {
    row.edits.iter().any(|name| set_by(name, note).is_some())
}

/// Returns what an edit has set, and for whom, out of its note: `override_verbosity: none -> low (provider 3)`.
fn set_by<'a>(name: &str, note: &'a str) -> Option<(&'a str, Option<ProviderId>)> {
    let told = note.strip_prefix(name)?.strip_prefix(": ")?;
    let (told, whose) = told.rsplit_once(" (provider ")?;
    let id = whose.strip_suffix(')').and_then(|id| id.parse().ok());
    Some((told, id.map(ProviderId)))
}

/// Shows what a row has lost.
#[must_use]
pub fn losses(row: &LedgerRow) -> LossesView {
    let mut all = LossesView::default();
    for told in &row.losses {
        let (token, count) = told.split_once('=').unwrap_or((told, "1"));
        let view = LossView {
            what: loss(token),
            count: count.parse().unwrap_or(1),
            token: token.to_owned(),
        };
        if token.starts_with(APPROX) { &mut all.approx } else { &mut all.dropped }.push(view);
    }
    all
}

/// Says what was lost; a token that is new here is shown as it is.
fn loss(token: &str) -> Text {
    if Token::parse(token).is_none() {
        return Text::plain(token);
    }
    let id = Cow::Owned(format!("loss-{}", token.replace(['.', '_'], "-")));
    Text { id, ..Text::of("") }
}

/// Says what an edit of the body was for; one that is new here is shown as it is.
fn edit(name: &str) -> Text {
    if let Some((from, to)) = read_edit(name) {
        return Text::of("request-edit-convert").with("from", title(from)).with("to", title(to));
    }
    if let Some(filter) = name.strip_prefix(FILTER) {
        return Text::of("request-edit-filter").with("name", filter);
    }
    Text::of(match name {
        "model_redirect" => "request-edit-model",
        "model_fallback" => "request-edit-fallback",
        "include_usage" => "request-edit-usage",
        "key_masked" => "request-edit-masked",
        "codex_instructions" => "request-edit-instructions",
        "codex_session_id" => "request-edit-session-id",
        "anthropic_beta" => "request-edit-beta",
        "billing_header" => "request-edit-billing",
        "cache_ttl" => "request-edit-cache-ttl",
        "cache_marks" => "request-edit-cache-marks",
        "override_max_tokens" => "request-edit-max-tokens",
        "override_thinking" => "request-edit-thinking",
        "override_effort" => "request-edit-effort",
        "override_reasoning_effort" => "request-edit-reasoning-effort",
        "override_reasoning_summary" => "request-edit-reasoning-summary",
        "override_verbosity" => "request-edit-verbosity",
        "override_parallel_tool_calls" => "request-edit-parallel",
        "override_service_tier" => "request-edit-tier",
        "override_image_generation" => "request-edit-image-tool",
        "override_google_search" => "request-edit-google-search",
        "input_as_list" => "request-edit-input-list",
        "project" => "request-edit-project",
        "strip_foreign_thinking" => "request-edit-foreign-thinking",
        "thinking_off" => "request-edit-thinking-off",
        "rectified_thinking_signature" => "request-edit-mended-signature",
        "rectified_thinking_budget" => "request-edit-mended-budget",
        "rectified_thinking_effort" => "request-edit-mended-effort",
        "rectified_function_ids" => "request-edit-mended-ids",
        "rectified_call_signature" => "request-edit-mended-calls",
        "rectified_reasoning_items" => "request-edit-mended-reasoning",
        "rectified_input" => "request-edit-mended-input",
        other => return Text::plain(other),
    })
}

fn title(name: &str) -> &str {
    let dialect = Dialect::ALL.into_iter().find(|dialect| dialect.name() == name);
    match dialect {
        Some(dialect) => dialect_title(dialect),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use switchyard_actors::domain::catalogue::Catalogue;
    use switchyard_actors::domain::decision::NOT_CONVERTED;

    use super::*;
    use crate::web::console::frame::{Locale, Messages};
    use crate::web::console::requests::samples;

    #[test]
    fn every_loss_is_said_in_words_in_every_language() {
        let messages = Messages::load().unwrap();
        for token in Token::ALL {
            for locale in [Locale::English, Locale::Chinese] {
                let said = messages.say(locale, &loss(token.name()));
                assert!(said.is_some_and(|said| said != token.name()), "{token}");
            }
        }
        assert_eq!(loss("drop.new_one"), Text::plain("drop.new_one"));
    }

    #[test]
    fn losses_are_told_apart_with_how_often() {
        let mut row = samples::served(1).row;
        row.losses = vec![Arc::from("drop.cache_control=3"), Arc::from("approx.schema")];
        let all = losses(&row);
        assert_eq!(
            (all.dropped[0].count, all.dropped[0].token.as_str()),
            (3, "drop.cache_control")
        );
        assert_eq!((all.approx[0].count, all.approx[0].token.as_str()), (1, "approx.schema"));
    }

    fn shown(row: &LedgerRow) -> Vec<EditView> {
        let catalogue = Catalogue::default();
        edits(row, Names { catalogue: &catalogue, chain: &row.chain })
    }

    #[test]
    fn what_was_set_for_several_providers_says_for_which() {
        let mut row = samples::retried(1).row;
        row.edits = vec![Arc::from("override_verbosity")];
        let note =
            |value, id| Arc::from(format!("override_verbosity: none -> {value} (provider {id})"));
        row.notes = vec![note("low", 1), note("high", 2), note("medium", 9)];
        let set = |told: &str, name| SetView {
            told: told.to_owned(),
            whose: Some(Text::of("request-set-for").with("name", name)),
        };
        let all = [
            set("none → low", "claude-1"),
            set("none → high", "claude-2"),
            set("none → medium", "#9"),
        ];
        assert_eq!(shown(&row)[0].set, all);
        // One alone that is not of the last try says so, too.
        row.notes.truncate(1);
        assert_eq!(shown(&row)[0].set, all[..1]);
        row.chain[1].reason = NOT_CONVERTED.into();
        assert_eq!(shown(&row)[0].set[0].whose, None, "the second one was passed over");
    }

    #[test]
    fn what_an_edit_has_set_stands_beside_it() {
        let mut row = samples::served(1).row;
        row.edits = vec![Arc::from("override_verbosity"), Arc::from("filter:no beta")];
        row.notes = vec![
            Arc::from("override_verbosity: none -> low (provider 1)"),
            Arc::from("gate: slow"),
        ];
        let shown = shown(&row);
        assert_eq!(shown[0].set, [SetView { told: "none → low".to_owned(), whose: None }]);
        assert_eq!(shown[1].what, Text::of("request-edit-filter").with("name", "no beta"));
        let beside: Vec<_> = row.notes.iter().filter(|note| is_beside_edit(&row, note)).collect();
        assert_eq!(beside, [&row.notes[0]]);
        assert_eq!(edit("new_one"), Text::plain("new_one"));
        let convert = Text::of("request-edit-convert").with("from", "OpenAI Chat");
        let convert = convert.with("to", "Anthropic Messages");
        assert_eq!(edit("convert: openai_chat -> anthropic"), convert);
    }
}
