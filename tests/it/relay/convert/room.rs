//! What a request takes in memory while it is converted: that there is room, and what is said where not.

use std::time::Duration;

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::{Dialect, ProviderKind};

use super::stand::Kinds;
use crate::relay::shared::gauge;
use crate::support::client::{Answer, Request};
use crate::support::prices::MODEL;
use crate::support::waiting::until_true;

const CLAUDE: ProviderKind = ProviderKind::Claude;
const MIB: usize = 1 << 20;
const HELD: &str = "switchyard_body_bytes";
const SHED: &str = "switchyard_shed_total{outcome=\"bytes\"}";
const SMALL: [(&str, &str); 3] = [
    ("SWITCHYARD_BODY_MEMORY_BYTES", "8 MiB"),
    ("MAX_COMPRESSED_REQUEST_BYTES", "6 MiB"),
    ("MAX_DECOMPRESSED_REQUEST_BYTES", "6 MiB"),
];

/// A request of chat's with so many messages, each of a letter.
fn of_many(kinds: &Kinds, messages: usize) -> Request {
    let one = json!({ "role": "user", "content": "x" });
    let body = json!({ "model": MODEL, "messages": vec![one; messages] });
    Request::post("/v1/chat/completions", body.to_string()).bearer(kinds.key(CLAUDE))
}

fn message(answer: &Answer) -> String {
    answer.json()["error"]["message"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_short_body_that_grows_beyond_all_memory_is_refused_before_it_grows() {
    let kinds = Kinds::with(&SMALL).await;
    let answer = kinds.switchyard.send(&of_many(&kinds, 1_000)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    kinds.upstream.forget();
    // Half a megabyte of body.
    let answer = kinds.switchyard.send(&of_many(&kinds, 20_000)).await;
    assert_eq!(answer.status, 413, "{}", answer.text());
    assert!(message(&answer).contains("shorter messages"), "{}", answer.text());
    assert_eq!(kinds.upstream.count(), 0, "nothing was sent");
    let row = kinds.switchyard.rows_when(2).await.remove(0);
    assert_eq!((&row["statusCode"], &row["costUsd"]), (&json!(413), &Value::Null), "{row:#}");
    assert_eq!(kinds.switchyard.failures(kinds.id(CLAUDE)).await, 0, "nobody is blamed");
    assert_eq!(gauge(&kinds.switchyard, HELD).await, 0);

    // Of the same length in one text, it is converted.
    let said = "{,".repeat(MIB / 4);
    let request = Request::saying(Dialect::OpenaiChat, kinds.key(CLAUDE), MODEL, false, &said);
    let answer = kinds.switchyard.send(&request).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn who_finds_no_room_now_is_told_to_come_again() {
    let kinds = Kinds::with(&SMALL).await;
    // A body that has nearly all arrived, and whose end is late.
    let body = "x".repeat(5 * MIB);
    let late = Request::post("/v1/chat/completions", body)
        .bearer(kinds.key(CLAUDE))
        .header("content-length", &(6 * MIB).to_string())
        .unframed();
    let client = kinds.switchyard.client();
    let uploading = tokio::spawn(async move { client.try_send(&late).await });
    let is_held = async || gauge(&kinds.switchyard, HELD).await >= 5 << 20;
    crate::support::waiting::until("it is held", Duration::from_secs(30), async || {
        is_held().await.then_some(())
    })
    .await;
    let request = of_many(&kinds, 3_000);
    let refused = kinds.switchyard.send(&request).await;
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert!(message(&refused).contains("limit of memory"), "{}", refused.text());
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!((kinds.upstream.count(), gauge(&kinds.switchyard, SHED).await), (0, 1));
    uploading.abort();
    let is_free = || uploading.is_finished();
    until_true("the upload is gone", Duration::from_secs(10), is_free).await;
    crate::support::waiting::until("there is room", Duration::from_secs(30), async || {
        let answer = kinds.switchyard.send(&request).await;
        (answer.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn counting_in_another_format_has_the_same_bound() {
    let kinds = Kinds::with(&SMALL).await;
    let one = json!({ "role": "user", "content": "x" });
    let body = json!({ "model": MODEL, "input": vec![one; 20_000] });
    let request =
        Request::post("/v1/responses/input_tokens", body.to_string()).bearer(kinds.key(CLAUDE));
    let answer = kinds.switchyard.send(&request).await;
    // Who cannot be asked is not, and what nobody counts is estimated.
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(kinds.upstream.count(), 0);
}
