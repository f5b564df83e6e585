//! What the form says, as the body that the use cases check: here is only how a field is written,
//! never what it may hold.

use serde_json::{Map, Number, Value, json};
use switchyard_actors::domain::ids::ProviderId;

use super::wishes;
use crate::app::providers::{ID, TEST_MODEL};
use crate::web::console::frame::{Form, FormView, Text, is_lost};

/// Texts that must be there.
const TEXTS: [&str; 5] =
    ["name", "url", "provider_type", "five_hour_reset_mode", "daily_reset_mode"];
/// Texts that may be nothing.
const OPTIONAL: [&str; 7] = [
    "group_tag",
    "website_url",
    "proxy_url",
    "vendor_name",
    "active_time_start",
    "active_time_end",
    "active_time_zone",
];
/// Lists, one a line.
const LISTS: [&str; 4] = ["endpoints", "allowed_models", "allowed_clients", "blocked_clients"];
/// Whole numbers.
const WHOLE: [&str; 2] = ["weight", "priority"];
/// Numbers that may be nothing: "no limit", "the usual".
const OR_NOTHING: [&str; 9] = [
    "limit_5h_usd",
    "limit_daily_usd",
    "limit_weekly_usd",
    "limit_monthly_usd",
    "limit_total_usd",
    "limit_rpm",
    "limit_tpm",
    "limit_concurrent_requests",
    "max_retry_attempts",
];
/// Amounts of money.
const AMOUNTS: [&str; 5] =
    ["limit_5h_usd", "limit_daily_usd", "limit_weekly_usd", "limit_monthly_usd", "limit_total_usd"];
/// Numbers of which zero says the same as nothing.
pub const OR_ZERO: [&str; 4] = [
    "limit_concurrent_sessions",
    "first_byte_timeout_streaming_ms",
    "streaming_idle_timeout_ms",
    "request_timeout_non_streaming_ms",
];
/// What stays as it is, or begins as usual, when nothing is typed.
const OR_USUAL: [&str; 5] = [
    "cost_multiplier",
    "daily_reset_time",
    "circuit_breaker_failure_threshold",
    "circuit_breaker_open_duration",
    "circuit_breaker_half_open_success_threshold",
];
/// The field that names each box of a form: one that is not ticked is not sent.
const SHOWN: &str = "shown";
const BOXES: [&str; 5] = [
    "is_enabled",
    "allow_private",
    "disable_session_reuse",
    "preserve_client_ip",
    "proxy_fallback_to_direct",
];

/// What the form says.
#[derive(Debug)]
pub struct Said {
    /// As the use cases read it.
    pub body: Value,
    /// Fields that cannot be read at all.
    pub wrong: Vec<(&'static str, Text)>,
}

impl Said {
    /// Shows the form as it was typed, with what cannot be read; a key is never sent back.
    pub fn view(&self, form: &Form) -> FormView {
        let view = FormView::from(form).without("key");
        self.wrong.iter().fold(view, |view, (field, text)| view.with_issue(field, text.clone()))
    }
}

/// Reads a form: of a provider that is kept, or of a new one. Fields that the form does not have
/// are not said.
pub fn read(form: &Form, kept: Option<ProviderId>) -> Said {
    let mut body = Map::new();
    let mut wrong = Vec::new();
    if let Some(provider) = kept {
        body.insert(ID.to_owned(), json!(provider.0));
    }
    // A key is typed or it stays; a new provider needs one.
    if form.opt("key").is_some() || kept.is_none() {
        body.insert("key".to_owned(), json!(form.text("key")));
    }
    body.extend(plain(form));
    for name in BOXES {
        if form.list(SHOWN).contains(&name) {
            body.insert(name.to_owned(), json!(form.flag(name)));
        }
    }
    for name in LISTS.into_iter().chain([wishes::MODELS]) {
        if form.has(name) {
            body.insert(name.to_owned(), list(form, name));
        }
    }
    for (name, read, message) in [
        ("model_redirects", redirect as Pair, "providers-wrong-redirect"),
        ("custom_headers", header as Pair, "providers-wrong-header"),
        ("group_priorities", priority as Pair, "providers-wrong-group-priority"),
    ] {
        if !form.has(name) {
            continue;
        }
        match pairs(form.text(name), read) {
            Ok(pairs) => drop(body.insert(name.to_owned(), numbers(name, pairs))),
            Err(Unread::Line(line)) => wrong.push((name, Text::of(message).with("line", line))),
            Err(Unread::Twice(line)) => {
                wrong.push((name, Text::of("providers-wrong-twice").with("line", line)));
            }
        }
    }
    wrong.extend(
        AMOUNTS
            .into_iter()
            .filter(|name| is_lost(form.text(name)))
            .map(|name| (name, Text::of("wrong-tiny"))),
    );
    wrong.extend(half_a_time(form));
    Said { body: Value::Object(body), wrong }
}

fn plain(form: &Form) -> Map<String, Value> {
    let mut body = Map::new();
    let mut say = |name: &str, value: Option<Value>| {
        if let Some(value) = value.filter(|_| form.has(name)) {
            body.insert(name.to_owned(), value);
        }
    };
    for name in TEXTS.into_iter().chain(wishes::WORDS) {
        say(name, Some(json!(form.text(name))));
    }
    for name in OPTIONAL {
        say(name, Some(form.opt(name).map_or(Value::Null, |text| json!(text))));
    }
    for name in WHOLE {
        say(name, form.opt(name).map(number));
    }
    for name in OR_NOTHING.into_iter().chain(wishes::NUMBERS) {
        say(name, Some(form.opt(name).map_or(Value::Null, |text| json!(text))));
    }
    for name in OR_ZERO {
        say(name, Some(form.opt(name).map_or_else(|| json!(0), |text| json!(text))));
    }
    for name in OR_USUAL {
        say(name, form.opt(name).map(|text| json!(text)));
    }
    say(TEST_MODEL, Some(json!(form.text(TEST_MODEL))));
    body
}

/// Reads one a line, from a text and from boxes of the same name; no models are "any model", no
/// clients any client.
fn list(form: &Form, name: &str) -> Value {
    let mut lines: Vec<&str> = Vec::new();
    for text in form.list(name) {
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    if lines.is_empty() && name != "endpoints" { Value::Null } else { json!(lines) }
}

type Pair = fn(&str) -> Option<(&str, &str)>;

/// Why lines of pairs cannot be read, with the number of a line.
enum Unread {
    /// It is no pair.
    Line(usize),
    /// Its name stood in a line before it.
    Twice(usize),
}

/// Reads a pair a line.
fn pairs(text: &str, read: Pair) -> Result<Value, Unread> {
    let mut all = Map::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let (name, value) = read(line).ok_or(Unread::Line(number + 1))?;
        if all.insert(name.to_owned(), json!(value)).is_some() {
            return Err(Unread::Twice(number + 1));
        }
    }
    Ok(if all.is_empty() { Value::Null } else { Value::Object(all) })
}

/// `asked => sent`, with any arrow.
fn redirect(line: &str) -> Option<(&str, &str)> {
    let parts = ["=>", "->", "→", "="].iter().find_map(|arrow| line.split_once(arrow))?;
    let (asked, sent) = (parts.0.trim(), parts.1.trim());
    (!asked.is_empty() && !sent.is_empty()).then_some((asked, sent))
}

/// `group = priority`.
fn priority(line: &str) -> Option<(&str, &str)> {
    let (group, priority) = line.split_once(['=', ':'])?;
    let (group, priority) = (group.trim(), priority.trim());
    (!group.is_empty() && priority.parse::<i64>().is_ok()).then_some((group, priority))
}

/// Makes numbers of what is written in the pairs of a field that holds numbers.
fn numbers(name: &str, pairs: Value) -> Value {
    match pairs {
        Value::Object(pairs) if name == "group_priorities" => pairs
            .into_iter()
            .map(|(group, text)| (group, text.as_str().map_or(Value::Null, number)))
            .collect(),
        pairs => pairs,
    }
}

/// A number that is not a whole one stays a number: that is what is wrong with it.
fn number(text: &str) -> Value {
    if let Ok(whole) = text.parse::<i64>() {
        return json!(whole);
    }
    let broken = text.parse::<f64>().ok().and_then(Number::from_f64);
    broken.map_or_else(|| json!(text), Value::Number)
}

/// One end of the hours without the other says nothing: no hours are meant, or both.
fn half_a_time(form: &Form) -> Option<(&'static str, Text)> {
    let empty = match ("active_time_start", "active_time_end") {
        (start, end) if form.opt(start).is_none() && form.opt(end).is_some() => start,
        (start, end) if form.opt(start).is_some() && form.opt(end).is_none() => end,
        _ => return None,
    };
    Some((empty, Text::of("providers-wrong-half-time")))
}

/// `Name: value`.
fn header(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    Some((name.trim(), value.trim())).filter(|(name, _)| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(pairs: &[(&str, &str)], kept: Option<i64>) -> Said {
        read(&Form::of(pairs.iter().copied()), kept.map(ProviderId))
    }

    #[test]
    fn what_the_form_does_not_have_is_not_said() {
        assert_eq!(said(&[], Some(3)).body, json!({ "providerId": 3 }));
        assert_eq!(said(&[], None).body, json!({ "key": "" }), "a new one needs a key");
        assert_eq!(said(&[("key", "")], Some(3)).body, json!({ "providerId": 3 }));
    }

    #[test]
    fn a_box_that_is_not_ticked_is_off_only_where_it_was_shown() {
        let ticked = [("shown", "is_enabled"), ("shown", "allow_private"), ("is_enabled", "on")];
        let body = said(&ticked, Some(3)).body;
        assert_eq!(body, json!({ "providerId": 3, "is_enabled": true, "allow_private": false }));
    }

    #[test]
    fn nothing_typed_is_no_limit_or_the_usual() {
        let empty = [
            ("limit_5h_usd", ""),
            ("limit_concurrent_sessions", ""),
            ("cost_multiplier", ""),
            ("weight", ""),
            ("group_tag", ""),
            ("allowed_models", " "),
            ("endpoints", ""),
        ];
        let body = said(&empty, Some(3)).body;
        let wanted = json!({ "providerId": 3, "limit_5h_usd": null, "limit_concurrent_sessions": 0,
            "group_tag": null, "allowed_models": null, "endpoints": [] });
        assert_eq!(body, wanted);
    }

    #[test]
    fn lists_and_pairs_are_written_one_a_line() {
        let typed = [
            ("allowed_models", "a\nb\n"),
            ("allowed_models", "b"),
            ("allowed_models", "c"),
            ("model_redirects", "x => y\n\nclaude = glm-4.6\nu→v"),
            ("custom_headers", "X-A: 1:2\nX-B:"),
            ("group_priorities", "night = 0\ncheap: 3"),
            ("blocked_clients", "codex\n"),
            ("weight", "7"),
            ("priority", "x"),
        ];
        let body = said(&typed, Some(3)).body;
        assert_eq!(body["allowed_models"], json!(["a", "b", "c"]));
        assert_eq!(body["model_redirects"], json!({ "x": "y", "claude": "glm-4.6", "u": "v" }));
        assert_eq!(body["custom_headers"], json!({ "X-A": "1:2", "X-B": "" }));
        assert_eq!(body["group_priorities"], json!({ "night": 0, "cheap": 3 }));
        assert_eq!(body["blocked_clients"], json!(["codex"]));
        assert_eq!((&body["weight"], &body["priority"]), (&json!(7), &json!("x")));
    }

    #[test]
    fn what_would_be_lost_in_silence_is_refused() {
        let typed = [
            ("model_redirects", "a => b\na => c"),
            ("limit_5h_usd", "0.0000000001"),
            ("limit_daily_usd", "0"),
            ("active_time_start", "08:00"),
            ("active_time_end", ""),
            ("priority", "1.5"),
        ];
        let said = said(&typed, None);
        assert_eq!(
            said.wrong,
            [
                ("model_redirects", Text::of("providers-wrong-twice").with("line", 2_usize)),
                ("limit_5h_usd", Text::of("wrong-tiny")),
                ("active_time_end", Text::of("providers-wrong-half-time")),
            ]
        );
        assert_eq!(said.body["priority"], json!(1.5));
    }

    #[test]
    fn a_line_that_is_no_pair_is_named_by_its_number() {
        let said =
            said(&[("model_redirects", "x => y\nnonsense"), ("custom_headers", "a b")], None);
        let text = |id, line: usize| Text::of(id).with("line", line);
        assert_eq!(
            said.wrong,
            [
                ("model_redirects", text("providers-wrong-redirect", 2)),
                ("custom_headers", text("providers-wrong-header", 1)),
            ]
        );
    }
}
