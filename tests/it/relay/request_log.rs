//! The line at the end of a request, field by field as `docs/LOGGING.md` has it.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{PLAIN, Tokens, error_body, frames};
use crate::support::upstream::{Script, Upstream};
use crate::support::waiting::{self, SOON};

const DIALECT: Dialect = Dialect::Anthropic;

/// Waits for so many lines and returns them in order.
async fn lines(switchyard: &Switchyard, count: usize) -> Vec<Value> {
    waiting::until("the lines of the requests", SOON, async || {
        let log = switchyard.logs();
        let all = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let own: Vec<Value> = all.filter(|line| line["target"] == "switchyard::request").collect();
        (own.len() >= count).then_some(own)
    })
    .await
}

/// Takes off what no two runs share, which must be there.
fn steady(mut line: Value) -> Value {
    let fields = line.as_object_mut().unwrap();
    for (name, is_right) in [
        ("timestamp", Value::is_string as fn(&Value) -> bool),
        ("request.id", Value::is_string),
        ("session", Value::is_string),
        ("duration_ms", Value::is_u64),
    ] {
        let value = fields.remove(name).unwrap_or_default();
        assert!(is_right(&value), "{name} is {value} in {fields:?}");
    }
    line
}

#[tokio::test]
async fn a_request_that_failed_over_tells_all_that_is_known_of_it() {
    let (first, second) = (Upstream::start(), Upstream::start());
    let switchyard = Switchyard::start().await;
    let one = switchyard.serve_at(DIALECT, &first, 0).await;
    let more = json!({ "priority": 1, "model_redirects": { MODEL: "vendor-name" } });
    let other = switchyard.add_provider("claude", &second.url(), more).await;
    let user = switchyard.add_user(json!({})).await;
    let tokens = Tokens::rich(DIALECT);
    let answer = frames(DIALECT, "vendor-name", 3, &tokens);
    first.always(
        Script::status(429)
            .header("retry-after", "7")
            .header("content-type", "application/json")
            .body(error_body(DIALECT, 429, "slow down")),
    );
    second.always(Script::frames(answer.clone()));
    let request = Request::model(DIALECT, &user.key, MODEL, true);
    assert_eq!(switchyard.send(&request).await.status, 200);
    let cost = switchyard.only_row().await["costUsd"].clone();
    let mut line = steady(lines(&switchyard, 1).await.remove(0));
    assert!(line.as_object_mut().unwrap().remove("first_byte_ms").unwrap().is_u64());
    let told = line.as_object_mut().unwrap().remove("cost_usd").unwrap();
    let number = |value: &Value| value.as_str().unwrap().trim_end_matches('0').to_owned();
    assert_eq!(number(&told), number(&cost));
    let expected = json!({
        "level": "INFO", "target": "switchyard::request", "message": "request ended",
        "user": "Ada", "user.id": user.id, "key.id": user.key_id, "client.ip": "127.0.0.1",
        "dialect": "anthropic", "operation": "generate", "model": MODEL,
        "model.upstream": "vendor-name", "stream": true, "provider.id": other,
        "provider.chain": format!("{one}:overloaded>{other}:success"),
        "status": 200, "outcome": "success",
        "tokens.input": tokens.input, "tokens.output": tokens.output,
        "tokens.cache_read": tokens.cache_read, "tokens.cache_write_5m": tokens.write_5m,
        "tokens.cache_write_1h": tokens.write_1h, "usage.complete": true,
        "bytes.in": request.body_bytes().len(), "bytes.out": answer.concat().len(),
    });
    assert_eq!(line, expected);
}

#[tokio::test]
async fn what_is_not_known_of_a_refused_request_is_left_out() {
    let switchyard = Switchyard::start().await;
    let user = switchyard.add_user(json!({ "rpm": 1 })).await;
    let request = Request::model(DIALECT, &user.key, MODEL, false);
    assert_eq!(switchyard.send(&request).await.status, 503, "there is no provider");
    assert_eq!(switchyard.send(&request).await.status, 429);
    let mut lines = lines(&switchyard, 2).await;
    let mut refused = steady(lines.remove(1));
    let error = refused.as_object_mut().unwrap().remove("error").unwrap();
    assert!(error.as_str().unwrap().contains("requests per minute"), "{error}");
    let expected = json!({
        "level": "INFO", "target": "switchyard::request", "message": "request ended",
        "user": "Ada", "user.id": user.id, "key.id": user.key_id, "client.ip": "127.0.0.1",
        "dialect": "anthropic", "operation": "generate", "model": MODEL, "stream": false,
        "status": 429, "outcome": "refused", "limit": "rpm", "unbilled": "not_billable",
        "bytes.in": request.body_bytes().len(),
    });
    assert_eq!(refused, expected);
}

#[tokio::test]
async fn reasoning_and_an_answer_that_broke_off_are_told() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start().await;
    for dialect in [Dialect::Responses, DIALECT] {
        switchyard.serve(dialect, &upstream).await;
    }
    let user = switchyard.add_user(json!({})).await;
    let tokens = Tokens::rich(Dialect::Responses);
    upstream.always(Script::frames(frames(Dialect::Responses, MODEL, 3, &tokens)));
    switchyard.send(&Request::model(Dialect::Responses, &user.key, MODEL, true)).await;
    let broken = crate::support::upstream::answers::truncated(DIALECT, MODEL, 2);
    upstream.reset();
    upstream.always(broken.fin());
    let answer = switchyard.send(&Request::model(DIALECT, &user.key, MODEL, true)).await;
    let lines = lines(&switchyard, 2).await;
    assert_eq!(lines[0]["tokens.reasoning"], tokens.reasoning, "{}", lines[0]);
    let line = &lines[1];
    assert_eq!((&line["outcome"], &line["status"]), (&json!("truncated"), &json!(502)));
    assert_eq!(line["usage.complete"], false, "{line}");
    assert_eq!(line["tokens.input"], PLAIN.input, "{line}");
    assert_eq!(line["bytes.out"], answer.body.len(), "{line}");
    assert!(line["provider.chain"].as_str().unwrap().ends_with(":provider_fault"), "{line}");
}

#[tokio::test]
async fn the_line_can_be_switched_off() {
    let switchyard = Switchyard::launch(&[("SWITCHYARD_LOG_REQUESTS", "false")]).await;
    let user = switchyard.add_user(json!({})).await;
    switchyard.send(&Request::model(DIALECT, &user.key, MODEL, false)).await;
    switchyard.only_row().await;
    assert!(!switchyard.logs().contains("switchyard::request"), "{}", switchyard.logs());
}
