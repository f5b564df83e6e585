//! Sessions are their owner's alone, and two conversations are two.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::{Talk, Talks, as_user};
use crate::relay::stand::Stand;
use crate::support::client::Request;
use crate::support::prices::{MODEL, cost_nano, nano};
use crate::support::upstream::answers::{PLAIN, frames};

#[tokio::test]
async fn the_same_session_of_two_users_and_of_two_keys_is_never_one() {
    let talks = Talks::new(&[]).await;
    let (first, second) = (talks.pair.first_id, talks.pair.second_id);
    let switchyard = &talks.pair.switchyard;
    let bob = switchyard.add_user(json!({})).await;
    let other_key = switchyard.add_key(talks.pair.user.id, "other", json!({})).await;
    let mut anna = talks.begin_on(second).await;
    for key in [&bob.key, &other_key] {
        let mut same = Talk::new(&anna.name, key);
        assert_eq!(talks.serve(&mut same).await, first, "another's binding is not theirs");
        assert_eq!(talks.serve(&mut same).await, first);
    }
    assert_eq!(talks.serve(&mut anna).await, second, "and theirs is not hers");
    let rows = switchyard.rows_when(6).await;
    let names: BTreeSet<&str> = rows.iter().filter_map(|row| row["sessionId"].as_str()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    for session in talks.active().await {
        assert_eq!(session["requestCount"], 2, "{session}");
        let cost = session["costUsd"].as_str().map(nano);
        assert_eq!(cost, Some(2 * cost_nano(&PLAIN)), "costs are apart: {session}");
    }
}

#[tokio::test]
async fn nobody_reads_or_ends_the_session_of_another() {
    let talks = Talks::new(&[]).await;
    let pair = &talks.pair;
    let bob = pair.switchyard.add_user(json!({})).await;
    let mut anna = talks.begin();
    talks.serve(&mut anna).await;
    pair.switchyard.rows_when(1).await;
    let name = talks.active().await[0]["sessionId"].clone();
    let (hers, none) = (json!({ "sessionId": name }), json!({ "sessionId": "s_none" }));
    for action in ["getSessionDetails", "terminateActiveSession"] {
        let action = format!("active-sessions/{action}");
        let answer = as_user(pair, &bob.key, &action, &hers).await;
        let nothing = as_user(pair, &bob.key, &action, &none).await;
        assert_eq!(answer.status, 400, "{action}");
        assert_eq!(answer.text(), nothing.text(), "{action}: who guesses learns nothing");
    }
    let batch = json!({ "sessionIds": [name] });
    let action = "active-sessions/terminateActiveSessionsBatch";
    let answer = as_user(pair, &bob.key, action, &batch).await.json();
    assert_eq!(
        (&answer["data"]["successCount"], &answer["data"]["missingCount"]),
        (&json!(0), &json!(1))
    );
    let all = json!({ "userId": pair.user.id });
    let answer = as_user(pair, &bob.key, "active-sessions/terminateSessionsOf", &all).await;
    assert_eq!(answer.status, 403, "{}", answer.text());
    let list = "active-sessions/getActiveSessions";
    assert_eq!(as_user(pair, &bob.key, list, &json!({})).await.json()["data"], json!([]));
    let own = as_user(pair, &pair.user.key, list, &json!({})).await.json()["data"].clone();
    assert_eq!(own.as_array().map(Vec::len), Some(1));
    let details = as_user(pair, &pair.user.key, "active-sessions/getSessionDetails", &hers).await;
    assert_eq!(details.json()["data"]["sessionStats"]["requestCount"], 1, "{}", details.text());
}

#[tokio::test]
async fn a_common_system_prompt_joins_no_conversations() {
    let talks = Talks::new(&[]).await;
    let (first, second) = (talks.pair.first_id, talks.pair.second_id);
    let system = "You are careful. ".repeat(1_250);
    let turn = |opening: &str, turns: u32| {
        let mut messages = vec![json!({ "role": "user", "content": opening })];
        for number in 1..turns {
            messages.push(json!({ "role": "assistant", "content": format!("a{number}") }));
            messages.push(json!({ "role": "user", "content": format!("u{number}") }));
        }
        let body =
            json!({ "model": MODEL, "max_tokens": 9, "system": system, "messages": messages });
        Request::model(Dialect::Anthropic, &talks.pair.user.key, MODEL, false)
            .body(body.to_string())
    };
    talks.switch(first, false).await;
    assert_eq!(talks.server_of(&turn("count the apples", 1)).await, second);
    talks.switch(first, true).await;
    assert_eq!(talks.server_of(&turn("count the pears", 1)).await, first, "it is another one");
    assert_eq!(talks.server_of(&turn("count the apples", 2)).await, second);
    assert_eq!(talks.server_of(&turn("count the pears", 2)).await, first);
}

fn codex(key: &str, cache_key: Option<&str>, text: &str) -> Request {
    let mut body = json!({
        "model": MODEL, "store": false, "stream": true,
        "input": [{ "role": "user", "content": text }],
    });
    if let Some(cache_key) = cache_key {
        body["prompt_cache_key"] = json!(cache_key);
    }
    Request::post("/v1/responses", body.to_string()).bearer(key)
}

#[tokio::test]
async fn codex_is_known_by_its_cache_key_and_without_one_by_what_was_said() {
    let stand = Stand::new().await;
    let key = &stand.user.key;
    let requests = [
        codex(key, Some("thread-1"), "hello"),
        codex(key, Some("thread-1"), "hello again"),
        codex(key, Some("thread-2"), "hello"),
        codex(key, None, "hello"),
        codex(key, None, "something else"),
        codex(key, None, "hello").header("session-id", "thread-1"),
    ];
    for request in &requests {
        assert_eq!(stand.switchyard.send(request).await.status, 200);
    }
    let rows = stand.switchyard.rows_when(requests.len()).await;
    let names: Vec<&Value> = rows.iter().rev().map(|row| &row["sessionId"]).collect();
    assert_eq!(names[0], names[1], "one thread");
    assert_eq!(names[0], names[5], "whether the header or the body names it");
    let distinct: BTreeSet<String> = names.iter().map(ToString::to_string).collect();
    assert_eq!(distinct.len(), 4, "{names:?}");
}

#[tokio::test]
async fn nothing_is_written_into_what_codex_sends_and_gets() {
    let stand = Stand::new().await;
    for cache_key in [None, Some("thread-1")] {
        stand.upstream.reset();
        let request = codex(&stand.user.key, cache_key, "hello");
        let answer = stand.switchyard.send(&request).await;
        let expected = frames(Dialect::Responses, MODEL, 3, &PLAIN).concat();
        assert!(expected.contains("response.completed"));
        assert_eq!(answer.text(), expected);
        assert_eq!(stand.upstream.only_request().body, *request.body_bytes());
    }
}

#[tokio::test]
async fn ten_sub_agents_of_one_conversation_are_one_session_on_one_provider() {
    let talks = Talks::new(&[]).await;
    let second = talks.pair.second_id;
    let talk = talks.begin_on(second).await;
    let client = talks.pair.switchyard.client();
    let agents = (0..10).map(|number| {
        let request = talk.request(MODEL, false, 1 + 2 * (number % 3));
        tokio::spawn(async move { client.send(&request).await.status })
    });
    for agent in agents.collect::<Vec<_>>() {
        assert_eq!(agent.await.unwrap(), 200);
    }
    assert_eq!(talks.pair.second.count(), 11, "all follow the session");
    let rows = talks.pair.switchyard.rows_when(11).await;
    let names: BTreeSet<&str> = rows.iter().filter_map(|row| row["sessionId"].as_str()).collect();
    assert_eq!(names.len(), 1, "{names:?}");
    assert_eq!(talks.bindings().await, [(MODEL.to_owned(), second)]);
}
