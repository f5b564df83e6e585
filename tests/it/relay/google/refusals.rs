//! Tokens that vendors do not take, credentials that issuers refuse, issuers that are away.

use std::time::Duration;

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::{Google, bearers, person};
use crate::support::upstream::{Match, Rule, Script, Seen, Upstream};
use crate::support::waiting::{SOON, until};
use crate::support::{client::Request, prices::MODEL};

/// Refuses a token and repeats it.
fn not_taken() -> Rule {
    let answer = |seen: &Seen| {
        let sent = seen.header("authorization").unwrap_or_default();
        let message = format!("Request had invalid authentication credentials: {sent}");
        let error = json!({ "code": 401, "message": message, "status": "UNAUTHENTICATED" });
        Script::json(401, json!({ "error": error }).to_string())
    };
    Rule::made(Match::any(), answer)
}

/// A credential with a token that seems good.
fn with_token(issuer: &super::Issuer) -> Value {
    let mut credential = person(issuer);
    credential["access_token"] = json!("ya29.token-given-secret");
    credential["expiry"] = json!("2099-01-01T00:00:00Z");
    credential
}

/// Adds a provider with a plain key that is asked after the others.
async fn spare(google: &Google) -> Upstream {
    let upstream = Upstream::start();
    let more = json!({ "priority": 9, "key": "AIza-spare-key" });
    google.switchyard.add_provider("gemini", &upstream.url(), more).await;
    upstream
}

#[tokio::test]
async fn a_token_that_is_not_taken_is_replaced_once_and_the_request_goes_on_there() {
    let google = Google::with(Dialect::Gemini, with_token).await;
    let spare = spare(&google).await;
    google.issuer.grants(3_600, false);
    google.upstream.script(not_taken().times(1));
    assert_eq!(google.ask().await.status, 200);
    assert_eq!(bearers(&google.upstream), ["ya29.token-given-secret", "ya29.token-1-secret"]);
    assert_eq!((google.issuer.0.count(), spare.count()), (1, 0));
    assert_eq!(google.ask().await.status, 200);
    assert_eq!(google.issuer.0.count(), 1, "the new one is kept");
    google.leaks_nothing().await;
}

#[tokio::test]
async fn a_vendor_that_takes_no_token_brings_no_storm() {
    let google = Google::with(Dialect::Gemini, with_token).await;
    let spare = spare(&google).await;
    google.issuer.grants(3_600, false);
    google.upstream.script(not_taken());
    for number in 0..5 {
        let text = format!("Say hello {number}.");
        let request = Request::saying(Dialect::Gemini, &google.user.key, MODEL, false, &text);
        assert_eq!(google.switchyard.send(&request).await.status, 200, "by the spare one");
    }
    assert_eq!(google.issuer.0.count(), 1);
    assert_eq!(spare.count(), 5);
    google.leaks_nothing().await;
}

#[tokio::test]
async fn a_refused_credential_is_told_once_and_another_account_serves() {
    let google = Google::with(Dialect::Gemini, person).await;
    let spare = spare(&google).await;
    google.issuer.refuses();
    for number in 0..7 {
        let text = format!("Say hello {number}.");
        let request = Request::saying(Dialect::Gemini, &google.user.key, MODEL, false, &text);
        assert_eq!(google.switchyard.send(&request).await.status, 200);
    }
    assert_eq!((google.issuer.0.count(), google.upstream.count(), spare.count()), (1, 0, 7));
    let rows = google.switchyard.rows_when(7).await;
    let link = &rows[6]["providerChain"][0];
    assert_eq!(link["id"], google.provider, "{link:#}");
    let said = link.to_string();
    assert!(said.contains("invalid_grant"), "{said}");
    assert_eq!(google.switchyard.logs().matches("credential.refused").count(), 1);
    let trouble = google.shown().await["credential"]["trouble"].clone();
    assert_eq!(trouble["refused"], true, "{trouble}");
    assert_eq!(trouble["why"], "invalid_grant", "{trouble}");
    let health = google.switchyard.admin("providers/getProvidersHealthStatus", json!({})).await;
    let health = &health[google.provider.to_string()];
    assert_eq!(health["credentialTrouble"]["why"], "invalid_grant", "{health}");
    assert_eq!(health["circuitState"], "closed", "its breaker hears nothing of it: {health}");
    google.leaks_nothing().await;

    // Somebody logs in again.
    let mut credential = person(&google.issuer);
    credential["refresh_token"] = json!("1//second-secret");
    google.issuer.0.reset();
    google.issuer.grants(3_600, false);
    let body = json!({ "providerId": google.provider, "key": credential.to_string() });
    google.switchyard.admin("providers/editProvider", body).await;
    let text = "Say hello, and nothing else.";
    let request = Request::saying(Dialect::Gemini, &google.user.key, MODEL, false, text);
    assert_eq!(google.switchyard.send(&request).await.status, 200);
    assert_eq!(bearers(&google.upstream), ["ya29.token-1-secret"]);
    assert_eq!(google.shown().await["credential"]["trouble"], Value::Null);
}

#[tokio::test]
async fn alone_with_a_refused_credential_the_client_learns_nothing_of_it() {
    let google = Google::with(Dialect::Gemini, person).await;
    google.issuer.refuses();
    let answer = google.ask().await;
    assert!(answer.status >= 400, "{}", answer.text());
    for word in ["secret", "invalid_grant", "credential", "token"] {
        assert!(!answer.text().contains(word), "{word}: {}", answer.text());
    }
}

#[tokio::test]
async fn an_issuer_that_says_nothing_holds_a_request_up_for_seconds_only() {
    let google = Google::with(Dialect::Gemini, person).await;
    let spare = spare(&google).await;
    google.issuer.0.always(Script::default().stall());
    let begun = std::time::Instant::now();
    assert_eq!(google.ask().await.status, 200);
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    assert_eq!((google.upstream.count(), spare.count()), (0, 1));
    let logs = google.switchyard.logs();
    assert!(logs.contains("credential.failed"), "{logs}");
    google.issuer.0.reset();
    google.issuer.grants(3_600, false);
    until("the credential works again", SOON, async || {
        let text = format!("Say hello {:?}.", begun.elapsed());
        let request = Request::saying(Dialect::Gemini, &google.user.key, MODEL, false, &text);
        google.switchyard.send(&request).await;
        (google.upstream.count() > 0).then_some(())
    })
    .await;
    until("the log tells it", SOON, async || {
        google.switchyard.logs().contains("credential.recovered").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_private_token_address_is_refused_unless_the_provider_may_be_private() {
    let issuer = super::Issuer::start();
    let token_url = issuer.url();
    let environment =
        [("GOOGLE_TOKEN_URL", token_url.as_str()), ("ALLOW_PRIVATE_PROVIDER_URLS", "false")];
    let switchyard = crate::support::switchyard::Switchyard::start_with(&environment).await;
    issuer.grants(3_600, false);
    let more = json!({ "key": person(&issuer).to_string() });
    let provider =
        switchyard.add_provider("gemini", "https://generativelanguage.googleapis.com", more).await;
    let user = switchyard.add_user(json!({})).await;
    let request = Request::model(Dialect::Gemini, &user.key, MODEL, false);
    assert!(switchyard.send(&request).await.status >= 500);
    assert_eq!(issuer.0.connections(), 0, "it is not even connected to");
    let upstream = Upstream::start();
    upstream.script(Rule::new(Match::any().method("GET"), Script::json(200, "{}")));
    let body = json!({ "providerId": provider, "allow_private": true, "url": upstream.url() });
    switchyard.admin("providers/editProvider", body).await;
    until("it may be private", SOON, async || {
        (switchyard.send(&request).await.status == 200).then_some(())
    })
    .await;
}
