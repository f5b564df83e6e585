//! A body that an upstream refused for what others let pass is mended once, for that upstream alone.

use bytes::Bytes;
use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::stand::{LARGE, Pair, ROOM_FOR_ONE, assert_row};
use crate::support::client::{Answer, Request};
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{self, PLAIN, error_body};
use crate::support::upstream::{Script, Upstream};

const INVALID: &str = "messages.1.content.0: Invalid `signature` in `thinking` block";

/// A conversation with thinking that another vendor signed. Blanks, escapes and numbers are odd on
/// purpose: they must arrive as they are.
const SIGNED: &str = r#"{ "max_tokens":64 , "temperature": 1.0,"messages":[{"role":"user","content":"caf\u00e9"},
  {"role":"assistant","content":[ {"type":"thinking","thinking":"So\n","signature":"RXZlbg=="}, {"type":"text","text":"Hi."}]},
  {"role":"user","content":[{"text":"signature","type":"text"}] }],"stream":false,"model":"MODEL","big":12345678901234567890}"#;

fn signed() -> String {
    SIGNED.replace("MODEL", MODEL)
}

fn without_thinking() -> String {
    signed().replace(r#"{"type":"thinking","thinking":"So\n","signature":"RXZlbg=="}, "#, "")
}

async fn send(pair: &Pair, body: impl Into<Bytes>) -> Answer {
    let request = Request::post("/v1/messages", body)
        .header("x-api-key", &pair.user.key)
        .header("anthropic-version", "2023-06-01");
    pair.switchyard.send(&request).await
}

fn refusal() -> Script {
    Script::json(400, error_body(Dialect::Anthropic, 400, INVALID))
}

fn texts(seen: &[crate::support::upstream::Seen]) -> Vec<String> {
    seen.iter().map(|seen| String::from_utf8(seen.body.to_vec()).unwrap()).collect()
}

fn edits(row: &Value) -> Value {
    row["edits"].clone()
}

#[tokio::test]
async fn signed_thinking_goes_once_and_nothing_else_changes() {
    let pair = Pair::new(Dialect::Anthropic).await;
    pair.first.once(refusal());
    let answer = send(&pair, signed()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(texts(&pair.first.requests()), [signed(), without_thinking()]);
    assert_eq!(pair.second.count(), 0);
    let row = pair.switchyard.only_row().await;
    assert_row(&row, 200, &PLAIN);
    assert_eq!(edits(&row), json!(["rectified_thinking_signature"]));
    assert_eq!(Pair::chain(&row), [pair.first_id, pair.first_id]);
    let first = &row["providerChain"][0];
    assert_eq!((&first["reason"], &first["statusCode"]), (&json!("retry_failed"), &json!(400)));
    assert!(first.to_string().contains("rectified_thinking_signature"), "{first:#}");
    assert_eq!(
        pair.switchyard.failures(pair.first_id).await,
        0,
        "a refusal is not the provider's fault"
    );
}

#[tokio::test]
async fn a_refusal_that_there_is_no_room_to_look_into_is_told_as_it_is() {
    let pair = Pair::with(Dialect::Anthropic, &ROOM_FOR_ONE).await;
    let redirect = json!({ "providerId": pair.first_id, "model_redirects": { MODEL: "theirs" } });
    pair.switchyard.admin("providers/editProvider", redirect).await;
    pair.first.always(refusal());
    let answer = send(&pair, signed().replace("Hi.", &"a".repeat(LARGE))).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(answer.text().contains("Invalid `signature`"), "{}", answer.text());
    assert_eq!((pair.first.count(), pair.second.count()), (1, 0));
    let row = pair.switchyard.only_row().await;
    assert_eq!((&row["statusCode"], &row["outcome"]), (&json!(400), &json!("client_error")));
    assert_eq!(edits(&row), json!(["model_redirect"]));
}

#[tokio::test]
async fn a_large_body_is_mended_as_a_small_one() {
    let pair = Pair::new(Dialect::Anthropic).await;
    pair.first.once(refusal());
    let large = |body: String| body.replace("Hi.", &"a long answer. ".repeat(100_000));
    let answer = send(&pair, large(signed())).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(texts(&pair.first.requests()) == [large(signed()), large(without_thinking())]);
}

#[tokio::test]
async fn a_second_refusal_goes_to_the_next_provider_with_the_clients_own_body() {
    let pair = Pair::new(Dialect::Anthropic).await;
    pair.first.always(refusal());
    let answer = send(&pair, signed()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(texts(&pair.first.requests()), [signed(), without_thinking()]);
    assert_eq!(texts(&pair.second.requests()), [signed()]);
    let row = pair.switchyard.only_row().await;
    assert_eq!(edits(&row), json!([]), "the answer is to the body as it came");
    assert_eq!(Pair::chain(&row), [pair.first_id, pair.first_id, pair.second_id]);
    assert!(row["notes"].to_string().contains("rectified_thinking_signature"), "{row:#}");
}

#[tokio::test]
async fn who_is_refused_everywhere_hears_it_in_the_vendors_words() {
    let pair = Pair::new(Dialect::Anthropic).await;
    pair.first.always(refusal());
    pair.second.always(refusal());
    let answer = send(&pair, signed()).await;
    assert_eq!((answer.status, answer.text()), (400, error_body(Dialect::Anthropic, 400, INVALID)));
    assert_eq!(pair.second.count(), 2, "each provider gets one mended body");
    assert_eq!(pair.switchyard.only_row().await["statusCode"], 400);
}

#[tokio::test]
async fn what_another_said_stands_above_a_last_refusal_of_a_mended_body() {
    let switches = [("SWITCHYARD_MAX_PROVIDER_SWITCHES", "1")];
    let pair = Pair::with(Dialect::Anthropic, &switches).await;
    let third = Upstream::start();
    pair.switchyard.serve_at(Dialect::Anthropic, &third, 2).await;
    pair.first.always(Script::json(503, error_body(Dialect::Anthropic, 503, "no")));
    pair.second.always(refusal());
    let answer = send(&pair, signed()).await;
    assert_eq!(answer.status, 503, "clients repeat it: {}", answer.text());
    assert_eq!((pair.second.count(), third.count()), (2, 0));
}

#[tokio::test]
async fn that_another_lacks_the_model_does_not_hide_what_was_wrong() {
    let pair = Pair::new(Dialect::Anthropic).await;
    pair.first.always(refusal());
    let lacks = error_body(Dialect::Anthropic, 404, "model: there is no such model");
    pair.second.always(Script::json(404, lacks));
    let answer = send(&pair, signed()).await;
    assert_eq!((answer.status, answer.text()), (400, error_body(Dialect::Anthropic, 400, INVALID)));
    assert_eq!(pair.second.count(), 1);
    assert_eq!(pair.switchyard.only_row().await["statusCode"], 400);
}

#[tokio::test]
async fn what_is_not_refused_or_has_nothing_to_mend_is_left_alone() {
    let pair = Pair::new(Dialect::Anthropic).await;
    assert_eq!(send(&pair, signed()).await.status, 200);
    assert_eq!(texts(&pair.first.requests()), [signed()]);
    pair.first.reset();
    pair.first.always(refusal());
    let answer = send(&pair, without_thinking()).await;
    assert_eq!(answer.status, 400);
    assert_eq!((pair.first.count(), pair.second.count()), (1, 0));
    pair.first.reset();
    let words = "prompt is too long: 213462 tokens > 200000 maximum";
    pair.first.always(Script::json(400, error_body(Dialect::Anthropic, 400, words)));
    assert_eq!(send(&pair, signed()).await.status, 400);
    assert_eq!((pair.first.count(), pair.second.count()), (1, 0));
}

#[tokio::test]
async fn a_refusal_within_a_stream_is_mended_too() {
    let pair = Pair::new(Dialect::Anthropic).await;
    let event = answers::error_event(Dialect::Anthropic, 400, INVALID);
    pair.first.once(Script::stream().chunk(event).end());
    let body = signed().replace("\"stream\":false", "\"stream\":true");
    let answer = send(&pair, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!((pair.first.count(), pair.second.count()), (2, 0));
}

#[tokio::test]
async fn each_rectifier_has_its_switch() {
    let off = [
        ("SWITCHYARD_RECTIFY_THINKING_SIGNATURE", "false"),
        ("SWITCHYARD_RECTIFY_FUNCTION_IDS", "false"),
    ];
    let pair = Pair::with(Dialect::Anthropic, &off).await;
    pair.first.always(refusal());
    assert_eq!(send(&pair, signed()).await.status, 400);
    assert_eq!((pair.first.count(), pair.second.count()), (1, 0));
}

#[tokio::test]
async fn budgets_and_efforts_are_mended() {
    let cases = [
        (
            "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
            r#""max_tokens":4000,"thinking":{"type":"enabled","budget_tokens":512}"#,
            r#""max_tokens":64000,"thinking":{"type":"enabled","budget_tokens":32000}"#,
        ),
        (
            "thinking cannot be disabled while reasoning effort is set",
            r#""thinking":{"type":"disabled"},"output_config":{"effort":"high"}"#,
            r#""thinking":{"type":"disabled"}"#,
        ),
    ];
    let pair = Pair::new(Dialect::Anthropic).await;
    for (words, asked, mended) in cases {
        pair.first.reset();
        pair.first.once(Script::json(400, error_body(Dialect::Anthropic, 400, words)));
        let body = |fields: &str| {
            format!(
                r#"{{"model":"{MODEL}",{fields},"messages":[{{"role":"user","content":"Hi"}}]}}"#
            )
        };
        assert_eq!(send(&pair, body(asked)).await.status, 200, "{words}");
        assert_eq!(texts(&pair.first.requests()), [body(asked), body(mended)], "{words}");
    }
}

/// AT-P4: the quotes of Vertex's words are escaped, here within another error as well.
#[tokio::test]
async fn ids_that_vertex_does_not_take_go_from_calls_and_results() {
    let pair = Pair::new(Dialect::Gemini).await;
    let words = r#"Invalid JSON payload received. Unknown name "id" at 'contents[1].parts[0].function_call': Cannot find field."#;
    let within = error_body(Dialect::Gemini, 400, words);
    let body = r#"{"contents":[{"role":"user","parts":[{"text":"id"}]},{"role":"model","parts":[{"functionCall":{"id":"c1","name":"f","args":{"id":1}}}]},{"role":"user","parts":[{"functionResponse":{"id":"c1","name":"f","response":{"id":2}}}]}]}"#;
    let mended = body.replace(r#""id":"c1","#, "");
    let ask = |body: &str| {
        let target = answers::target(Dialect::Gemini, MODEL, false);
        Request::post(&target, body.to_owned()).header("x-goog-api-key", &pair.user.key)
    };
    for words in [words, &within] {
        pair.first.reset();
        pair.first.once(Script::json(400, error_body(Dialect::Gemini, 400, words)));
        let answer = pair.switchyard.send(&ask(body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(texts(&pair.first.requests()), [body, &mended]);
    }
    pair.first.reset();
    let other =
        words.replace("contents[1].parts[0].function_call", "tool_config.function_calling_config");
    pair.first.always(Script::json(400, error_body(Dialect::Gemini, 400, &other)));
    assert_eq!(pair.switchyard.send(&ask(body)).await.status, 400);
    assert_eq!((pair.first.count(), pair.second.count()), (1, 0), "that is about something else");
}

#[tokio::test]
async fn a_converted_body_is_mended_in_the_providers_format() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start().await;
    switchyard.add_provider("gemini", &upstream.url(), json!({})).await;
    let user = switchyard.add_user(json!({})).await;
    let words = "Unknown name \"id\" at 'contents[1].parts[0].function_call': Cannot find field.";
    // Relays say what the vendor said behind their own words.
    let said = json!({ "error": { "code": 400, "message": "Provider returned error",
        "status": "INVALID_ARGUMENT", "metadata": { "raw": words } } });
    upstream.once(Script::json(400, said.to_string()));
    let body = json!({ "model": MODEL, "max_tokens": 64, "messages": [
        { "role": "user", "content": "Go." },
        { "role": "assistant", "content": [
            { "type": "tool_use", "id": "toolu_1", "name": "f", "input": { "id": 1 } }] },
        { "role": "user", "content": [
            { "type": "tool_result", "tool_use_id": "toolu_1", "content": "done" }] },
    ], "tools": [{ "name": "f", "input_schema": { "type": "object" } }] });
    let request = Request::post("/v1/messages", body.to_string()).bearer(&user.key);
    let answer = switchyard.send(&request).await;
    assert_eq!(
        (answer.status, &answer.json()["type"]),
        (200, &json!("message")),
        "{}",
        answer.text()
    );
    let seen = upstream.requests();
    let call = |at: usize| {
        let contents = seen[at].json()["contents"].clone();
        let parts = contents
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|it| it["parts"].as_array().unwrap().clone());
        parts.map(|part| part["functionCall"].clone()).find(|call| !call.is_null()).unwrap()
    };
    assert!(call(0)["id"].is_string(), "{}", call(0));
    assert_eq!((call(1)["id"].is_null(), &call(1)["args"]), (true, &json!({ "id": 1 })));
    let row = switchyard.only_row().await;
    assert!(row["edits"].to_string().contains("rectified_function_ids"), "{row:#}");
}
