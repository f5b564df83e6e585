//! What a provider's operator wants in requests is set in the body that goes out, and told on the row.

use bytes::Bytes;
use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::support::admin::NewUser;
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers;
use crate::support::upstream::{Script, Seen, Upstream};

/// One provider that wants something.
struct Wisher {
    upstream: Upstream,
    switchyard: Switchyard,
    user: NewUser,
}

impl Wisher {
    async fn new(kind: &str, wants: Value) -> Self {
        let upstream = Upstream::start();
        let switchyard = Switchyard::start().await;
        switchyard.add_provider(kind, &upstream.url(), wants).await;
        let user = switchyard.add_user(json!({})).await;
        Self { upstream, switchyard, user }
    }

    /// Sends a body and returns what arrived, with its row.
    async fn send(
        &self,
        path: &str,
        body: impl Into<Bytes>,
        headers: &[(&str, &str)],
    ) -> (Seen, Value) {
        self.send_with(&self.user.key, path, body, headers).await
    }

    async fn send_with(
        &self,
        key: &str,
        path: &str,
        body: impl Into<Bytes>,
        headers: &[(&str, &str)],
    ) -> (Seen, Value) {
        let before = self.switchyard.all_rows().await.len();
        self.upstream.forget();
        let request = Request::post(path, body).bearer(key);
        let request = headers.iter().fold(request, |it, (name, value)| it.header(name, value));
        let answer = self.switchyard.send(&request).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let row = self.switchyard.rows_when(before + 1).await.remove(0);
        (self.upstream.only_request(), row)
    }
}

fn text(seen: &Seen) -> String {
    String::from_utf8(seen.body.to_vec()).unwrap()
}

#[tokio::test]
async fn room_and_thinking_are_set_and_the_row_tells_what_stood_there() {
    let wants = json!({ "anthropic_max_tokens": 32_000, "anthropic_thinking_budget": 10_000 });
    let wisher = Wisher::new("claude", wants).await;
    let body = |fields: &str| {
        format!(
            r#"{{ "model":"{MODEL}",{fields},"big":12345678901234567890,"messages":[{{"role":"user","content":"caf\u00e9"}}] }}"#
        )
    };
    let asked = body(r#""max_tokens":100,"thinking":{"type":"disabled"}"#);
    let (seen, row) = wisher.send("/v1/messages", asked, &[]).await;
    let wanted = body(r#""max_tokens":32000,"thinking":{"type":"enabled","budget_tokens":10000}"#);
    assert_eq!(text(&seen), wanted);
    assert_eq!(row["edits"], json!(["override_max_tokens", "override_thinking"]));
    assert!(row["notes"].to_string().contains("override_max_tokens: 100 -> 32000"), "{row:#}");
    let (seen, row) = wisher.send("/v1/messages", wanted.clone(), &[]).await;
    assert_eq!((text(&seen), &row["edits"]), (wanted, &json!([])), "it is so already");
    let count = body(r#""max_tokens":100"#);
    let (seen, _) = wisher.send("/v1/messages/count_tokens", count.clone(), &[]).await;
    assert_eq!(text(&seen), count, "who counts tokens asks for no answer");
}

/// AT-P2.
#[tokio::test]
async fn cache_marks_last_as_the_key_says_or_else_the_provider() {
    let wisher = Wisher::new("claude", json!({ "cache_ttl_preference": "1h" })).await;
    let mark = r#""cache_control":{"type":"ephemeral"}"#;
    let body = format!(
        r#"{{"model":"{MODEL}","max_tokens":9,"tools":[{{"name":"a","input_schema":{{}},{mark}}}],"system":[{{"type":"text","text":"s",{mark}}}],"messages":[{{"role":"user","content":[{{"type":"text","text":"x","cache_control":{{"type":"ephemeral","ttl":"5m"}}}},{{"type":"text","text":"y",{mark}}}]}}]}}"#
    );
    let hour = body
        .replace(mark, r#""cache_control":{"ttl":"1h","type":"ephemeral"}"#)
        .replace(r#""ttl":"5m""#, r#""ttl":"1h""#);
    let flags = [("anthropic-beta", "b-2,a-1")];
    let (seen, row) = wisher.send("/v1/messages", body.clone(), &flags).await;
    assert_eq!(text(&seen), hour);
    assert_eq!(seen.header("anthropic-beta"), Some("b-2,a-1,extended-cache-ttl-2025-04-11"));
    assert_eq!(row["edits"], json!(["cache_ttl", "anthropic_beta"]));
    let once = [("anthropic-beta", "extended-cache-ttl-2025-04-11, b-2")];
    let (seen, _) = wisher.send("/v1/messages", body.clone(), &once).await;
    assert_eq!(seen.header("anthropic-beta"), Some(once[0].1), "it is there already");
    let plain = format!(r#"{{"model":"{MODEL}","system":"s","max_tokens":9,"messages":[]}}"#);
    let (seen, row) = wisher.send("/v1/messages", plain.clone(), &[]).await;
    assert_eq!((text(&seen), &row["edits"]), (plain, &json!([])), "no mark is put where none was");
    assert_eq!(seen.header("anthropic-beta"), None);

    let more = json!({ "cacheTtlPreference": "5m" });
    let key = wisher.switchyard.add_key(wisher.user.id, "short", more).await;
    let (seen, _) = wisher.send_with(&key, "/v1/messages", hour, &flags).await;
    assert!(!text(&seen).contains("1h"), "the key's word goes first: {}", text(&seen));
    assert_eq!(seen.header("anthropic-beta"), Some("b-2,a-1"));
}

#[tokio::test]
async fn the_flag_of_a_large_context_is_asked_for_or_kept_back() {
    let body = answers::request(Dialect::Anthropic, MODEL, false, "Hi");
    let both = [("anthropic-beta", "context-1m-2025-08-07,x-1")];
    let off = Wisher::new("claude", json!({ "context_1m_preference": "disabled" })).await;
    let (seen, row) = off.send("/v1/messages", body.clone(), &both).await;
    assert_eq!(seen.header("anthropic-beta"), Some("x-1"));
    assert_eq!(row["edits"], json!(["anthropic_beta"]));
    let on = Wisher::new("claude", json!({ "context_1m_preference": "force_enable" })).await;
    let (seen, _) = on.send("/v1/messages", body.clone(), &[("anthropic-beta", "x-1")]).await;
    assert_eq!(seen.header("anthropic-beta"), Some("x-1,context-1m-2025-08-07"));
    let (seen, row) = on.send("/v1/messages", body, &both).await;
    assert_eq!((seen.header("anthropic-beta"), &row["edits"]), (Some(both[0].1), &json!([])));
}

#[tokio::test]
async fn settings_of_responses_are_set() {
    let wants = json!({ "codex_reasoning_effort_preference": "high",
        "codex_reasoning_summary_preference": "detailed", "codex_text_verbosity_preference": "low",
        "codex_parallel_tool_calls_preference": "false", "codex_service_tier_preference": "flex",
        "codex_image_generation_preference": "disabled" });
    let wisher = Wisher::new("codex", wants).await;
    let body = format!(
        r#"{{"model":"{MODEL}","input":[{{"role":"user","content":"Hi"}}],"tools":[{{"type":"image_generation"}},{{"type":"function","name":"f"}}],"reasoning":{{"effort":"low"}},"parallel_tool_calls":true}}"#
    );
    let (seen, row) = wisher.send("/v1/responses", body, &[]).await;
    let sent = seen.json();
    assert_eq!(sent["reasoning"], json!({ "effort": "high", "summary": "detailed" }));
    assert_eq!(sent["text"]["verbosity"], "low");
    assert_eq!(
        (&sent["parallel_tool_calls"], &sent["service_tier"]),
        (&json!(false), &json!("flex"))
    );
    assert_eq!(sent["tools"], json!([{ "type": "function", "name": "f" }]));
    assert!(row["notes"].to_string().contains("override_reasoning_effort: low -> high"), "{row:#}");
    let all_set = [
        "override_image_generation",
        "override_parallel_tool_calls",
        "override_reasoning_effort",
        "override_reasoning_summary",
        "override_service_tier",
        "override_verbosity",
    ];
    assert_eq!(sorted(&row["edits"]), all_set);
    let bare = format!(r#"{{"model":"{MODEL}","input":[{{"role":"user","content":"Hi"}}]}}"#);
    let (seen, row) = wisher.send("/v1/responses", bare, &[]).await;
    assert_eq!(seen.json()["reasoning"], json!({ "effort": "high", "summary": "detailed" }));
    assert_eq!(sorted(&row["edits"]), all_set[1..], "one object that both wishes are about");
}

fn sorted(list: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = list.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn geminis_search_is_put_in() {
    let wants = json!({ "gemini_google_search_preference": "enabled" });
    let wisher = Wisher::new("gemini", wants).await;
    let body = r#"{"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}"#;
    let path = answers::target(Dialect::Gemini, MODEL, false);
    let (seen, row) = wisher.send(&path, body, &[]).await;
    assert_eq!(text(&seen), body.replacen('{', r#"{"tools":[{"googleSearch":{}}],"#, 1));
    assert_eq!(row["edits"], json!(["override_google_search"]));
}

/// AT-P1. The tests' upstream is a third party.
#[tokio::test]
async fn the_billing_block_goes_to_anthropic_alone() {
    let body = |cch: &str| {
        format!(
            r#"{{"model":"{MODEL}","system":[{{"type":"text","text":"x-anthropic-billing-header: cc_version=2.1.197.{cch}; cch={cch};"}},{{"type":"text","text":"You are Claude Code.","cache_control":{{"type":"ephemeral"}}}}],"messages":[{{"role":"user","content":"Hi"}}],"max_tokens":9}}"#
        )
    };
    let other = Wisher::new("claude", json!({})).await;
    let (one, row) = other.send("/v1/messages", body("97bd6"), &[]).await;
    let (two, _) = other.send("/v1/messages", body("0a1b2"), &[]).await;
    assert_eq!(text(&one), text(&two), "both turns begin with the same bytes");
    assert!(!text(&one).contains("billing"), "{}", text(&one));
    assert_eq!(row["edits"], json!(["billing_header"]));
    let least = Wisher::new("claude", json!({ "anthropic_max_tokens": 1_024 })).await;
    let alone = format!(
        r#"{{"model":"{MODEL}","max_tokens":32000,"messages":[{{"role":"user","content":"Hi"}}],"system":[{{"type":"text","text":"x-anthropic-billing-header: cch=97bd6;"}}],"thinking":{{"type":"enabled","budget_tokens":31999}}}}"#
    );
    let (seen, row) = least.send("/v1/messages", alone, &[]).await;
    assert_eq!(
        text(&seen),
        format!(
            r#"{{"model":"{MODEL}","max_tokens":1024,"messages":[{{"role":"user","content":"Hi"}}]}}"#
        )
    );
    let all = ["billing_header", "override_max_tokens", "override_thinking"];
    assert_eq!(sorted(&row["edits"]), all, "neighbours that go at once");
    let keeps = Wisher::new("claude", json!({ "billing_header_preference": "keep" })).await;
    let (seen, row) = keeps.send("/v1/messages", body("97bd6"), &[]).await;
    assert_eq!((text(&seen), &row["edits"]), (body("97bd6"), &json!([])));
}

#[tokio::test]
async fn a_bare_input_becomes_a_list_where_nothing_else_is_taken() {
    let body = |input: &str| format!(r#"{{"model":"{MODEL}","input":{input},"store":false}}"#);
    let list = r#"[{"type":"message","role":"user","content":[{"type":"input_text","text":"say \"hi\""}]}]"#;
    let bare = body(r#""say \"hi\"""#);
    let wisher = Wisher::new("codex", json!({})).await;
    let (seen, row) = wisher.send("/v1/responses", bare.clone(), &[]).await;
    assert_eq!((text(&seen), &row["edits"]), (bare.clone(), &json!([])), "it is legal");
    wisher.upstream.once(Script::json(400, r#"{"detail":"Input must be a list"}"#));
    let request = Request::post("/v1/responses", bare.clone()).bearer(&wisher.user.key);
    assert_eq!(wisher.switchyard.send(&request).await.status, 200);
    assert_eq!(text(&wisher.upstream.requests()[2]), body(list), "who refuses it gets a list");

    let upstream = Upstream::start();
    let backend = format!("{}/backend-api/codex", upstream.url());
    let switchyard = Switchyard::start().await;
    switchyard.add_provider("codex", &backend, json!({})).await;
    let user = switchyard.add_user(json!({})).await;
    let request = Request::post("/v1/responses", bare).bearer(&user.key);
    switchyard.send(&request).await;
    let seen = upstream.requests().remove(0);
    assert_eq!(text(&seen), body(list));
    assert_eq!(switchyard.only_row().await["edits"], json!(["input_as_list"]));
}

#[tokio::test]
async fn what_a_provider_wants_holds_for_requests_of_other_formats_too() {
    let wants = json!({ "codex_reasoning_effort_preference": "high" });
    let wisher = Wisher::new("codex", wants).await;
    let body = format!(
        r#"{{"model":"{MODEL}","system":[{{"type":"text","text":"x-anthropic-billing-header: cch=97bd6;"}},{{"type":"text","text":"You are Claude Code."}}],"messages":[{{"role":"user","content":"Hi"}}],"max_tokens":9}}"#
    );
    let (seen, row) = wisher.send("/v1/messages", body, &[]).await;
    let sent = text(&seen);
    assert_eq!(
        (seen.path.as_str(), &seen.json()["reasoning"]["effort"]),
        ("/v1/responses", &json!("high"))
    );
    assert!(sent.contains("You are Claude Code.") && !sent.contains("billing"), "{sent}");
    let edits = row["edits"].to_string();
    assert!(
        edits.contains("billing_header") && edits.contains("override_reasoning_effort"),
        "{edits}"
    );
}

#[tokio::test]
async fn cache_marks_are_put_where_a_client_has_none() {
    let mark = r#""cache_control":{"type":"ephemeral"}"#;
    let body = |system: &str, said: &str| {
        format!(
            r#"{{ "model":"{MODEL}","max_tokens":9, "system" : {system},"messages":[{{"role":"user","content":{said}}}] }}"#
        )
    };
    let plain = body(r#""S\u00e9.""#, r#"[{"type":"text","text":"Hi"}]"#);
    let marked = body(
        &format!(r#"[{{"type":"text","text":"S\u00e9.",{mark}}}]"#),
        &format!(r#"[{{{mark},"type":"text","text":"Hi"}}]"#),
    );
    let wisher = Wisher::new("claude", json!({ "auto_cache_preference": "enabled" })).await;
    let (seen, row) = wisher.send("/v1/messages", plain.clone(), &[]).await;
    assert_eq!((text(&seen), &row["edits"]), (marked.clone(), &json!(["cache_marks"])));
    assert!(row["notes"].to_string().contains("cache_marks: 2 put in"), "{row:#}");
    let (seen, row) = wisher.send("/v1/messages", marked.clone(), &[]).await;
    assert_eq!((text(&seen), &row["edits"]), (marked, &json!([])), "the client marks by itself");
    let (seen, _) = wisher.send("/v1/messages/count_tokens", plain.clone(), &[]).await;
    assert_eq!(text(&seen), plain, "who counts tokens caches nothing");

    let chat = format!(
        r#"{{"model":"{MODEL}","messages":[{{"role":"system","content":"S."}},{{"role":"user","content":"Hi"}}]}}"#
    );
    let (seen, row) = wisher.send("/v1/chat/completions", chat.clone(), &[]).await;
    let sent = seen.json();
    let ends = [&sent["system"][0], &sent["messages"][0]["content"][0]];
    assert!(ends.iter().all(|end| end["cache_control"]["type"] == "ephemeral"), "{sent:#}");
    assert!(row["edits"].to_string().contains("cache_marks"), "{row:#}");

    let other = Wisher::new("claude", json!({})).await;
    let (seen, row) = other.send("/v1/messages", plain.clone(), &[]).await;
    assert_eq!((text(&seen), &row["edits"]), (plain, &json!([])), "nobody wished it");
    let (seen, _) = other.send("/v1/chat/completions", chat, &[]).await;
    assert!(!text(&seen).contains("cache_control"), "{}", text(&seen));
}

#[tokio::test]
async fn models_that_nobody_knows_are_told_how_much_to_think_as_is_wished() {
    let chat = format!(
        r#"{{"model":"{MODEL}","max_tokens":30000,"reasoning_effort":"high","messages":[{{"role":"user","content":"Hi"}}]}}"#
    );
    let adaptive = json!({ "type": "adaptive" });
    let budget = json!({ "type": "enabled", "budget_tokens": 24_576 });
    for (word, wanted, effort, lost) in [
        ("inherit", budget, Value::Null, "approx.budget_from_effort"),
        ("effort", adaptive, json!("high"), ""),
        ("omit", Value::Null, Value::Null, "drop.reasoning"),
    ] {
        let wants = json!({ "unknown_effort_preference": word });
        let wisher = Wisher::new("claude", wants).await;
        let (seen, row) = wisher.send("/v1/chat/completions", chat.clone(), &[]).await;
        let sent = seen.json();
        let said = (&sent["thinking"]["type"], &sent["output_config"]["effort"]);
        assert_eq!(said, (&wanted["type"], &effort), "{word}: {sent:#}");
        assert_eq!(sent["thinking"]["budget_tokens"], wanted["budget_tokens"], "{word}");
        let losses = row["losses"].to_string();
        let is_about = losses.contains("reasoning") || losses.contains("effort");
        assert_eq!(is_about, !lost.is_empty(), "{word}: {losses}");
        assert!(losses.contains(lost), "{word}: {losses}");
        let native = format!(
            r#"{{"model":"{MODEL}","max_tokens":9000,"thinking":{{"type":"enabled","budget_tokens":2000}},"messages":[{{"role":"user","content":"Hi"}}]}}"#
        );
        let (seen, _) = wisher.send("/v1/messages", native.clone(), &[]).await;
        assert_eq!(text(&seen), native, "{word}: who speaks the format says it himself");
    }
}

#[tokio::test]
async fn a_provider_of_chat_hears_earlier_thinking_and_gets_tools_of_text_as_is_wished() {
    let turns = format!(
        r#"{{"model":"{MODEL}","max_tokens":90,"messages":[{{"role":"user","content":"Hi"}},{{"role":"assistant","content":[{{"type":"thinking","thinking":"I look.","signature":"c2ln"}},{{"type":"tool_use","id":"toolu_1","name":"look","input":{{}}}}]}},{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"toolu_1","content":"1"}}]}}],"tools":[{{"name":"look","input_schema":{{"type":"object"}}}}]}}"#
    );
    let words = format!(
        r#"{{"model":"{MODEL}","max_tokens":90,"messages":[{{"role":"user","content":"Hi"}},{{"role":"assistant","content":[{{"type":"thinking","thinking":"I think.","signature":"c2ln"}},{{"type":"text","text":"Yes?"}}]}},{{"role":"user","content":"Go on"}}]}}"#
    );
    let patch = format!(
        r#"{{"model":"{MODEL}","input":"Hi","tools":[{{"type":"custom","name":"apply_patch","description":"Patches."}}]}}"#
    );
    let (looked, thought) = (json!("I look."), json!("I think."));
    for (word, at_call, at_words, tools, kind) in [
        ("inherit", Value::Null, Value::Null, "inherit", "function"),
        ("tool_turns", looked.clone(), Value::Null, "enabled", "custom"),
        ("always", looked, thought, "enabled", "custom"),
    ] {
        let wants =
            json!({ "reasoning_replay_preference": word, "custom_tools_preference": tools });
        let wisher = Wisher::new("openai-compatible", wants).await;
        for (turns, thought) in [(&turns, at_call), (&words, at_words)] {
            let (seen, row) = wisher.send("/v1/messages", turns.clone(), &[]).await;
            assert_eq!(seen.json()["messages"][1]["reasoning_content"], thought, "{word}");
            let is_lost = row["losses"].to_string().contains("\"drop.thinking\"");
            assert_eq!(is_lost, thought.is_null(), "{word}: {}", row["losses"]);
        }
        let (seen, _) = wisher.send("/v1/responses", patch.clone(), &[]).await;
        assert_eq!(seen.json()["tools"][0]["type"], kind, "{word}");
    }
}
