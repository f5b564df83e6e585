//! Words that may not be sent: who is refused, how it is said, and what the row keeps.

use std::time::Duration;

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::stand::Stand;
use crate::support::backing::Backing;
use crate::support::client::Request;
use crate::support::prices::{DIALECTS, MODEL};
use crate::support::services::Database;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Upstream;

/// What may stay resident, in KiB: an allocator keeps as much for a while, and bodies that are never given back are
/// far more. What looking itself takes is counted by `tests/memory.rs`.
const SLACK_KIB: u64 = 40 << 10;

async fn add(switchyard: &Switchyard, word: &str, kind: &str) -> i64 {
    let body = json!({ "word": word, "matchType": kind });
    let word = switchyard.admin("sensitive-words/createSensitiveWordAction", body).await;
    word["id"].as_i64().unwrap()
}

fn saying(key: &str, dialect: Dialect, text: &str) -> Request {
    Request::saying(dialect, key, MODEL, false, text)
}

#[tokio::test]
async fn a_word_is_refused_in_every_dialect_before_anybody_is_asked() {
    let stand = Stand::new().await;
    add(&stand.switchyard, "Top Secret", "contains").await;
    for (done, dialect) in DIALECTS.into_iter().enumerate() {
        let refused = saying(&stand.user.key, dialect, "this is TOP secret, isn't it");
        let answer = stand.switchyard.send(&refused).await;
        assert_eq!(answer.status, 400, "{dialect}: {}", answer.text());
        assert!(answer.text().contains("Top Secret"), "{dialect}: {}", answer.text());
        let body = answer.json();
        let error = if body.is_array() { &body[0]["error"] } else { &body["error"] };
        assert!(error["message"].is_string(), "{dialect}: {body}");
        let row = stand.switchyard.rows_when(done + 1).await.remove(0);
        assert_eq!((&row["statusCode"], &row["outcome"]), (&json!(400), &json!("refused")));
        assert_eq!(row["blockedBy"], "sensitive_word", "{dialect}");
        let reason: Value = serde_json::from_str(row["blockedReason"].as_str().unwrap()).unwrap();
        assert_eq!(reason, json!({ "word": "Top Secret", "matchType": "contains" }), "{dialect}");
        assert_eq!((&row["providerChain"], &row["costUsd"]), (&Value::Null, &Value::Null));
        assert_eq!(row["notes"], json!([]), "{dialect}: what blocked has fields of its own");
    }
    assert_eq!(stand.upstream.count(), 0, "the refused ones never left");
    for dialect in DIALECTS {
        let fine = saying(&stand.user.key, dialect, "nothing of that kind");
        assert_eq!(stand.switchyard.send(&fine).await.status, 200, "{dialect}");
    }
}

#[tokio::test]
async fn a_refused_word_takes_nothing_of_a_limit() {
    let stand = Stand::new().await;
    add(&stand.switchyard, "^stop\\b", "regex").await;
    let user = stand.switchyard.add_user(json!({ "rpm": 1 })).await;
    for _ in 0..3 {
        let refused = saying(&user.key, Dialect::Anthropic, "Stop it");
        assert_eq!(stand.switchyard.send(&refused).await.status, 400);
    }
    let fine = saying(&user.key, Dialect::Anthropic, "do not stop");
    assert_eq!(stand.switchyard.send(&fine).await.status, 200);
    // Counting tokens is passed on as it is.
    let body = json!({ "model": MODEL, "messages": [{ "role": "user", "content": "stop" }] });
    let count = Request::post("/v1/messages/count_tokens", body.to_string())
        .header("x-api-key", &stand.user.key);
    assert_eq!(stand.switchyard.send(&count).await.status, 200);
}

#[tokio::test]
async fn words_hold_from_the_next_request_and_can_be_switched_off_on_either_store() {
    for backing in Backing::both().await {
        let upstream = Upstream::start();
        let switchyard = backing.start(&[]).await;
        switchyard.serve(Dialect::Anthropic, &upstream).await;
        let user = switchyard.add_user(json!({})).await;
        let request = saying(&user.key, Dialect::Anthropic, "  Banned\n");
        let status = async || switchyard.send(&request).await.status;
        let name = backing.name();
        assert_eq!(status().await, 200, "{name}");
        let id = add(&switchyard, "banned", "exact").await;
        assert_eq!(status().await, 400, "{name}");
        let change =
            async |body| switchyard.admin("sensitive-words/updateSensitiveWordAction", body).await;
        change(json!({ "id": id, "isEnabled": false })).await;
        assert_eq!(status().await, 200, "{name}");
        change(json!({ "id": id, "isEnabled": true, "matchType": "contains" })).await;
        assert_eq!(status().await, 400, "{name}");
        switchyard.admin("sensitive-words/deleteSensitiveWordAction", json!({ "id": id })).await;
        assert_eq!(status().await, 200, "{name}");
    }
}

#[tokio::test]
async fn another_node_knows_a_word_within_a_second() {
    let database = Database::create().await;
    let dsn = database.dsn();
    let shared = [
        ("DSN", dsn.as_str()),
        (
            "SWITCHYARD_SECRET_KEY",
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        ),
    ];
    let upstream = Upstream::start();
    let first = Switchyard::start_with(&shared).await;
    first.serve(Dialect::Anthropic, &upstream).await;
    let user = first.add_user(json!({})).await;
    let second = Switchyard::launch(&shared).await;
    let request = saying(&user.key, Dialect::Anthropic, "a banned word");
    assert_eq!(second.send(&request).await.status, 200);
    add(&first, "banned", "contains").await;
    let mut left = 50;
    while second.send(&request).await.status != 400 {
        left -= 1;
        assert!(left > 0, "the other node still does not know the word");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_body_of_forty_megabytes_is_looked_through() {
    let stand = Stand::new().await;
    let hay = "hay, more hay\n".repeat(3_000_000);
    let without = saying(&stand.user.key, Dialect::Anthropic, &hay);
    assert!(without.body_bytes().len() > 40_000_000);
    for _ in 0..3 {
        assert_eq!(stand.switchyard.send(&without).await.status, 200);
    }
    let resting = stand.switchyard.rss_kib();
    add(&stand.switchyard, "needle", "contains").await;
    add(&stand.switchyard, "ne{3,}dle", "regex").await;
    assert_eq!(stand.switchyard.send(&without).await.status, 200);
    for word in ["needle", "neeedle"] {
        let with = saying(&stand.user.key, Dialect::Anthropic, &format!("{hay}{word}"));
        assert_eq!(stand.switchyard.send(&with).await.status, 400, "{word}");
    }
    assert_eq!(stand.upstream.count(), 4);
    let grown = stand.switchyard.rss_kib().saturating_sub(resting);
    assert!(grown < SLACK_KIB, "{grown} KiB more stay");
}
