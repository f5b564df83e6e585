//! What a failure is taken for, and so who is asked next, who is charged, and with what body.

use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::stand::Pair;
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{self, PLAIN, error_body, frames};
use crate::support::upstream::{Match, Rule, Script, Upstream};
use crate::support::waiting::{self, SOON};

const DIALECT: Dialect = Dialect::Anthropic;

/// Returns the statuses of a row's chain, and whether each was inferred.
fn statuses(row: &Value) -> Vec<(u64, bool)> {
    let links = row["providerChain"].as_array().expect("a chain");
    let of = |link: &Value| (link["statusCode"].as_u64(), link["statusCodeInferred"] == true);
    links.iter().map(of).filter_map(|(status, inferred)| Some((status?, inferred))).collect()
}

#[tokio::test]
async fn a_real_status_wins_over_words_and_digits_mean_nothing() {
    let pair = Pair::new(DIALECT).await;
    let busy = json!({ "error": { "message": "所有供应商暂时不可用，请稍后重试",
        "code": "service_unavailable_error" } });
    pair.first.always(Script::json(503, busy.to_string()));
    assert_eq!(pair.ask(DIALECT, false).await.status, 200);
    let row = pair.switchyard.only_row().await;
    assert_eq!(statuses(&row), [(503, false), (503, false), (200, false)], "{row:#}");
    assert_eq!(pair.switchyard.failures(pair.first_id).await, 1);

    pair.first.reset();
    let reset = json!({ "providerId": pair.first_id });
    pair.switchyard.admin("providers/resetProviderCircuit", reset).await;
    let whole = answers::answer(DIALECT, MODEL, "error 503, status 429: overloaded", &PLAIN);
    let whole = whole.replace("msg_1", "req_4290503");
    pair.first.always(Script::json(200, whole.clone()));
    assert_eq!(pair.ask(DIALECT, false).await.text(), whole);
    let row = pair.switchyard.rows_when(2).await.remove(0);
    assert_eq!(statuses(&row), [(200, false)]);
    assert_eq!(pair.switchyard.failures(pair.first_id).await, 0);
}

#[tokio::test]
async fn a_499_of_an_upstream_is_its_fault_and_a_client_that_leaves_is_nobodys() {
    let pair = Pair::new(DIALECT).await;
    pair.first.always(Script::json(499, json!({ "error": "canceled" }).to_string()));
    assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    assert_eq!(pair.second.count(), 1);
    assert_eq!(pair.switchyard.failures(pair.first_id).await, 1);

    pair.first.reset();
    pair.first.always(Script::default().stall());
    let request = Request::saying(DIALECT, &pair.user.key, MODEL, true, "Wait.");
    let client = pair.switchyard.client();
    let asking = tokio::spawn(async move { client.try_send(&request).await });
    waiting::until_true("the first one is asked", SOON, || pair.first.count() == 1).await;
    asking.abort();
    let row = pair.switchyard.rows_when(2).await.remove(0);
    assert_eq!(row["statusCode"], 499, "{row:#}");
    assert_eq!(pair.second.count(), 1, "nobody else is asked");
    assert_eq!(pair.switchyard.failures(pair.first_id).await, 1, "nobody is charged");
}

#[tokio::test]
async fn a_refusal_that_never_ends_costs_two_seconds_once() {
    let pair = Pair::new(DIALECT).await;
    let begun = "HTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";
    pair.first.always(Script::default().raw(begun).stall());
    let start = Instant::now();
    let answer = pair.ask(DIALECT, true).await;
    assert_eq!(answer.text(), frames(DIALECT, MODEL, 3, &PLAIN).concat());
    assert!(start.elapsed() < Duration::from_millis(3_800), "took {:?}", start.elapsed());
    assert_eq!(pair.first.count(), 1, "the next try would wait as long");
    let closed = || pair.first.open_connections() == 0;
    waiting::until_true("its connection is closed", SOON, closed).await;
    let row = pair.switchyard.only_row().await;
    assert_eq!(statuses(&row), [(502, false), (200, false)], "{row:#}");
}

#[tokio::test]
async fn what_only_one_provider_lacks_is_asked_of_another_and_charged_to_those_at_fault() {
    let cases = [
        (500, json!({ "error": "model not found" }), 1),
        (400, json!({ "error": { "message": "no space left on device" } }), 1),
        (404, json!({ "error": { "message": "model claude-x not available on this account" } }), 0),
    ];
    for (status, body, charged) in cases {
        let pair = Pair::new(DIALECT).await;
        pair.first.always(Script::json(status, body.to_string()));
        assert_eq!(pair.ask(DIALECT, false).await.status, 200, "{status}");
        assert_eq!(pair.second.count(), 1, "{status}");
        assert_eq!(pair.switchyard.failures(pair.first_id).await, charged, "{status}");
    }
}

#[tokio::test]
async fn a_provider_is_tried_as_often_as_it_says_and_the_row_counts_it() {
    let pair = Pair::new(DIALECT).await;
    let three = json!({ "providerId": pair.first_id, "max_retry_attempts": 3 });
    pair.switchyard.admin("providers/editProvider", three).await;
    pair.first.always(Script::json(500, error_body(DIALECT, 500, "no")));
    assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    assert_eq!((pair.first.count(), pair.second.count()), (3, 1));
    let row = pair.switchyard.only_row().await;
    let first = pair.first_id;
    assert_eq!(Pair::chain(&row), [first, first, first, pair.second_id]);
    for (retries, found) in [(3, 1), (4, 0)] {
        let wanted = json!({ "minRetryCount": retries });
        let data = pair.switchyard.admin("usage-logs/getUsageLogs", wanted).await;
        assert_eq!(data["total"], found, "{retries} retries");
    }
}

#[tokio::test]
async fn the_operator_says_how_many_tries_and_others_there_are_by_default() {
    let limits = [("MAX_RETRY_ATTEMPTS_DEFAULT", "1"), ("SWITCHYARD_MAX_PROVIDER_SWITCHES", "5")];
    let pair = Pair::with(DIALECT, &limits).await;
    for priority in 2..9 {
        pair.switchyard.serve_at(DIALECT, &pair.second, priority).await;
    }
    for upstream in [&pair.first, &pair.second] {
        upstream.always(Script::json(500, error_body(DIALECT, 500, "no")));
    }
    assert_eq!(pair.ask(DIALECT, true).await.status, 503);
    assert_eq!((pair.first.count(), pair.second.count()), (1, 5));
}

#[tokio::test]
async fn each_provider_gets_the_original_body_and_model() {
    for (dialect, stream) in
        [(DIALECT, true), (Dialect::OpenaiChat, true), (Dialect::Gemini, false)]
    {
        let pair = Pair::new(dialect).await;
        let other = "the-model-of-the-first";
        let redirect = json!({ "providerId": pair.first_id, "model_redirects": { MODEL: other } });
        pair.switchyard.admin("providers/editProvider", redirect).await;
        pair.first.always(Script::json(500, error_body(dialect, 500, "no")));
        let request = Request::model(dialect, &pair.user.key, MODEL, stream);
        assert_eq!(pair.switchyard.send(&request).await.status, 200, "{dialect}");
        assert_eq!(pair.first.requests()[0].model().as_deref(), Some(other), "{dialect}");
        let seen = pair.second.only_request();
        assert_eq!(seen.model().as_deref(), Some(MODEL), "{dialect}");
        assert_eq!(seen.body, *request.body_bytes(), "{dialect}: byte for byte");
        let row = pair.switchyard.only_row().await;
        assert_eq!(row["edits"].as_array().map_or(0, Vec::len), 0, "{row:#}");
    }
}

/// Three providers: two accounts of one vendor, the second of them last, and another vendor between.
struct Vendors {
    one: Upstream,
    other: Upstream,
    switchyard: Switchyard,
    ids: [i64; 3],
    key: String,
}

impl Vendors {
    async fn new() -> Self {
        let (one, other) = (Upstream::start(), Upstream::start());
        let switchyard = Switchyard::start().await;
        // The site of the address is the vendor.
        let elsewhere = other.url().replace("127.0.0.1", "localhost");
        let mut ids = [0; 3];
        for (place, url) in [one.url(), elsewhere, one.url()].iter().enumerate() {
            let more = json!({ "priority": place, "key": format!("account-{place}") });
            ids[place] = switchyard.add_provider("claude", url, more).await;
        }
        let key = switchyard.add_user(json!({})).await.key;
        Self { one, other, switchyard, ids, key }
    }

    async fn ask(&self, number: usize) -> Vec<i64> {
        let text = format!("Say hello {number}.");
        let request = Request::saying(DIALECT, &self.key, MODEL, false, &text);
        assert_eq!(self.switchyard.send(&request).await.status, 200);
        Pair::chain(&self.switchyard.rows_when(number).await[0])
    }

    /// Lets an account be answered with a script.
    fn account(&self, place: usize, script: Script) {
        self.one.script(Rule::new(Match::any().key(&format!("account-{place}")), script));
    }
}

#[tokio::test]
async fn where_an_account_is_at_fault_another_one_of_the_vendor_is_next() {
    for status in [400, 401, 402, 403, 404] {
        let words = match status {
            400 => "Your credit balance is too low to access the API.",
            _ => "model test-model not available on this account",
        };
        let vendors = Vendors::new().await;
        vendors.account(0, Script::json(status, error_body(DIALECT, status, words)));
        let [first, _, third] = vendors.ids;
        assert_eq!(vendors.ask(1).await, [first, third], "{status}");
        // That an account lacks a model is remembered; its vendor is preferred all the same.
        let next = if status == 404 { vec![third] } else { vec![first, third] };
        assert_eq!(vendors.ask(2).await, next, "{status}");
        assert_eq!(vendors.other.count(), 0, "{status}");
    }
}

#[tokio::test]
async fn where_the_host_is_at_fault_the_order_of_the_providers_holds() {
    let vendors = Vendors::new().await;
    vendors.account(0, Script::json(500, error_body(DIALECT, 500, "no")));
    let [first, second, _] = vendors.ids;
    assert_eq!(vendors.ask(1).await, [first, first, second]);
}

#[tokio::test]
async fn when_two_accounts_of_a_vendor_say_the_same_another_vendor_is_next() {
    let vendors = Vendors::new().await;
    for place in [0, 2] {
        vendors.account(place, Script::json(404, error_body(DIALECT, 404, "no such model")));
    }
    let [first, second, third] = vendors.ids;
    let more = json!({ "priority": 9, "key": "account-3" });
    vendors.switchyard.add_provider("claude", &vendors.one.url(), more).await;
    assert_eq!(vendors.ask(1).await, [first, third, second]);
}

/// Requests beside chat, and the dialect of the providers that serve them.
fn side_requests() -> Vec<(Dialect, &'static str, Value)> {
    let text = json!([{ "role": "user", "content": "Hi." }]);
    vec![
        (
            Dialect::Anthropic,
            "/v1/messages/count_tokens",
            json!({ "model": MODEL, "messages": text }),
        ),
        (Dialect::Responses, "/v1/responses/compact", json!({ "model": MODEL, "input": text })),
        (Dialect::OpenaiChat, "/v1/embeddings", json!({ "model": MODEL, "input": "Hi." })),
        (Dialect::OpenaiChat, "/v1/images/generations", json!({ "model": MODEL, "prompt": "x" })),
    ]
}

#[tokio::test]
async fn requests_beside_chat_fail_over_as_chat_does() {
    for (dialect, path, body) in side_requests() {
        let pair = Pair::new(dialect).await;
        let broken = [
            ("503", Script::json(503, error_body(dialect, 503, "no"))),
            ("reset", Script::default().reset()),
        ];
        for (done, (what, script)) in broken.into_iter().enumerate() {
            pair.first.reset();
            pair.first.always(script);
            pair.second.reset();
            let reset = json!({ "providerId": pair.first_id });
            pair.switchyard.admin("providers/resetProviderCircuit", reset).await;
            let body = Bytes::from(body.to_string());
            let request = Request::post(path, body.clone()).bearer(&pair.user.key);
            let answer = pair.switchyard.send(&request).await;
            assert_eq!(answer.status, 200, "{path}, {what}: {}", answer.text());
            assert_eq!(pair.second.only_request().body, body, "{path}, {what}");
            let row = pair.switchyard.rows_when(done + 1).await.remove(0);
            assert_eq!(Pair::chain(&row).last(), Some(&pair.second_id), "{path}, {what}");
        }
    }
}

#[tokio::test]
async fn a_silent_address_is_left_for_the_next_one_of_the_same_provider() {
    let limits = [("SWITCHYARD_FIRST_CONTENT_SECONDS", "2")];
    let pair = Pair::with(DIALECT, &limits).await;
    let alive = Upstream::start();
    let addresses = json!({ "providerId": pair.first_id, "endpoints": [alive.url()] });
    pair.switchyard.admin("providers/editProvider", addresses).await;
    pair.first.always(Script::default().stall());
    let answer = pair.ask(DIALECT, true).await;
    assert_eq!(answer.text(), frames(DIALECT, MODEL, 3, &PLAIN).concat());
    assert_eq!((pair.first.count(), alive.count(), pair.second.count()), (1, 1, 0));
    let row = pair.switchyard.only_row().await;
    assert_eq!(Pair::chain(&row), [pair.first_id, pair.first_id], "{row:#}");
    pair.first.reset();
    pair.first.always(Script::json(500, error_body(DIALECT, 500, "no")));
    assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    assert_eq!((alive.count(), pair.second.count()), (1, 1), "an answer is an answer");
}
