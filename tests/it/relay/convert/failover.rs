//! The client's own format first, others when it fails, and each try from the client's own bytes.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::{Dialect, ProviderKind};

use super::read::{read, text};
use crate::relay::stand::Pair;
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{self, Tokens};
use crate::support::upstream::{Match, Rule, Script, Upstream};

/// A redirect of the model that is asked for.
fn sends(model: &str) -> Value {
    json!({ "model_redirects": { MODEL: model } })
}

async fn provider(switchyard: &Switchyard, kind: &str, upstream: &Upstream, more: Value) -> i64 {
    switchyard.add_provider(kind, &upstream.url(), more).await
}

#[tokio::test]
async fn a_request_goes_from_its_own_format_to_others_and_back_always_as_the_client_sent_it() {
    let (own, chat, codex) = (Upstream::start(), Upstream::start(), Upstream::start());
    let switchyard = Switchyard::start().await;
    let mut first = sends("own-model");
    first["priority"] = json!(9);
    let first = provider(&switchyard, "claude", &own, first).await;
    let mut second = sends("chat-model");
    second["priority"] = json!(0);
    let second = provider(&switchyard, "openai-compatible", &chat, second).await;
    let third = provider(&switchyard, "codex", &codex, json!({ "priority": 1 })).await;
    let user = switchyard.add_user(json!({})).await;
    let ask = |saying: &str| Request::saying(Dialect::Anthropic, &user.key, MODEL, true, saying);

    own.always(Script::json(500, answers::error_body(Dialect::Anthropic, 500, "down")));
    chat.always(Script::json(500, answers::error_body(Dialect::OpenaiChat, 500, "down")));
    let tokens = Tokens::tagged(1);
    codex.script(Rule::made(Match::any(), move |seen| answers::good_with(seen, &tokens)));
    let request = ask("one");
    let answer = switchyard.send(&request).await;
    assert_eq!(text(&read(Dialect::Anthropic, true, &answer)), "piece 0 piece 1 piece 2 ");
    let row = switchyard.only_row().await;
    let chain = Pair::chain(&row);
    assert_eq!(chain.first(), Some(&first), "its own format goes first, whatever its priority");
    let mut asked = chain.clone();
    asked.dedup();
    assert_eq!(asked, [first, second, third], "{row:#}");
    assert_eq!(own.requests()[0].model().as_deref(), Some("own-model"));
    assert_eq!(chat.requests()[0].model().as_deref(), Some("chat-model"), "its own redirect");
    assert_eq!(codex.requests()[0].model().as_deref(), Some(MODEL), "nobody else's redirect");
    assert_eq!(codex.requests()[0].json()["input"][0]["content"][0]["text"], "one");
    assert_eq!(row["edits"], json!(["convert: anthropic -> responses"]));
    assert_eq!(row["outputTokens"], tokens.output);

    // Back: another conversation finds its own format well again, and its bytes go out as they came.
    own.reset();
    let reset = json!({ "providerId": first });
    switchyard.admin("providers/resetProviderCircuit", reset).await;
    let plain = json!({ "providerId": first, "model_redirects": null });
    switchyard.admin("providers/editProvider", plain).await;
    let request = ask("two");
    let answer = switchyard.send(&request).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(&own.only_request().body, request.body_bytes(), "byte for byte");
    assert_eq!(switchyard.rows_when(2).await[0]["edits"], json!([]));
}

#[tokio::test]
async fn a_session_stays_with_whom_it_was_converted_for_until_its_own_format_is_back() {
    let (own, chat) = (Upstream::start(), Upstream::start());
    let switchyard = Switchyard::start().await;
    let first = switchyard.serve(Dialect::Anthropic, &own).await;
    let mut others = Vec::new();
    for _ in 0..4 {
        others.push(switchyard.serve(Dialect::OpenaiChat, &chat).await);
    }
    let user = switchyard.add_user(json!({})).await;
    own.always(Script::json(529, answers::error_body(Dialect::Anthropic, 529, "busy")));
    let request = Request::model(Dialect::Anthropic, &user.key, MODEL, true)
        .header("x-claude-code-session-id", "11111111-2222-4333-8444-555555555555");
    for _ in 0..5 {
        assert_eq!(switchyard.send(&request).await.status, 200);
    }
    let rows = switchyard.rows_when(5).await;
    let mut served: Vec<i64> = rows.iter().filter_map(|row| Pair::chain(row).pop()).collect();
    served.dedup();
    assert_eq!(served.len(), 1, "caches are warm there: {served:?}");
    assert!(others.contains(&served[0]));
    own.reset();
    let reset = json!({ "providerId": first });
    switchyard.admin("providers/resetProviderCircuit", reset).await;
    for _ in 0..2 {
        assert_eq!(switchyard.send(&request).await.status, 200);
    }
    assert_eq!((own.count(), chat.count()), (2, 5), "nothing is lost there");
}

#[tokio::test]
async fn a_model_is_shown_by_the_name_that_was_asked_for() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start().await;
    provider(&switchyard, "gemini", &upstream, sends("gemini-x")).await;
    let user = switchyard.add_user(json!({})).await;
    for (stream, done) in [(true, 1), (false, 2)] {
        let request = Request::model(Dialect::OpenaiChat, &user.key, MODEL, stream);
        let answer = switchyard.send(&request).await;
        let said = read(Dialect::OpenaiChat, stream, &answer);
        assert_eq!(said.model.as_deref(), Some(MODEL), "{}", answer.text());
        assert_eq!(upstream.requests()[done - 1].model().as_deref(), Some("gemini-x"));
        let row = switchyard.rows_when(done).await.remove(0);
        assert_eq!(row["model"], "gemini-x", "{row:#}");
        assert_eq!(row["originalModel"], MODEL, "{row:#}");
    }
}

#[tokio::test]
async fn what_cannot_be_converted_is_refused_only_when_nobody_of_its_own_format_is_there() {
    let (chat, codex) = (Upstream::start(), Upstream::start());
    let switchyard = Switchyard::start().await;
    switchyard.serve(Dialect::OpenaiChat, &chat).await;
    let user = switchyard.add_user(json!({})).await;
    let body = json!({ "model": MODEL, "input": "go on", "previous_response_id": "resp_1" });
    let request = Request::post("/v1/responses", body.to_string()).bearer(&user.key);
    let answer = switchyard.send(&request).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(answer.json()["error"]["code"].is_string(), "{}", answer.text());
    assert_eq!(chat.count(), 0, "nothing is sent");
    let row = switchyard.only_row().await;
    assert_eq!((&row["statusCode"], &row["costUsd"]), (&json!(400), &Value::Null), "{row:#}");
    switchyard.serve(Dialect::Responses, &codex).await;
    assert_eq!(switchyard.send(&request).await.status, 200);
    assert_eq!(&codex.only_request().body, request.body_bytes());
}

#[tokio::test]
async fn the_simulation_tells_who_would_be_converted_for() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start().await;
    let own = switchyard.serve_at(Dialect::Anthropic, &upstream, 5).await;
    let chat = switchyard.serve_at(Dialect::OpenaiChat, &upstream, 0).await;
    let user = switchyard.add_user(json!({})).await;
    let asked = json!({ "keyId": user.key_id, "model": MODEL, "dialect": "anthropic" });
    let told = switchyard.admin("routing/simulateDispatch", asked).await;
    let ranks = told["ranks"].as_array().expect("ranks");
    let ranks: Vec<(bool, i64)> = ranks
        .iter()
        .map(|rank| {
            let id = rank["providers"][0]["id"].as_i64();
            (rank["converted"] == true, id.expect("an id"))
        })
        .collect();
    assert_eq!(ranks, [(false, own), (true, chat)]);
}

#[tokio::test]
async fn every_kind_serves_every_client_in_the_simulation() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start().await;
    for kind in ProviderKind::ALL {
        switchyard.add_provider(kind.name(), &upstream.url(), json!({})).await;
    }
    let user = switchyard.add_user(json!({})).await;
    for client in Dialect::ALL {
        let asked = json!({ "keyId": user.key_id, "model": MODEL, "dialect": client.name() });
        let told = switchyard.admin("routing/simulateDispatch", asked).await;
        assert_eq!(told["excluded"], json!([]), "{client}");
    }
}
