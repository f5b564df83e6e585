//! Each kind of key, and what is said of one that cannot be used.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::{Google, Issuer, bearers, field, person, service};
use crate::support::switchyard::Switchyard;
use crate::support::upstream::{Seen, Upstream};

/// The headers of a request that carry a credential.
fn credentials(seen: &Seen) -> Vec<&'static str> {
    let names = ["authorization", "x-api-key", "x-goog-api-key"];
    names.into_iter().filter(|name| seen.header(name).is_some()).collect()
}

#[tokio::test]
async fn a_person_s_credential_is_sent_as_a_token_and_got_once() {
    let google = Google::with(Dialect::Gemini, person).await;
    google.issuer.grants(3_600, false);
    for _ in 0..3 {
        assert_eq!(google.ask().await.status, 200);
    }
    assert_eq!(bearers(&google.upstream), ["ya29.token-1-secret"; 3]);
    let asked = google.issuer.asked();
    assert_eq!(asked.len(), 1, "one token serves all");
    assert_eq!(field(&asked[0], "grant_type"), "refresh_token");
    assert_eq!(field(&asked[0], "refresh_token"), "1//first-secret");
    for seen in google.upstream.requests() {
        assert_eq!(credentials(&seen), ["authorization"]);
    }
    google.leaks_nothing().await;
}

#[tokio::test]
async fn a_service_account_signs_for_its_token() {
    let google = Google::with(Dialect::Gemini, service).await;
    google.issuer.grants(3_600, false);
    assert_eq!(google.ask().await.status, 200);
    assert_eq!(bearers(&google.upstream), ["ya29.token-1-secret"]);
    assert_eq!(credentials(&google.upstream.only_request()), ["authorization"]);
    let asked = google.issuer.asked();
    assert_eq!(field(&asked[0], "grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer");
    assert_eq!(field(&asked[0], "assertion").split('.').count(), 3);
    google.leaks_nothing().await;
}

#[tokio::test]
async fn a_token_that_is_still_good_is_sent_as_it_was_given() {
    let google = Google::with(Dialect::Gemini, |issuer| {
        let mut credential = person(issuer);
        credential["access_token"] = json!("ya29.token-given-secret");
        credential["expiry"] = json!("2099-01-01T00:00:00Z");
        credential
    })
    .await;
    assert_eq!(google.ask().await.status, 200);
    assert_eq!(bearers(&google.upstream), ["ya29.token-given-secret"]);
    assert!(google.issuer.asked().is_empty());
    google.leaks_nothing().await;
}

#[tokio::test]
async fn keys_and_bearer_tokens_go_out_as_they_are() {
    let (switchyard, upstream) = (Switchyard::start().await, Upstream::start());
    let user = switchyard.add_user(json!({})).await;
    for kind in ["gemini", "gemini-cli"] {
        for (key, header, sent) in [
            ("AIzaSy-key-1", "x-goog-api-key", "AIzaSy-key-1"),
            ("ya29.static-token-1", "authorization", "Bearer ya29.static-token-1"),
            ("Bearer other-token-1", "authorization", "Bearer other-token-1"),
        ] {
            let provider =
                switchyard.add_provider(kind, &upstream.url(), json!({ "key": key })).await;
            let dialect = if kind == "gemini" { Dialect::Gemini } else { Dialect::GeminiCli };
            let model = crate::support::prices::MODEL;
            let request = crate::support::client::Request::model(dialect, &user.key, model, false);
            assert_eq!(switchyard.send(&request).await.status, 200, "{kind} {key}");
            let seen = upstream.only_request();
            assert_eq!(seen.header(header), Some(sent), "{kind} {key}");
            assert_eq!(credentials(&seen), [header], "{kind} {key}");
            upstream.reset();
            switchyard.admin("providers/removeProvider", json!({ "providerId": provider })).await;
        }
    }
}

#[tokio::test]
async fn what_is_missing_is_named_when_a_credential_is_saved() {
    let issuer = Issuer::start();
    let token_url = issuer.url();
    let switchyard = Switchyard::start_with(&[("GOOGLE_TOKEN_URL", &token_url)]).await;
    let with = |name: &str, value: Value| {
        let mut credential = person(&issuer);
        credential[name] = value;
        credential.to_string()
    };
    let elsewhere = "http://169.254.169.254/token";
    let unreadable = json!({ "client_email": "a@b", "private_key": "-----BEGIN-----" }).to_string();
    for (kind, key, wanted) in [
        ("gemini", with("refresh_token", Value::Null), "refresh_token"),
        ("gemini-cli", with("type", json!("external_account")), "authorized_user"),
        ("gemini", with("token_uri", json!(elsewhere)), "GOOGLE_TOKEN_URL"),
        ("gemini", unreadable, "private_key"),
        ("gemini", "{\"client_secret\": \"hush-secret\",".to_owned(), "JSON"),
        ("claude", person(&issuer).to_string(), "gemini-cli"),
        ("gemini", "k".repeat(1_025), "1024"),
    ] {
        let body =
            json!({ "name": "G", "url": "https://g.example", "key": key, "provider_type": kind });
        let answer = switchyard.action("providers/addProvider", &body).await;
        let said = answer.json();
        assert_eq!(said["ok"], false, "{said}");
        let text = said["error"].as_str().unwrap();
        assert!(text.contains(wanted), "{wanted}: {text}");
        assert!(!text.contains("secret-0123") && !text.contains("hush-secret"), "{text}");
    }
    assert!(issuer.asked().is_empty(), "nobody is asked by saving");
}

#[tokio::test]
async fn of_a_credential_its_kind_and_account_are_shown_and_when_its_token_ends() {
    let google = Google::with(Dialect::Gemini, service).await;
    let shown = google.shown().await;
    assert_eq!(shown["maskedKey"], "service_account••••••relay@project.iam.example");
    assert_eq!(shown["credential"]["kind"], "service_account");
    assert_eq!(shown["credential"]["account"], "relay@project.iam.example");
    assert_eq!(shown["credential"]["expiresAt"], Value::Null);
    google.issuer.grants(3_600, false);
    google.ask().await;
    let ends = google.shown().await["credential"]["expiresAt"].as_i64().expect("a token");
    assert!(ends > 1_700_000_000_000, "{ends}");
    google.leaks_nothing().await;
}

#[tokio::test]
async fn a_provider_that_becomes_another_kind_does_not_send_its_credential_as_a_key() {
    let google = Google::with(Dialect::Gemini, person).await;
    let body = json!({ "providerId": google.provider, "provider_type": "openai-compatible" });
    let answer = google.switchyard.action("providers/editProvider", &body).await;
    assert_eq!(answer.json()["ok"], false, "{}", answer.text());
}
