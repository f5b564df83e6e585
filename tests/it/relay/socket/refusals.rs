//! Refusals of providers, over sockets and over HTTP: what their clients, rows and breakers hear.

use serde_json::{Value, json};

use super::world::{World, events};
use super::{error, kinds, stand};
use crate::support::prices::MODEL;
use crate::support::socket::{Socket, create};
use crate::support::switchyard::Switchyard;
use crate::support::upstream::socket::{Act, Door, SocketUpstream};
use crate::support::upstream::{Match, Rule, Script};

fn refusal(status: u16, more: &Value) -> Act {
    let event = json!({ "type": "error", "status": status,
        "error": { "type": "of_the_vendor", "code": "odd", "message": "no, for this reason" },
        "headers": more });
    // The limits are told before everything else.
    Act::Say(vec![r#"{"type":"codex.rate_limits"}"#.to_owned(), event.to_string()])
}

#[tokio::test]
async fn a_clients_fault_is_told_with_its_status_its_words_and_its_headers() {
    let world = World::new(Door::Open).await;
    world.upstream.next(refusal(413, &json!({ "X-Codex-Primary-Used-Percent": 12.5 })));
    let mut socket = world.open().await;
    let events = socket.turn(&create(MODEL, "hello")).await;
    assert_eq!(error(&events[0]), ("error", 413, "odd"), "{events:?}");
    assert_eq!(events[0]["error"]["type"], "of_the_vendor");
    let headers = &events[0]["headers"];
    assert_eq!(headers["x-codex-primary-used-percent"], "12.5");
    assert!(headers["x-switchyard-request-id"].is_string(), "{headers}");
    assert!(headers["content-type"].is_null(), "{headers}");
    let row = world.row().await;
    assert_eq!(row["statusCode"], 413, "{row:#}");
    assert_eq!(world.switchyard.failures(world.provider).await, 0);
}

#[tokio::test]
async fn a_provider_that_is_busy_is_left_for_as_long_as_it_asks() {
    let world = World::new(Door::Open).await;
    world.upstream.next(refusal(429, &json!({ "retry-after": "7" })));
    let mut socket = world.open().await;
    let events = socket.turn(&create(MODEL, "hello")).await;
    assert_eq!(error(&events[0]).1, 429, "{events:?}");
    let wait: u64 = events[0]["headers"]["retry-after"].as_str().unwrap().parse().unwrap();
    assert!((5..=7).contains(&wait), "{events:?}");
    let row = world.row().await;
    assert_eq!(row["providerChain"][0]["statusCode"], 429, "{row:#}");
    assert!(world.upstream.posts().is_empty());
}

#[tokio::test]
async fn a_fault_of_the_provider_is_its_fault_whatever_it_says_and_another_one_answers() {
    let (first, second) =
        (SocketUpstream::start(Door::Open, events()), SocketUpstream::start(Door::Open, events()));
    let switchyard = Switchyard::start_with(&[("SWITCHYARD_WORKERS", "1")]).await;
    let add = async |upstream: &SocketUpstream, priority: i64| {
        let more = json!({ "priority": priority, "max_retry_attempts": 1 });
        switchyard.add_provider("codex", &upstream.url(), more).await
    };
    let at_fault = add(&first, 0).await;
    add(&second, 1).await;
    let user = switchyard.add_user(json!({})).await;
    first.next(refusal(500, &json!({})));
    let mut socket = Socket::open(&switchyard, &user.key).await;
    let events = socket.turn(&create(MODEL, "hello")).await;
    assert_eq!(kinds(&events).last(), Some(&"response.completed"), "{events:?}");
    assert_eq!(second.messages().len(), 1);
    assert_eq!(switchyard.failures(at_fault).await, 1);
}

#[tokio::test]
async fn the_headers_of_a_refusal_over_http_reach_a_client_at_a_socket() {
    let stand = stand().await;
    let body = r#"{"error":{"message":"no","type":"invalid_request_error","code":"bad"}}"#;
    let script = Script::status(400)
        .header("content-type", "application/json")
        .header("x-codex-primary-used-percent", "99")
        .header("x-ratelimit-remaining-requests", "3")
        .body(body);
    stand.upstream.script(Rule::new(Match::any(), script));
    let mut socket = super::open(&stand).await;
    let events = socket.turn(&create(MODEL, "hello")).await;
    assert_eq!(error(&events[0]), ("error", 400, "bad"));
    let headers = &events[0]["headers"];
    assert_eq!(headers["x-codex-primary-used-percent"], "99", "{headers}");
    assert_eq!(headers["x-ratelimit-remaining-requests"], "3", "{headers}");
}
