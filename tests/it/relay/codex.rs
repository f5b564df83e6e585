//! What is done for Codex: instructions that its providers accept, session ids, compaction.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;
use tempfile::TempDir;

use super::stand::{LARGE, Pair, ROOM_FOR_ONE, Stand, assert_row, reasons};
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{self, PLAIN, error_body};
use crate::support::upstream::{Match, Rule, Script, Upstream};

const FILES: &str = "CODEX_INSTRUCTIONS_FILES";
const CLIENTS: &str = r#"{ "model" : "gpt-x", "instructions":"the client's", "n": 1.50,
  "input":[{"role":"user","content":"hi"}], "stream":false, "unknown" : {"instructions":1} }"#;
const REFUSAL: &str = r#"{"error":{"message":"Instructions are not valid","type":"x"}}"#;

struct World {
    upstream: Upstream,
    switchyard: Switchyard,
    key: String,
    _files: TempDir,
}

impl World {
    async fn new(strategy: &str, more: &[(&str, &str)]) -> Self {
        let files = TempDir::new().unwrap();
        let path = files.path().join("codex.md");
        std::fs::write(&path, "the operator's\n\"own\"").unwrap();
        let path = path.display().to_string();
        let mut extra = vec![(FILES, path.as_str())];
        extra.extend(more);
        let switchyard = Switchyard::start_with(&extra).await;
        let upstream = Upstream::start();
        let more = json!({ "codex_instructions_strategy": strategy });
        switchyard.add_provider("codex", &upstream.url(), more).await;
        let key = switchyard.add_user(json!({})).await.key;
        Self { upstream, switchyard, key, _files: files }
    }

    async fn ask(&self) -> u16 {
        let request = Request::post("/v1/responses", CLIENTS).bearer(&self.key);
        self.switchyard.send(&request).await.status
    }

    fn bodies(&self) -> Vec<String> {
        let text = |body: &bytes::Bytes| String::from_utf8(body.to_vec()).unwrap();
        self.upstream.requests().iter().map(|seen| text(&seen.body)).collect()
    }
}

fn officially() -> String {
    CLIENTS.replace(r#""the client's""#, r#""the operator's\n\"own\"""#)
}

fn has_edit(row: &Value, name: &str) -> bool {
    row.to_string().contains(name)
}

#[tokio::test]
async fn instructions_pass_or_are_replaced_as_the_provider_says() {
    for (strategy, more, expected) in [
        ("keep_original", ("ENABLE_CODEX_INSTRUCTIONS_INJECTION", "true"), CLIENTS.to_owned()),
        ("auto", ("ENABLE_CODEX_INSTRUCTIONS_INJECTION", "false"), CLIENTS.to_owned()),
        ("auto", ("ENABLE_CODEX_INSTRUCTIONS_INJECTION", "true"), officially()),
        ("force_official", ("ENABLE_CODEX_INSTRUCTIONS_INJECTION", "false"), officially()),
    ] {
        let world = World::new(strategy, &[more]).await;
        assert_eq!(world.ask().await, 200);
        assert_eq!(world.bodies().concat(), expected, "{strategy} {more:?}");
        let row = world.switchyard.only_row().await;
        assert_eq!(has_edit(&row, "codex_instructions"), expected != CLIENTS, "{row:#}");
    }
}

#[tokio::test]
async fn refused_instructions_are_tried_once_more_with_the_operators_at_the_same_provider() {
    let world = World::new("auto", &[("MAX_RETRY_ATTEMPTS_DEFAULT", "1")]).await;
    world.upstream.once(Script::json(400, REFUSAL));
    assert_eq!(world.ask().await, 200);
    assert_eq!(world.bodies(), [CLIENTS.to_owned(), officially()]);
    let row = world.switchyard.only_row().await;
    assert_eq!(reasons(&row), ["retry_with_official_instructions", "retry_success"], "{row:#}");
    assert!(has_edit(&row, "codex_instructions"), "{row:#}");

    world.upstream.reset();
    world.upstream.always(Script::json(400, REFUSAL));
    assert_eq!(world.ask().await, 400, "a second refusal is the client's to hear");
    assert_eq!(world.bodies(), [CLIENTS.to_owned(), officially()]);
}

#[tokio::test]
async fn where_there_is_no_room_for_the_operators_instructions_the_refusal_is_told() {
    let world = World::new("auto", &ROOM_FOR_ONE).await;
    // A body that goes out in pieces is copied for the next edit.
    let renamed = json!({ "providerId": 1, "model_redirects": { MODEL: "theirs" } });
    world.switchyard.admin("providers/editProvider", renamed).await;
    world.upstream.once(Script::json(400, REFUSAL));
    let text = "a".repeat(LARGE);
    let body = json!({ "model": MODEL, "instructions": "the client's", "input": text });
    let request = Request::post("/v1/responses", body.to_string()).bearer(&world.key);
    let answer = world.switchyard.send(&request).await;
    assert_eq!((answer.status, answer.text()), (400, REFUSAL.to_owned()));
    assert_eq!(world.upstream.count(), 1);
    let row = world.switchyard.only_row().await;
    assert_eq!(reasons(&row), ["retry_with_official_instructions", "refused_here"], "{row:#}");
}

#[tokio::test]
async fn without_a_text_of_the_operator_nothing_is_tried() {
    for (strategy, note) in [("auto", false), ("force_official", true)] {
        let world = World::new(strategy, &[(FILES, "")]).await;
        world.upstream.always(Script::json(400, REFUSAL));
        assert_eq!(world.ask().await, 400);
        assert_eq!(world.bodies(), [CLIENTS], "{strategy}");
        let row = world.switchyard.only_row().await;
        assert_eq!(has_edit(&row, "codex: no instructions are set"), note, "{row:#}");
    }
}

#[tokio::test]
async fn a_missing_file_of_instructions_is_told_at_the_start() {
    let data = TempDir::new().unwrap();
    let extra = [(FILES, "/nowhere/codex.md")];
    let (status, text) = crate::support::launch::run_to_end(data.path(), &["check-config"], &extra);
    assert!(!status.success());
    assert!(text.contains(FILES) && text.contains("/nowhere/codex.md"), "{text}");
}

fn codex(key: &str, body: &Value) -> Request {
    Request::post("/v1/responses", body.to_string())
        .bearer(key)
        .header("user-agent", "codex_exec/0.169.0 (Linux; x64)")
        .header("originator", "codex_exec")
}

fn said(text: &str) -> Value {
    json!({ "model": MODEL, "stream": true,
        "input": [{ "type": "message", "role": "user", "content": text }] })
}

const ID: &str = "0199a213-81c0-7800-8aa1-bbab2a035a53";

#[tokio::test]
async fn a_codex_request_without_a_session_id_gets_the_one_of_its_conversation() {
    let stand = Stand::new().await;
    let mut ids = Vec::new();
    for text in ["one", "one", "two"] {
        let answer = stand.switchyard.send(&codex(&stand.user.key, &said(text))).await;
        assert_eq!(answer.text(), answers::frames(Dialect::Responses, MODEL, 3, &PLAIN).concat());
    }
    for seen in stand.upstream.requests() {
        let id = seen.json()["prompt_cache_key"].as_str().unwrap().to_owned();
        assert_eq!(seen.header("session_id"), Some(id.as_str()));
        assert_eq!(seen.header("x-session-id"), Some(id.as_str()));
        ids.push(id);
    }
    assert_eq!(ids[0], ids[1], "the same conversation");
    assert_ne!(ids[0], ids[2]);
    let other = stand.switchyard.add_user(json!({ "name": "Bob" })).await;
    stand.upstream.forget();
    stand.switchyard.send(&codex(&other.key, &said("one"))).await;
    let seen = stand.upstream.only_request();
    assert_ne!(seen.json()["prompt_cache_key"], ids[0], "somebody else's is another one");
    let row = &stand.switchyard.rows_when(4).await[0];
    assert!(has_edit(row, "codex_session_id"), "{row:#}");
}

#[tokio::test]
async fn what_has_an_id_is_completed_and_what_is_complete_or_not_of_codex_passes() {
    let stand = Stand::new().await;
    let send = async |request: Request| {
        stand.upstream.forget();
        stand.switchyard.send(&request).await;
        stand.upstream.only_request()
    };
    let key = &stand.user.key;
    let seen = send(codex(key, &said("a")).header("session-id", ID)).await;
    assert_eq!(seen.json()["prompt_cache_key"], ID);
    assert_eq!((seen.header("session-id"), seen.header("session_id")), (Some(ID), None));
    let mut body = said("b");
    body["prompt_cache_key"] = json!(ID);
    let seen = send(codex(key, &body)).await;
    assert_eq!(seen.body, body.to_string());
    assert_eq!(seen.header("session_id"), Some(ID));
    let seen = send(codex(key, &body).header("session-id", ID)).await;
    assert_eq!((seen.header("session_id"), &seen.body), (None, &body.to_string().into()));
    let plain = said("c").to_string();
    let seen = send(Request::post("/v1/responses", plain.clone()).bearer(key)).await;
    assert_eq!((seen.header("session_id"), &seen.body), (None, &plain.into()));

    let off = Stand::with(&[("ENABLE_CODEX_SESSION_ID_COMPLETION", "false")]).await;
    off.switchyard.send(&codex(&off.user.key, &said("d"))).await;
    let seen = off.upstream.only_request();
    assert_eq!((seen.header("session_id"), &seen.body), (None, &said("d").to_string().into()));
}

#[tokio::test]
async fn a_compaction_is_an_operation_of_its_own_with_failover_and_money() {
    let pair = Pair::new(Dialect::Responses).await;
    pair.first.always(Script::json(503, r#"{"error":{"message":"down"}}"#));
    let answer = r#"{"output":[{"type":"compaction","encrypted_content":"abc"}],
        "usage":{"input_tokens":10,"output_tokens":5,"total_tokens":15}}"#;
    pair.second.script(Rule::new(Match::any().path("/compact"), Script::json(200, answer)));
    let body = format!(r#"{{ "model":"{MODEL}", "input":[], "instructions":"x" }}"#);
    let request = Request::post("/v1/responses/compact", body.clone()).bearer(&pair.user.key);
    let got = pair.switchyard.send(&request).await;
    assert_eq!((got.status, got.text()), (200, answer.to_owned()));
    let seen = pair.second.only_request();
    assert_eq!((seen.path.as_str(), &seen.body), ("/v1/responses/compact", &body.into()));
    let row = pair.switchyard.only_row().await;
    let tokens = answers::Tokens { input: 10, output: 5, ..PLAIN };
    assert_row(
        &row,
        200,
        &answers::Tokens { reasoning: 0, cache_read: 0, write_5m: 0, write_1h: 0, ..tokens },
    );
    assert_eq!(Pair::chain(&row).last(), Some(&pair.second_id), "{row:#}");
}

#[tokio::test]
async fn a_compaction_that_only_other_formats_could_serve_is_refused_in_clear_words() {
    let switchyard = Switchyard::start().await;
    let upstream = Upstream::start();
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    let user = switchyard.add_user(json!({})).await;
    let body = format!(r#"{{"model":"{MODEL}","input":[],"instructions":"x"}}"#);
    let request = Request::post("/v1/responses/compact", body).bearer(&user.key);
    let answer = switchyard.send(&request).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains("/v1/responses/compact") && message.contains("Responses"),
        "{message}"
    );
    assert_eq!(upstream.count(), 0);
}

#[tokio::test]
async fn a_converted_system_prompt_stays_beside_the_operators_instructions() {
    let world = World::new("force_official", &[]).await;
    let body = json!({ "model": MODEL, "max_tokens": 64, "system": "Speak French.",
        "messages": [{ "role": "user", "content": "Hi" }] });
    let request = Request::post("/v1/messages", body.to_string()).bearer(&world.key);
    let answer = world.switchyard.send(&request).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let seen = world.upstream.only_request().json();
    assert_eq!(seen["instructions"], "the operator's\n\"own\"");
    let first = json!({ "type": "message", "role": "developer",
        "content": [{ "type": "input_text", "text": "Speak French." }] });
    assert_eq!(seen["input"][0], first, "{seen:#}");
    assert_eq!(seen["input"][1]["role"], "user", "{seen:#}");
}

#[tokio::test]
async fn a_body_that_was_mended_before_the_operators_instructions_does_not_bring_the_old_ones_back()
{
    let world = World::new("auto", &[]).await;
    let list = error_body(Dialect::Responses, 400, "Input must be a list");
    world.upstream.once(Script::json(400, list));
    world.upstream.once(Script::json(400, REFUSAL));
    let body = json!({ "model": MODEL, "instructions": "the client's", "input": "hi" });
    let request = Request::post("/v1/responses", body.to_string()).bearer(&world.key);
    assert_eq!(world.switchyard.send(&request).await.status, 200);
    let seen = world.upstream.requests();
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[2].json()["instructions"], "the operator's\n\"own\"");
    assert!(seen[2].json()["input"].is_array(), "it is mended still: {}", seen[2].json());
}
