//! Usage that no request can have: it is unknown, and neither it nor what earlier versions stored of
//! its kind stops a page, a limit or a start.

use std::time::Duration;

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::support::client::Request;
use crate::support::person::Person;
use crate::support::prices::MODEL;
use crate::support::services::Database;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{PLAIN, Tokens, answer, frames};
use crate::support::upstream::{Script, Upstream};
use crate::support::waiting::{self, SOON};

/// Together as much as a count can say, which is what -1 is without its sign.
const ALL: Tokens = Tokens { input: u64::MAX / 2, output: u64::MAX / 2 + 1, ..PLAIN };
/// More than any request can use.
const MUCH: Tokens = Tokens { input: 999_999_999, output: 2, ..PLAIN };
const PAGES: [&str; 7] = [
    "/dashboard",
    "/dashboard?metric=tokens",
    "/requests",
    "/users/1",
    "/providers",
    "/providers/1",
    "/keys/1",
];

/// An instance on each engine.
async fn both() -> [(Option<Database>, Switchyard); 2] {
    let database = Database::create().await;
    let shared = Switchyard::start_with(&[("DSN", &*database.dsn())]).await;
    [(None, Switchyard::start().await), (Some(database), shared)]
}

/// Whatever adds up must answer.
async fn all_answers(switchyard: &Switchyard) {
    for (action, body) in [
        ("usage-logs/getUsageLogs", json!({})),
        ("overview/getOverviewData", json!({})),
        ("limits/getLimits", json!({})),
        ("users/getUsers", json!({})),
        ("keys/getKeyLimitUsage", json!({ "keyId": 1 })),
        ("providers/getProviderLimitUsage", json!({ "providerId": 1 })),
        ("providers/getProviders", json!({})),
        ("active-sessions/getActiveSessions", json!({})),
    ] {
        switchyard.admin(action, body).await;
    }
    let admin = Person::admin(switchyard).await;
    for page in PAGES {
        admin.page(page).await;
    }
}

#[tokio::test]
async fn usage_that_cannot_be_true_is_unknown_and_the_row_says_so() {
    for (_database, switchyard) in both().await {
        let upstream = Upstream::start();
        let user = switchyard.add_user(json!({ "dailyQuota": 1 })).await;
        let mut rows = 0;
        for dialect in Dialect::ALL {
            switchyard.serve(dialect, &upstream).await;
            for tokens in [ALL, MUCH] {
                let json = ("content-type", "application/json");
                let whole = Script::status(200).header(json.0, json.1);
                upstream.once(whole.body(answer(dialect, MODEL, "Hello.", &tokens)));
                upstream.once(Script::frames(frames(dialect, MODEL, 2, &tokens)));
                for stream in [false, true] {
                    let request = Request::model(dialect, &user.key, MODEL, stream);
                    let told = switchyard.send(&request).await;
                    assert_eq!(told.status, 200, "{dialect:?} {}", told.text());
                    rows += 1;
                }
            }
        }
        for row in switchyard.rows_when(rows).await {
            assert_eq!(row["unbilled"], "unmetered", "{row:#}");
            assert_eq!(row["notes"], json!(["usage: implausible"]), "{row:#}");
            assert_eq!((&row["inputTokens"], &row["costUsd"]), (&Value::Null, &Value::Null));
        }
        all_answers(&switchyard).await;
    }
}

/// Has all rows say what versions stored that believed everything.
async fn believe(switchyard: &Switchyard, database: Option<&Database>) {
    let most = i64::MAX;
    let sql = format!(
        "UPDATE requests SET input_tokens = {most}, output_tokens = {most}, cost = {most}, \
         cache_read_tokens = {most}, list_cost = {most}"
    );
    let Some(database) = database else {
        let path = switchyard.data().join("switchyard.db");
        return rusqlite::Connection::open(path).unwrap().execute_batch(&sql).unwrap();
    };
    database.connect().await.batch_execute(&sql).await.unwrap();
}

#[tokio::test]
async fn rows_that_are_too_large_to_add_up_stop_neither_pages_nor_the_start() {
    for (database, mut switchyard) in both().await {
        let upstream = Upstream::start();
        switchyard.serve(Dialect::Anthropic, &upstream).await;
        let user = switchyard.add_user(json!({})).await;
        let request = Request::model(Dialect::Anthropic, &user.key, MODEL, false);
        for _ in 0..3 {
            assert_eq!(switchyard.send(&request).await.status, 200);
        }
        switchyard.rows_when(3).await;
        switchyard.sigterm();
        assert_eq!(switchyard.wait_exit(SOON), Some(0));
        believe(&switchyard, database.as_ref()).await;
        switchyard.restart().await;
        all_answers(&switchyard).await;
        let ready = switchyard.send(&Request::get("/api/health/ready")).await;
        assert_eq!(
            (ready.status, &ready.json()["status"]),
            (200, &json!("ok")),
            "{}",
            ready.text()
        );
        // Limits count what the rows say, from the start on.
        assert_eq!(switchyard.send(&request).await.status, 402);
    }
}

#[tokio::test]
async fn a_slot_that_cannot_be_counted_is_named() {
    let mut switchyard = Switchyard::start().await;
    switchyard.sigterm();
    assert_eq!(switchyard.wait_exit(SOON), Some(0));
    let sql = "INSERT INTO dirty_slots (slot, from_id, to_id, mark, done, counted) \
               VALUES (900000000, x'00', x'01', 1, 0, 0); \
               CREATE TRIGGER bad BEFORE UPDATE ON dirty_slots WHEN NEW.slot = 900000000 \
               BEGIN SELECT RAISE(ABORT, 'bad'); END";
    let path = switchyard.data().join("switchyard.db");
    rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
    switchyard.restart().await;
    waiting::until("readiness names it", Duration::from_secs(40), async || {
        let ready = switchyard.send(&Request::get("/api/health/ready")).await.text();
        ready.contains("slots of roll-ups cannot be counted").then_some(())
    })
    .await;
    let named = |line: &str| line.contains("cannot be counted") && line.contains("900000000");
    assert!(switchyard.logs().lines().any(named), "{}", switchyard.logs());
}
