//! What was lost on the way is told, and refused where the operator wants that.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::{Dialect, ProviderKind};

use super::stand::Kinds;
use crate::relay::stand::Pair;
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::error_body;
use crate::support::upstream::{Script, Upstream};

/// A request of chat with a seed, which Anthropic has no place for and Gemini has.
fn seeded(key: &str, stream: bool) -> Request {
    let body = json!({ "model": MODEL, "stream": stream, "seed": 4, "max_tokens": 50,
        "messages": [{ "role": "user", "content": "Hi" }] });
    Request::post("/v1/chat/completions", body.to_string()).bearer(key)
}

fn lost(row: &Value) -> Vec<&str> {
    row["losses"].as_array().expect("losses").iter().filter_map(Value::as_str).collect()
}

#[tokio::test]
async fn losses_are_on_the_row_and_in_the_header_where_that_is_wanted() {
    for shown in [true, false] {
        let kinds =
            Kinds::with(&[("SHOW_CONVERSION_LOSSES", if shown { "true" } else { "false" })]).await;
        for (stream, done) in [(true, 1), (false, 2)] {
            let request = seeded(kinds.key(ProviderKind::Claude), stream);
            let answer = kinds.switchyard.send(&request).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let told = answer.header("x-switchyard-losses");
            assert_eq!(told.is_some_and(|told| told.contains("drop.seed")), shown, "{told:?}");
            let row = kinds.switchyard.rows_when(done).await.remove(0);
            assert!(lost(&row).contains(&"drop.seed"), "{row:#}");
        }
        let same = kinds.ask(Dialect::OpenaiChat, ProviderKind::OpenaiCompatible, true).await;
        assert_eq!(same.header("x-switchyard-losses"), None);
        assert!(lost(&kinds.switchyard.rows_when(3).await[0]).is_empty());
    }
}

#[tokio::test]
async fn a_request_that_was_refused_says_what_it_had_lost() {
    let kinds = Kinds::new().await;
    for status in [400, 500] {
        let said = error_body(Dialect::Anthropic, status, "no");
        kinds.upstream.reset();
        kinds.upstream.always(Script::json(status, said));
        let answer = kinds.switchyard.send(&seeded(kinds.key(ProviderKind::Claude), false)).await;
        assert!(answer.status >= 400, "{}", answer.text());
        let done = if status == 400 { 1 } else { 2 };
        let row = kinds.switchyard.rows_when(done).await.remove(0);
        assert!(lost(&row).contains(&"drop.seed"), "{row:#}");
    }
}

#[tokio::test]
async fn of_who_was_passed_over_nothing_is_said_where_somebody_was_asked() {
    let (gemini, claude) = (Upstream::start(), Upstream::start());
    let switchyard = Switchyard::start().await;
    let first = json!({ "priority": 0 });
    let first = switchyard.add_provider("gemini", &gemini.url(), first).await;
    let strict = json!({ "loss_policy": "strict", "priority": 1,
        "model_redirects": { MODEL: "another" } });
    switchyard.add_provider("claude", &claude.url(), strict).await;
    gemini.always(Script::json(500, error_body(Dialect::Gemini, 500, "down")));
    let user = switchyard.add_user(json!({})).await;
    let answer = switchyard.send(&seeded(&user.key, false)).await;
    assert!(answer.status >= 500, "{}", answer.text());
    assert_eq!(claude.count(), 0);
    let row = switchyard.only_row().await;
    assert_eq!(Pair::chain(&row).first(), Some(&first), "{row:#}");
    assert_eq!(row["edits"], json!(["convert: openai_chat -> gemini"]), "{row:#}");
    assert!(!row.to_string().contains("another"), "{row:#}");
    assert!(!lost(&row).contains(&"drop.seed"), "{row:#}");
}

#[tokio::test]
async fn who_may_not_lose_it_is_passed_over_for_one_that_carries_it() {
    let (claude, gemini) = (Upstream::start(), Upstream::start());
    let switchyard = Switchyard::start().await;
    let strict = |priority: i64| json!({ "loss_policy": "strict", "priority": priority });
    let first = switchyard.add_provider("claude", &claude.url(), strict(0)).await;
    let user = switchyard.add_user(json!({})).await;
    let request = seeded(&user.key, true);
    let answer = switchyard.send(&request).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    let error = &answer.json()["error"];
    assert_eq!(error["code"], "conversion_loss", "{error}");
    assert!(error["message"].as_str().is_some_and(|text| text.contains("drop.seed")), "{error}");
    assert_eq!(claude.count(), 0, "before the upstream is called");
    let row = switchyard.only_row().await;
    assert!(lost(&row).contains(&"drop.seed"), "{row:#}");
    assert_eq!(row["providerChain"][0]["reason"], "conversion_refused", "{row:#}");
    assert_eq!(switchyard.failures(first).await, 0, "it is nobody's fault");

    let second = switchyard.add_provider("gemini", &gemini.url(), strict(5)).await;
    let answer = switchyard.send(&request).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(gemini.only_request().json()["generationConfig"]["seed"], 4);
    let row = switchyard.rows_when(2).await.remove(0);
    assert_eq!(Pair::chain(&row), [first, second], "{row:#}");
    assert_eq!(claude.count(), 0);
}

#[tokio::test]
async fn the_stricter_of_a_keys_and_a_providers_policy_holds() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start().await;
    switchyard.add_provider("claude", &upstream.url(), json!({})).await;
    let user = switchyard.add_user(json!({})).await;
    let strict = switchyard.add_key(user.id, "strict", json!({ "lossPolicy": "strict" })).await;
    for (key, status) in [(&user.key, 200), (&strict, 400)] {
        let answer = switchyard.send(&seeded(key, false)).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
}

#[tokio::test]
async fn refuse_takes_nothing_that_is_put_otherwise_and_lenient_takes_all() {
    for (policy, status) in [("refuse", 400), ("strict", 200), ("lenient", 200)] {
        let upstream = Upstream::start();
        let switchyard = Switchyard::start().await;
        let more = json!({ "loss_policy": policy });
        switchyard.add_provider("claude", &upstream.url(), more).await;
        let user = switchyard.add_user(json!({})).await;
        // Without a length of the answer, Anthropic is told one that nobody asked for.
        let body = json!({ "model": MODEL, "messages": [{ "role": "user", "content": "Hi" }] });
        let request = Request::post("/v1/chat/completions", body.to_string()).bearer(&user.key);
        let answer = switchyard.send(&request).await;
        assert_eq!(answer.status, status, "{policy}: {}", answer.text());
    }
}

/// A provider that may lose nothing, and who asks it.
async fn refusing(kind: &str) -> (Switchyard, Upstream, String) {
    let (switchyard, upstream) = (Switchyard::start().await, Upstream::start());
    let more = json!({ "loss_policy": "refuse" });
    switchyard.add_provider(kind, &upstream.url(), more).await;
    let key = switchyard.add_user(json!({})).await.key;
    (switchyard, upstream, key)
}

#[tokio::test]
async fn what_nobody_can_read_is_refused_at_its_place_and_not_left_out() {
    let (switchyard, upstream, key) = refusing("claude").await;
    let asked = |more: Value| {
        let text = json!({ "type": "text", "text": "What is this?" });
        let body = json!({ "model": MODEL, "max_tokens": 50,
            "messages": [{ "role": "user", "content": [text, more] }] });
        Request::post("/v1/chat/completions", body.to_string()).bearer(&key)
    };
    let film = json!({ "type": "video_url", "video_url": { "url": "https://e.org/a.mp4" } });
    let answer = switchyard.send(&asked(film)).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    let message = answer.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
    assert!(message.contains("drop.content (/messages/0/content/1)"), "{message}");
    assert_eq!(upstream.count(), 0, "before the upstream is called");
    let answer = switchyard.send(&asked(json!({ "type": "text", "text": "And that?" }))).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn a_place_is_that_of_the_body_which_the_client_has_sent() {
    let (switchyard, upstream, key) = refusing("openai-compatible").await;
    let body = |mark: Value| {
        let billing = "x-anthropic-billing-header: cch=97bd6;";
        let mut rule = json!({ "type": "text", "text": "You are Claude Code." });
        rule["cache_control"] = mark;
        let body = json!({ "model": MODEL, "max_tokens": 50, "metadata": { "user_id": "u1" },
            "system": [{ "type": "text", "text": billing }, rule],
            "messages": [{ "role": "user", "content": "Hi" }] });
        Request::post("/v1/messages", body.to_string()).bearer(&key)
    };
    let answer = switchyard.send(&body(json!({ "type": "ephemeral" }))).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(answer.text().contains("drop.cache_control (/system/1)"), "{}", answer.text());
    assert_eq!(upstream.count(), 0);
    // The name of its user alone is told, and no reason to refuse a request of Claude Code's.
    let answer = switchyard.send(&body(Value::Null)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let row = switchyard.rows_when(2).await.remove(0);
    assert!(lost(&row).contains(&"drop.end_user"), "{row:#}");
    let sent = upstream.requests().remove(0).json();
    assert_eq!(sent["messages"][0]["content"], "You are Claude Code.");
}
