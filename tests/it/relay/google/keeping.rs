//! Tokens over time: many who ask at once, ends, rotations, restarts, and a second node.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use super::{CLIENT_SECRET, Google, Issuer, bearers, field, person};
use crate::support::backing::Backing;
use crate::support::services::Database;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::{Gate, Match, Rule, Script};
use crate::support::waiting::{SOON, until};

#[tokio::test]
async fn a_hundred_who_come_at_once_wait_for_one_token() {
    let google = Google::with(Dialect::Gemini, person).await;
    let gate = Gate::closed();
    let body = r#"{"access_token":"ya29.token-late-secret","expires_in":3600}"#;
    google.issuer.0.once(Script::default().wait(&gate).raw(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )));
    let asking = join_all((0..100).map(|_| google.ask()));
    let opening = async {
        until("the issuer is asked", SOON, async || (google.issuer.0.count() > 0).then_some(()))
            .await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(google.upstream.count(), 0, "nobody is sent without a token");
        gate.open();
    };
    let (answers, ()) = tokio::join!(asking, opening);
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(google.issuer.0.count(), 1);
    assert_eq!(bearers(&google.upstream), vec!["ya29.token-late-secret"; 100]);
}

#[tokio::test]
async fn a_token_is_replaced_before_it_ends_with_what_was_rotated_on_both_stores() {
    for backing in Backing::both().await {
        let issuer = Issuer::start();
        let token_url = issuer.url();
        let switchyard = backing.start(&[("GOOGLE_TOKEN_URL", &token_url)]).await;
        let mut google = Google::on(switchyard, issuer, Dialect::Gemini, person).await;
        google.issuer.grants(3, true);
        assert_eq!(google.ask().await.status, 200, "{}", backing.name());
        tokio::time::sleep(Duration::from_secs(4)).await;
        assert_eq!(google.ask().await.status, 200, "{}", backing.name());
        let asked = google.issuer.asked();
        assert_eq!(field(&asked[0], "refresh_token"), "1//first-secret");
        assert_eq!(field(&asked[1], "refresh_token"), "1//rotated-1-secret", "{}", backing.name());
        let before = google.issuer.0.count();
        google.switchyard.sigkill();
        google.switchyard.restart().await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(google.ask().await.status, 200, "after a restart");
        let asked = google.issuer.asked();
        let last = &asked[before];
        let wanted = format!("1//rotated-{before}-secret");
        assert_eq!(field(last, "refresh_token"), wanted, "the rotation has survived");
        google.leaks_nothing().await;
    }
}

#[tokio::test]
async fn a_restart_takes_up_the_token_that_was_kept() {
    let mut google = Google::with(Dialect::Gemini, person).await;
    google.issuer.grants(3_600, false);
    google.ask().await;
    google.switchyard.sigkill();
    google.switchyard.restart().await;
    assert_eq!(google.ask().await.status, 200);
    assert_eq!(bearers(&google.upstream), ["ya29.token-1-secret"; 2]);
    assert_eq!(google.issuer.0.count(), 1);
}

#[tokio::test]
async fn credentials_and_tokens_lie_sealed_in_both_stores() {
    let embedded = Google::with(Dialect::Gemini, person).await;
    embedded.issuer.grants(3_600, true);
    embedded.ask().await;
    let mut files = 0;
    for entry in walk(embedded.switchyard.data()) {
        let bytes = std::fs::read(&entry).unwrap_or_default();
        files += 1;
        for secret in ["ya29.token", "1//first", "1//rotated", CLIENT_SECRET] {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{} has {secret}", entry.display());
        }
    }
    assert!(files > 2);
    let database = Database::create().await;
    let dsn = database.dsn();
    let issuer = Issuer::start();
    let token_url = issuer.url();
    let switchyard =
        Switchyard::start_with(&[("GOOGLE_TOKEN_URL", &token_url), ("DSN", &dsn)]).await;
    let google = Google::on(switchyard, issuer, Dialect::Gemini, person).await;
    google.issuer.grants(3_600, true);
    google.ask().await;
    let row = database.connect().await;
    let row = row.query_one("SELECT sealed_key, key_prefix, key_suffix FROM providers", &[]).await;
    let row = row.expect("the provider");
    let all = format!("{:?}", [row.get::<_, String>(0), row.get(1), row.get(2)]);
    assert!(all.contains("v1.") && all.contains("77.apps.example"), "{all}");
    for secret in ["ya29.token", "1//first", "1//rotated", CLIENT_SECRET] {
        assert!(!all.contains(secret), "{all}");
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(walk(&path)) } else { found.push(path) }
    }
    found
}

#[tokio::test]
async fn two_nodes_spend_one_refresh_token_once() {
    let database = Database::create().await;
    let (dsn, issuer) = (database.dsn(), Issuer::start());
    let token_url = issuer.url();
    let secret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let environment = [
        ("DSN", dsn.as_str()),
        ("GOOGLE_TOKEN_URL", token_url.as_str()),
        ("SWITCHYARD_SECRET_KEY", secret),
    ];
    let first = Switchyard::start_with(&environment).await;
    let google = Google::on(first, issuer, Dialect::Gemini, person).await;
    let second = Switchyard::launch(&environment).await;
    // An issuer that takes each refresh token once, and takes its time.
    let body = json!({ "access_token": "ya29.token-shared-secret", "expires_in": 3600,
        "refresh_token": "1//next-secret" });
    let slow = Script::default().sleep(Duration::from_millis(700));
    let text = body.to_string();
    let slow = slow.raw(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{text}",
        text.len()
    ));
    google.issuer.0.script(Rule::new(Match::any(), slow).times(1));
    google.issuer.refuses();
    let request = google.request(Dialect::Gemini);
    let (one, other) = tokio::join!(
        join_all((0..10).map(|_| google.switchyard.send(&request))),
        join_all((0..10).map(|_| second.send(&request)))
    );
    for answer in one.iter().chain(&other) {
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert_eq!(google.issuer.0.count(), 1);
    assert_eq!(bearers(&google.upstream), vec!["ya29.token-shared-secret"; 20]);
}
