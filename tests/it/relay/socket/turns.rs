//! Turns: each is a request of its own, as the same body in a `POST` is.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::{
    HTTP_UPSTREAM, data_of, error, everything_is_given_back, kinds, open, stand, user_says,
};
use crate::relay::stand::{Pair, assert_row};
use crate::support::backing::Backing;
use crate::support::prices::MODEL;
use crate::support::socket::{Said, Socket, create, handshake};
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{PLAIN, frames};
use crate::support::upstream::{Match, Rule, Script, Seen, Upstream};

#[tokio::test]
async fn two_turns_on_one_socket_have_their_events_their_rows_and_their_money() {
    let stand = stand().await;
    let expected = data_of(&frames(Dialect::Responses, MODEL, 3, &PLAIN));
    stand.upstream.always(Script::frames(frames(Dialect::Responses, MODEL, 3, &PLAIN)));
    let mut socket = open(&stand).await;
    assert!(socket.head.to_lowercase().contains("upgrade: websocket"), "{}", socket.head);
    assert!(socket.head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{}", socket.head);
    assert!(!socket.head.to_lowercase().contains("sec-websocket-extensions"), "{}", socket.head);
    for _ in 0..2 {
        assert_eq!(socket.turn(&create(MODEL, "hello")).await, expected);
    }
    let rows = stand.switchyard.rows_when(2).await;
    for row in &rows {
        assert_row(row, 200, &PLAIN);
        assert_eq!(row["endpoint"], "/v1/responses", "{row:#}");
        assert!(row.to_string().contains("transport: websocket"), "{row:#}");
    }
    let seen = stand.upstream.requests();
    for request in &seen {
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/v1/responses"));
        assert_eq!(request.header("content-type"), Some("application/json"));
        for name in ["upgrade", "sec-websocket-key", "sec-websocket-version", "openai-beta"] {
            assert_eq!(request.header(name), None, "{name}");
        }
        let body = request.json();
        assert_eq!(body["type"], Value::Null, "the envelope is taken off: {body}");
        assert_eq!((&body["model"], &body["stream"]), (&json!(MODEL), &json!(true)));
    }
    socket.leave();
    everything_is_given_back(&stand.switchyard).await;
}

#[tokio::test]
async fn the_body_is_the_message_without_its_envelope() {
    let stand = stand().await;
    let target = "/v1/responses?model=gpt-of-the-address&beta=x";
    let request = handshake(target, &stand.user.key)
        .header("x-cch-client-transport", "websocket")
        .header("x-switchyard-internal", "1");
    let mut socket = Socket::open_as(&stand.switchyard, &request).await;
    let message =
        r#"{"type":"response.create","input":"h\u00e9","background":true,"stream":false,"n":1.50}"#;
    socket.send(actix_http::ws::Message::Text(message.into())).await;
    socket.events().await;
    let seen = stand.upstream.only_request();
    let body = String::from_utf8(seen.body.to_vec()).unwrap();
    assert_eq!(body, r#"{"model":"gpt-of-the-address","input":"h\u00e9","stream":true,"n":1.50}"#);
    assert_eq!(seen.query.as_deref(), Some("beta=x"));
    for name in ["x-cch-client-transport", "x-switchyard-internal"] {
        assert_eq!(seen.header(name), None, "{name} is ignored");
    }
}

#[tokio::test]
async fn a_turn_fails_over_before_its_client_sees_anything() {
    let pair = Pair::with(Dialect::Responses, &[HTTP_UPSTREAM]).await;
    pair.first.always(Script::json(503, r#"{"error":{"message":"down"}}"#));
    let mut socket = Socket::open(&pair.switchyard, &pair.user.key).await;
    let events = socket.turn(&create(MODEL, "hello")).await;
    assert_eq!(kinds(&events).last(), Some(&"response.completed"));
    assert!(kinds(&events).iter().all(|kind| *kind != "error"), "{events:?}");
    let row = pair.switchyard.only_row().await;
    assert_eq!(Pair::chain(&row).last(), Some(&pair.second_id), "{row:#}");
}

#[tokio::test]
async fn what_a_post_is_refused_for_is_an_error_event_and_the_socket_stays() {
    let stand = stand().await;
    let body =
        r#"{"error":{"message":"no such tool","type":"invalid_request_error","code":"bad"}}"#;
    let refusal = Rule::new(Match::any().model("refused"), Script::json(400, body));
    stand.upstream.script(refusal);
    let mut socket = open(&stand).await;
    let events = socket.turn(&create("refused", "hello")).await;
    assert_eq!(error(&events[0]), ("error", 400, "bad"));
    assert_eq!(events[0]["error"]["message"], "no such tool");
    for (message, expected) in [
        ("{", ("error", 400, "invalid_json")),
        (r#"{"type":"response.cancel"}"#, ("error", 400, "unsupported_event_type")),
    ] {
        socket.send(actix_http::ws::Message::Text(message.into())).await;
        let events = socket.events().await;
        assert_eq!(error(&events[0]), expected);
    }
    let events = socket.turn(&create(MODEL, "hello")).await;
    assert_eq!(kinds(&events).last(), Some(&"response.completed"));
    let rows = stand.switchyard.rows_when(2).await;
    assert_eq!((&rows[1]["statusCode"], &rows[0]["statusCode"]), (&json!(400), &json!(200)));
}

#[tokio::test]
async fn a_key_that_was_switched_off_has_no_further_turn() {
    let stand = stand().await;
    let mut socket = open(&stand).await;
    socket.turn(&create(MODEL, "hello")).await;
    let off = json!({ "keyId": stand.user.key_id, "name": "Ada", "isEnabled": false });
    // The user's last key stays, and the answer says so: what counts is that this one is off.
    stand.switchyard.add_key(stand.user.id, "another", json!({})).await;
    stand.switchyard.action("keys/editKey", &off).await;
    let events = socket.turn(&create(MODEL, "hello")).await;
    assert_eq!(error(&events[0]).1, 401, "{events:?}");
    assert_eq!(stand.upstream.count(), 1);
}

#[tokio::test]
async fn turns_wait_for_each_other_in_their_order() {
    let stand = stand().await;
    let gate = crate::support::upstream::Gate::closed();
    let all = frames(Dialect::Responses, MODEL, 3, &PLAIN);
    let (begin, rest) = all.split_at(4);
    let script = Script::stream().chunks(begin.to_vec()).wait(&gate).chunks(rest.to_vec()).end();
    stand.upstream.always(script);
    let mut socket = open(&stand).await;
    for text in ["first", "second", "third"] {
        socket.say(&create(MODEL, text)).await;
    }
    for _ in 0..4 {
        socket.event().await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(stand.upstream.count(), 1, "one at a time");
    gate.open();
    for _ in 0..3 {
        assert_eq!(kinds(&socket.events().await).last(), Some(&"response.completed"));
    }
    let seen = stand.upstream.requests();
    let texts = seen.iter().map(|request| request.json()["input"][0]["content"][0]["text"].clone());
    assert_eq!(texts.collect::<Vec<_>>(), ["first", "second", "third"]);
}

#[tokio::test]
async fn a_client_may_go_on_from_its_last_response_with_what_is_new_alone() {
    let stand = stand().await;
    let mut socket = open(&stand).await;
    let mut warm = create(MODEL, "warm");
    warm["generate"] = json!(false);
    let events = socket.turn(&warm).await;
    assert_eq!(kinds(&events), ["response.created", "response.completed"]);
    assert_eq!(stand.upstream.count(), 0, "nobody is asked for nothing");
    let id = events[1]["response"]["id"].clone();
    let going_on = |id: &Value, text: &str| {
        json!({ "type": "response.create", "model": MODEL, "store": false,
            "previous_response_id": id, "input": [user_says(text)] })
    };
    let events = socket.turn(&going_on(&id, "one")).await;
    let answered = events.last().unwrap()["response"].clone();
    let item = events
        .iter()
        .find(|event| event["type"] == "response.output_item.done")
        .map(|event| event["item"].clone())
        .unwrap();
    socket.turn(&going_on(&answered["id"], "two")).await;
    let bodies: Vec<Value> = stand.upstream.requests().iter().map(Seen::json).collect();
    let first = json!([user_says("warm"), user_says("one")]);
    assert_eq!(bodies[0]["input"], first);
    assert_eq!(
        bodies[1]["input"],
        json!([user_says("warm"), user_says("one"), item, user_says("two")])
    );
    assert!(bodies.iter().all(|body| body["previous_response_id"].is_null()), "{bodies:?}");
    stand.switchyard.rows_when(2).await;
}

#[tokio::test]
async fn a_conversation_that_began_elsewhere_is_gone_on_with_there() {
    let stand = stand().await;
    let elsewhere =
        [json!({ "previous_response_id": "resp_of_another" }), json!({ "conversation": "conv_1" })];
    for kept in elsewhere {
        let mut socket = open(&stand).await;
        let mut first = create(MODEL, "one");
        first.as_object_mut().unwrap().extend(kept.as_object().unwrap().clone());
        let events = socket.turn(&first).await;
        let seen = stand.upstream.requests().pop().unwrap().json();
        for (name, value) in kept.as_object().unwrap() {
            assert_eq!(&seen[name], value, "what is not known here passes");
        }
        let id = events.last().unwrap()["response"]["id"].clone();
        // Only who was asked first knows what came before.
        let second = json!({ "type": "response.create", "model": MODEL,
            "previous_response_id": id, "input": [user_says("two")] });
        socket.turn(&second).await;
        let seen = stand.upstream.requests().pop().unwrap().json();
        assert_eq!(seen["previous_response_id"], id, "{kept}");
        assert_eq!(seen["input"], json!([user_says("two")]), "{kept}");
        let mut warm = second;
        warm["generate"] = json!(false);
        warm["previous_response_id"] = json!("resp_of_nobody");
        let events = socket.turn(&warm).await;
        assert_eq!(error(&events[0]), ("error", 400, "previous_response_not_found"));
    }
    stand.switchyard.rows_when(4).await;
}

#[tokio::test]
async fn a_conversation_that_was_forgotten_is_not_gone_on_with_in_part() {
    let stand = stand().await;
    let mut socket = open(&stand).await;
    // As long as a message may be: with what was answered it is more than is kept.
    let around = create(MODEL, "").to_string().len();
    let long = create(MODEL, &"a".repeat((32 << 20) - around));
    let events = socket.turn(&long).await;
    let mut id = events.last().unwrap()["response"]["id"].clone();
    for text in ["two", "three"] {
        let message = json!({ "type": "response.create", "model": MODEL,
            "previous_response_id": id, "input": [user_says(text)] });
        let events = socket.turn(&message).await;
        let seen = stand.upstream.requests().pop().unwrap().json();
        assert_eq!(seen["previous_response_id"], id);
        assert_eq!(seen["input"], json!([user_says(text)]));
        id = events.last().unwrap()["response"]["id"].clone();
    }
    stand.switchyard.rows_when(3).await;
}

#[tokio::test]
async fn a_key_that_has_ended_warms_nothing_up() {
    let stand = stand().await;
    let mut socket = open(&stand).await;
    let mut warm = create(MODEL, "warm");
    warm["generate"] = json!(false);
    assert_eq!(kinds(&socket.turn(&warm).await).last(), Some(&"response.completed"));
    let off = json!({ "keyId": stand.user.key_id, "name": "default", "isEnabled": false });
    stand.switchyard.admin("keys/editKey", off).await;
    assert_eq!(error(&socket.turn(&warm).await[0]).1, 401);
}

#[tokio::test]
async fn a_ping_is_answered_in_the_middle_of_a_turn() {
    let stand = stand().await;
    let gate = crate::support::upstream::Gate::closed();
    let all = frames(Dialect::Responses, MODEL, 3, &PLAIN);
    let (begin, rest) = all.split_at(4);
    let script = Script::stream().chunks(begin.to_vec()).wait(&gate).chunks(rest.to_vec()).end();
    stand.upstream.always(script);
    let mut socket = open(&stand).await;
    socket.say(&create(MODEL, "hello")).await;
    for _ in 0..4 {
        socket.event().await;
    }
    socket.send(actix_http::ws::Message::Ping("are you there".into())).await;
    assert_eq!(socket.next().await, Said::Pong("are you there".into()));
    gate.open();
    assert_eq!(kinds(&socket.events().await).last(), Some(&"response.completed"));
}

#[tokio::test]
async fn a_turn_is_held_to_the_limits_of_its_user_on_both_stores() {
    for backing in Backing::both().await {
        let switchyard = backing.start(&[HTTP_UPSTREAM]).await;
        let upstream = Upstream::start();
        switchyard.serve(Dialect::Responses, &upstream).await;
        let user = switchyard.add_user(json!({ "rpm": 1 })).await;
        let mut socket = Socket::open(&switchyard, &user.key).await;
        let events = socket.turn(&create(MODEL, "hello")).await;
        assert_eq!(kinds(&events).last(), Some(&"response.completed"), "{}", backing.name());
        let events = socket.turn(&create(MODEL, "hello")).await;
        assert_eq!(error(&events[0]).1, 429, "{events:?}");
        assert!(events[0]["headers"]["retry-after"].is_string(), "{events:?}");
        assert_eq!(upstream.count(), 1);
        let rows = switchyard.rows_when(2).await;
        assert_eq!(rows[0]["statusCode"], 429, "{}: {:#}", backing.name(), rows[0]);
        assert_row(&rows[1], 200, &PLAIN);
        socket.leave();
        everything_is_given_back(&switchyard).await;
    }
}

#[tokio::test]
async fn a_provider_of_another_format_serves_a_socket_and_knows_what_was_said_on_it() {
    let switchyard = Switchyard::start().await;
    let upstream = Upstream::start();
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    let user = switchyard.add_user(json!({})).await;
    let mut socket = Socket::open(&switchyard, &user.key).await;
    let events = socket.turn(&create(MODEL, "one")).await;
    assert_eq!(kinds(&events).last(), Some(&"response.completed"), "{events:?}");
    let id = events.last().unwrap()["response"]["id"].clone();
    let message = json!({ "type": "response.create", "model": MODEL, "store": false,
        "previous_response_id": id, "input": [user_says("two")] });
    let events = socket.turn(&message).await;
    assert_eq!(kinds(&events).last(), Some(&"response.completed"), "{events:?}");
    let last = upstream.requests().pop().unwrap();
    assert_eq!(last.path, "/v1/messages");
    let roles = last.json()["messages"].as_array().unwrap().clone();
    let roles: Vec<_> = roles.iter().map(|message| message["role"].clone()).collect();
    assert_eq!(roles, ["user", "assistant", "user"], "{}", last.json());
    let rows = switchyard.rows_when(2).await;
    assert_row(&rows[0], 200, &PLAIN);
}
