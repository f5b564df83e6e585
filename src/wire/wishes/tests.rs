//! What is wished is set, what is not wished stays to the byte, and it is told.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value as Json, json};
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::preferences::{Adaptive, CacheTtl, Preferences};

use super::*;
use crate::wire::edit::{apply, join};

mod properties;

fn wishes(preferences: &Preferences) -> Wishes {
    let cache_ttl = preferences.cache_ttl;
    Wishes { preferences: Arc::new(preferences.clone()), cache_ttl, ..Wishes::default() }
}

fn grant(wishes: &Wishes, dialect: Dialect, body: &str) -> (String, Granted) {
    let mut granted = wishes.grant(dialect, "claude-opus-4-8-20260101", false, body.as_bytes());
    let edits = std::mem::take(&mut granted.changes).into_edits();
    let edited = join(apply(&Bytes::copy_from_slice(body.as_bytes()), edits).unwrap());
    (String::from_utf8(edited.to_vec()).unwrap(), granted)
}

fn granted(preferences: &Preferences, dialect: Dialect, body: &str) -> String {
    grant(&wishes(preferences), dialect, body).0
}

fn word(text: &str) -> Arc<str> {
    Arc::from(text)
}

#[test]
fn the_room_of_an_answer_is_set_and_told() {
    let wants = Preferences { max_tokens: Some(64_000), ..Preferences::default() };
    let (body, told) =
        grant(&wishes(&wants), Dialect::Anthropic, r#"{"a":1.0, "max_tokens" : 4096}"#);
    assert_eq!(body, r#"{"a":1.0, "max_tokens" : 64000}"#);
    assert_eq!(told.notes, ["override_max_tokens: 4096 -> 64000"]);
    assert_eq!(granted(&wants, Dialect::Anthropic, r#"{"a":1}"#), r#"{"max_tokens":64000,"a":1}"#);
    let so = r#"{"max_tokens":64000}"#;
    let (same, told) = grant(&wishes(&wants), Dialect::Anthropic, so);
    assert_eq!((same.as_str(), told), (so, Granted::default()), "it is so already");
    assert_eq!(granted(&wants, Dialect::Responses, so), so, "that is Anthropic's");
}

#[test]
fn a_budget_stays_within_the_answer() {
    let wants = Preferences { thinking_budget: Some(10_000), ..Preferences::default() };
    let think = |body| granted(&wants, Dialect::Anthropic, body);
    assert_eq!(
        think(r#"{"max_tokens":32000,"thinking":{"type":"disabled"}}"#),
        r#"{"max_tokens":32000,"thinking":{"type":"enabled","budget_tokens":10000}}"#
    );
    assert_eq!(
        think(r#"{"max_tokens":5000,"thinking":{"budget_tokens":2000,"type":"enabled"}}"#),
        r#"{"max_tokens":5000,"thinking":{"budget_tokens":4999,"type":"enabled"}}"#
    );
    for body in [
        r#"{"max_tokens":1024}"#,
        r#"{"max_tokens":9000,"tool_choice":{"type":"tool","name":"f"}}"#,
    ] {
        assert_eq!(think(body), body, "no room, or a tool that has to be called");
    }
}

#[test]
fn a_budget_of_the_client_stays_within_the_room_that_is_set() {
    let within = |most, body| {
        let wants = Preferences { max_tokens: Some(most), ..Preferences::default() };
        granted(&wants, Dialect::Anthropic, body)
    };
    let body = r#"{"max_tokens":32000,"thinking":{"type":"enabled","budget_tokens":20000}}"#;
    assert_eq!(
        within(8_192, body),
        r#"{"max_tokens":8192,"thinking":{"type":"enabled","budget_tokens":8191}}"#
    );
    assert_eq!(within(20_001, body), body.replace("32000", "20001"));
    assert_eq!(within(1_024, body), r#"{"max_tokens":1024}"#);
    let clears = r#"{"max_tokens":9,"thinking":{"type":"enabled","budget_tokens":2000},"context_management":{"edits":[{"type":"clear_thinking_20251015"}]}}"#;
    assert_eq!(within(1_000, clears), r#"{"max_tokens":1000}"#);
}

#[test]
fn adaptive_thinking_goes_before_a_budget_and_is_for_some_models() {
    let models = |names: &[&str]| names.iter().map(|name| Arc::from(*name)).collect::<Arc<[_]>>();
    let wants = |names: &[&str]| Preferences {
        thinking_budget: Some(10_000),
        adaptive: Some(Adaptive { effort: Arc::from("high"), models: models(names) }),
        ..Preferences::default()
    };
    let body = r#"{"max_tokens":20000,"output_config":{"x":1,"effort":"low"}}"#;
    let adaptive = r#"{"thinking":{"type":"adaptive"},"max_tokens":20000,"output_config":{"x":1,"effort":"high"}}"#;
    for names in [&[][..], &["claude-opus-4-8"], &["x", "Claude-Opus"]] {
        assert_eq!(granted(&wants(names), Dialect::Anthropic, body), adaptive, "{names:?}");
    }
    let budget = granted(&wants(&["claude-opus-4"]), Dialect::Anthropic, body);
    assert_eq!(budget, granted(&wants(&["claude-opus-4"]), Dialect::Anthropic, &budget));
    assert!(granted(&wants(&["claude-op"]), Dialect::Anthropic, body).contains("\"enabled\""));
}

/// AT-P2.
#[test]
fn marks_last_an_hour_wherever_they_stand_and_the_flag_comes_once() {
    let body = r#"{"tools":[{"name":"a"},{"name":"b","cache_control":{"type":"ephemeral"}}],
        "system":[{"type":"text","text":"s","cache_control":{"type": "ephemeral", "ttl": "5m"}}],
        "messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"text","text":"cache_control","cache_control":{"type":"ephemeral"}}]},
            {"type":"text","text":"t","cache_control":{"ttl":"1h","type":"ephemeral"}}]},{"role":"user","content":"x"}]}"#;
    let expected = body
        .replace(
            r#""cache_control":{"type":"ephemeral"}"#,
            r#""cache_control":{"ttl":"1h","type":"ephemeral"}"#,
        )
        .replace(r#""ttl": "5m""#, r#""ttl": "1h""#);
    let hour = Preferences { cache_ttl: Some(CacheTtl::OneHour), ..Preferences::default() };
    let (edited, told) = grant(&wishes(&hour), Dialect::Anthropic, body);
    assert_eq!(edited, expected);
    assert_eq!(told.beta, [LONG_CACHE_BETA]);
    assert_eq!(
        edited.matches("cache_control\":").count(),
        body.matches("cache_control\":").count()
    );

    let billing = r#"{"type":"text","text":"x-anthropic-billing-header: a=b;","cache_control":{"type":"ephemeral"}}"#;
    let kept =
        format!(r#"{{"system":[{billing}],"messages":[{{"role":"user","content":[{billing}]}}]}}"#);
    let (edited, _) = grant(&wishes(&hour), Dialect::Anthropic, &kept);
    assert_eq!(edited.matches("\"1h\"").count(), 2, "one that stays is marked as all: {edited}");
    let gone = Wishes { without_billing: true, ..wishes(&hour) };
    let (edited, _) = grant(&gone, Dialect::Anthropic, &kept);
    assert_eq!(edited.matches("\"1h\"").count(), 1, "a user may say such words: {edited}");

    let minutes = Preferences { cache_ttl: Some(CacheTtl::FiveMinutes), ..Preferences::default() };
    let (edited, told) = grant(&wishes(&minutes), Dialect::Anthropic, body);
    assert_eq!(edited, body.replace("\"1h\"", "\"5m\""), "five minutes is what no word means");
    assert!(told.beta.is_empty());

    let text = r#"{"system":"cached","messages":[{"role":"user","content":"x"}]}"#;
    let (same, told) = grant(&wishes(&hour), Dialect::Anthropic, text);
    assert_eq!((same.as_str(), told), (text, Granted::default()), "no mark is put where none was");
}

#[test]
fn the_billing_block_goes_and_the_rest_stays() {
    let none = Preferences::default();
    let wishes = Wishes { without_billing: true, ..wishes(&none) };
    let of = |system: &str| {
        let body = format!(r#"{{"model":"m","system":{system},"messages":[]}}"#);
        grant(&wishes, Dialect::Anthropic, &body).0
    };
    let block = r#"{"type":"text","text":"x-anthropic-billing-header: cc_version=2.1.197.abc; cch=97bd6;"}"#;
    let mine = r#"{"text":"You are.","type":"text","cache_control":{"type":"ephemeral"}}"#;
    let left = |system: &str| format!(r#"{{"model":"m","system":{system},"messages":[]}}"#);
    assert_eq!(of(&format!("[{block}, {mine}]")), left(&format!("[{mine}]")));
    assert_eq!(of(&format!("[{block}]")), r#"{"model":"m","messages":[]}"#);
    assert_eq!(of(r#""x-anthropic-billing-header: a=b;\n\nYou are.""#), left("\"You are.\""));
    let other =
        format!(r#"[{mine},{{"type":"text","text":"see x-anthropic-billing-header: of"}}]"#);
    assert_eq!(of(&other), left(&other));
}

#[test]
fn the_billing_block_goes_beside_whatever_else_goes() {
    let of = |most: u32, body: &str| {
        let wants = Preferences { max_tokens: Some(most), ..Preferences::default() };
        grant(&Wishes { without_billing: true, ..wishes(&wants) }, Dialect::Anthropic, body)
    };
    let block = r#"{"type":"text","text":"x-anthropic-billing-header: a=b;"}"#;
    let body = format!(
        r#"{{"max_tokens":32000,"messages":[],"system":[{block}],"thinking":{{"type":"enabled","budget_tokens":31999}}}}"#
    );
    let (edited, told) = of(1_024, &body);
    assert_eq!(edited, r#"{"max_tokens":1024,"messages":[]}"#);
    assert_eq!(
        told.notes,
        [
            "billing_header: taken out",
            "override_max_tokens: 32000 -> 1024",
            "override_thinking: switched off"
        ]
    );
    let text = r#""x-anthropic-billing-header: a=b;""#;
    for system in [format!("[{block}]"), text.to_owned()] {
        let alone = format!("{{\"system\":{system}}}");
        assert_eq!(of(9, &alone).0, r#"{"max_tokens":9}"#, "{alone}");
    }
}

#[test]
fn flags_of_a_large_context_are_asked_for_or_forbidden() {
    let of = |wish| {
        let wants = Preferences { context_1m: Some(wish), ..Preferences::default() };
        grant(&wishes(&wants), Dialect::Anthropic, "{}").1
    };
    assert_eq!(of(true), Granted { beta: vec!["context-1m-2025-08-07"], ..Granted::default() });
    assert_eq!(of(false), Granted { without_beta: Some("context-1m-"), ..Granted::default() });
}

#[test]
fn settings_of_responses_are_set() {
    let wants = Preferences {
        reasoning_effort: Some(word("high")),
        reasoning_summary: Some(word("auto")),
        verbosity: Some(word("low")),
        parallel_tools: Some(false),
        service_tier: Some(word("flex")),
        ..Preferences::default()
    };
    let set = |body| granted(&wants, Dialect::Responses, body);
    let made: Json = serde_json::from_str(&set(r#"{"model":"m"}"#)).unwrap();
    assert_eq!(
        made,
        json!({ "model": "m", "reasoning": { "effort": "high", "summary": "auto" },
            "text": { "verbosity": "low" }, "parallel_tool_calls": false, "service_tier": "flex" })
    );
    assert_eq!(
        set(
            r#"{"reasoning":{},"text":{"format":{"type":"text"}},"parallel_tool_calls":true,"service_tier":null}"#
        ),
        r#"{"reasoning":{"effort":"high","summary":"auto"},"text":{"verbosity":"low","format":{"type":"text"}},"parallel_tool_calls":false,"service_tier":"flex"}"#
    );
    let done = set(r#"{"model":"m"}"#);
    assert_eq!(set(&done), done);
    let (_, told) = grant(&wishes(&wants), Dialect::Responses, r#"{"reasoning":null}"#);
    assert_eq!(told.also, ["override_reasoning_summary"], "one edit, two wishes");
    let both = "null -> {effort:high,summary:auto}";
    for name in ["override_reasoning_effort", "override_reasoning_summary"] {
        assert!(told.notes.contains(&format!("{name}: {both}")), "{:?}", told.notes);
    }
    let (_, told) = grant(&wishes(&wants), Dialect::Responses, &done);
    assert_eq!((told.also, told.notes), (Vec::new(), Vec::new()), "it is so already");
}

#[test]
fn the_image_tool_comes_and_goes() {
    let tool = r#"{"type":"image_generation"}"#;
    let on = Preferences { image_generation: Some(true), ..Preferences::default() };
    let off = Preferences { image_generation: Some(false), ..Preferences::default() };
    let add = |body: &str| granted(&on, Dialect::Responses, body);
    let remove = |body: &str| granted(&off, Dialect::Responses, body);
    let other = r#"{"type":"function","name":"f"}"#;
    assert_eq!(add(&format!("{{\"tools\":[{other}]}}")), format!("{{\"tools\":[{other},{tool}]}}"));
    assert_eq!(add(r#"{"a":1}"#), format!("{{\"tools\":[{tool}],\"a\":1}}"));
    let more = format!(r#"{{"input":[{{"type":"additional_tools","tools":[{tool}]}}]}}"#);
    assert_eq!(add(&more), more);
    assert_eq!(remove(&more), more.replace(tool, ""));
    let all = |choice: &str| format!(r#"{{"tools":[{other},{tool}],"tool_choice":{choice}}}"#);
    let left = |choice: &str| format!(r#"{{"tools":[{other}],"tool_choice":{choice}}}"#);
    assert_eq!(remove(&all("\"auto\"")), left("\"auto\""));
    assert_eq!(remove(&all(tool)), left("\"none\""));
    let allowed =
        |tools: &str| format!(r#"{{"type":"allowed_tools","mode":"auto","tools":[{tools}]}}"#);
    assert_eq!(remove(&all(&allowed(tool))), left("\"none\""));
    assert_eq!(remove(&all(&allowed(&format!("{tool},{other}")))), left(&allowed(other)));
    let only = format!(r#"{{"tools":[{tool}],"tool_choice":"required"}}"#);
    assert_eq!(remove(&only), r#"{"tools":[],"tool_choice":"none"}"#);
}

#[test]
fn geminis_search_comes_and_goes() {
    let on = Preferences { google_search: Some(true), ..Preferences::default() };
    let off = Preferences { google_search: Some(false), ..Preferences::default() };
    let add = |body: &str| granted(&on, Dialect::Gemini, body);
    let remove = |body: &str| granted(&off, Dialect::Gemini, body);
    assert_eq!(add(r#"{"contents":[]}"#), r#"{"tools":[{"googleSearch":{}}],"contents":[]}"#);
    assert_eq!(add(r#"{"tools":[{"a":1}]}"#), r#"{"tools":[{"a":1},{"googleSearch":{}}]}"#);
    for had in ["googleSearch", "google_search", "googleSearchRetrieval", "google_search_retrieval"]
    {
        let body = format!(r#"{{"tools":[{{"{had}":{{}}}}],"x":1}}"#);
        assert_eq!(add(&body), body);
        assert_eq!(remove(&body), r#"{"x":1}"#);
        let both = format!(r#"{{"tools":[{{"f":[]}},{{"{had}":{{}},"g":[]}},{{"{had}":{{}}}}]}}"#);
        assert_eq!(remove(&both), r#"{"tools":[{"f":[]},{"g":[]}]}"#);
    }
    assert_eq!(add(r#"{"tools": {"f":[]} }"#), r#"{"tools": [{"f":[]},{"googleSearch":{}}] }"#);
    for (one, left) in [
        (r#""f":[],"googleSearch":{}"#, r#"{"tools":{"f":[]},"x":1}"#),
        (r#""google_search":{}"#, r#"{"x":1}"#),
    ] {
        let body = format!(r#"{{"tools":{{{one}}},"x":1}}"#);
        assert_eq!(
            (add(&body).as_str(), remove(&body).as_str()),
            (body.as_str(), left),
            "a tool that is no list"
        );
    }
    let wrapped = granted(&on, Dialect::GeminiCli, r#"{"model":"m","request":{"contents":[]}}"#);
    assert_eq!(wrapped, r#"{"model":"m","request":{"tools":[{"googleSearch":{}}],"contents":[]}}"#);
}

#[test]
fn a_bare_input_becomes_a_list() {
    let none = Preferences::default();
    let wishes = Wishes { input_as_list: true, ..wishes(&none) };
    let of = |input: &str| grant(&wishes, Dialect::Responses, &format!("{{\"input\":{input}}}")).0;
    assert_eq!(
        of(r#""h\u0069 \"x\"""#),
        r#"{"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"h\u0069 \"x\""}]}]}"#
    );
    assert_eq!(of(r#"{"role":"user"}"#), r#"{"input":[{"role":"user"}]}"#);
    assert_eq!(of("\"\""), r#"{"input":[]}"#);
    assert_eq!(of("[1]"), r#"{"input":[1]}"#);
}

#[test]
fn counting_tokens_changes_what_is_counted_alone() {
    let wants = Preferences {
        max_tokens: Some(9),
        cache_ttl: Some(CacheTtl::OneHour),
        ..Preferences::default()
    };
    let wishes = Wishes { without_billing: true, ..wishes(&wants) };
    let body = br#"{"system":[{"type":"text","text":"x-anthropic-billing-header: a"},{"cache_control":{"type":"ephemeral"}}]}"#;
    let granted = wishes.grant(Dialect::Anthropic, "m", true, body);
    assert_eq!((granted.changes.count(), granted.beta.len()), (1, 0));
}

#[test]
fn who_wishes_nothing_is_known_at_once() {
    let none = Preferences::default();
    for dialect in Dialect::ALL {
        assert!(wishes(&none).are_none(dialect));
    }
    let wants = Preferences { google_search: Some(false), ..Preferences::default() };
    assert!(
        !wishes(&wants).are_none(Dialect::Gemini) && wishes(&wants).are_none(Dialect::Anthropic)
    );
}
