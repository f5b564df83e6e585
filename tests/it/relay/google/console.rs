//! What the console says of a Google key: its sort, whose it is, how its token is, and no secret.

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use super::{CLIENT_SECRET, Google, person, service};
use crate::support::person::Person;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Upstream;

/// Asserts that a page has no secret.
fn tells_nothing(html: &str) {
    for secret in ["ya29.token", "first-secret", CLIENT_SECRET, "PRIVATE KEY", "MIIE"] {
        assert!(!html.contains(secret), "the page has {secret}: {html}");
    }
}

#[tokio::test]
async fn the_page_of_a_credential_says_whose_it_is_and_how_its_token_is() {
    let google = Google::with(Dialect::Gemini, service).await;
    google.issuer.grants(3_600, false);
    let admin = Person::admin(&google.switchyard).await;
    let page = format!("/providers/{}", google.provider);
    let html = admin.page(&page).await;
    for said in ["Service account", "relay@project.iam.example", "none yet: the next request"] {
        assert!(html.contains(said), "{said}: {html}");
    }
    assert!(!html.contains("Token got"), "{html}");
    assert_eq!(google.ask().await.status, 200);
    let html = admin.page(&page).await;
    assert!(html.contains("Token got") && !html.contains("none yet"), "{html}");
    assert!(google.shown().await["credential"]["refreshedAt"].is_i64());
    tells_nothing(&html);

    // It stays when nothing is typed, and another one is taken in several lines.
    let (name, url) = (("name", "renamed"), google.upstream.url());
    let plain = [name, ("url", &url), ("provider_type", "gemini"), ("key", "")];
    let plain = [&plain[..], &[("shown", "allow_private"), ("allow_private", "on")]].concat();
    assert_eq!(admin.submit(&page, &page, &plain).await.status, 303);
    assert_eq!(google.shown().await["credential"]["kind"], "service_account");
    let pasted = serde_json::to_string_pretty(&person(&google.issuer)).unwrap();
    let pasted = pasted.replace('\n', "\r\n");
    let mut other = plain.clone();
    other[3] = ("key", &pasted);
    assert_eq!(admin.submit(&page, &page, &other).await.status, 303);
    let html = admin.page(&page).await;
    assert!(html.contains("A person’s login") && !html.contains("iam.example"), "{html}");
    tells_nothing(&html);

    let broken = pasted.replace("refresh_token", "refresh");
    other[3] = ("key", &broken);
    let again = admin.submit(&page, &page, &other).await;
    let html = again.text();
    assert_eq!(again.status, 422, "{html}");
    assert!(html.contains("it lacks refresh_token") && html.contains("type it again"), "{html}");
    tells_nothing(&html);
}

#[tokio::test]
async fn a_refused_credential_is_told_on_its_page_and_in_the_list() {
    let google = Google::with(Dialect::Gemini, person).await;
    google.issuer.refuses();
    google.ask().await;
    let admin = Person::admin(&google.switchyard).await;
    for page in [format!("/providers/{}", google.provider), "/providers".to_owned()] {
        let html = admin.page(&page).await;
        assert!(html.contains("The credential is refused: invalid_grant"), "{page}: {html}");
        tells_nothing(&html);
    }
}

#[tokio::test]
async fn keys_and_bearer_tokens_of_google_are_told_apart() {
    let (switchyard, upstream) = (Switchyard::start().await, Upstream::start());
    let admin = Person::admin(&switchyard).await;
    for (kind, key, said) in [
        ("gemini", "AIzaSy-key-1234", Some("API key</dd>")),
        ("gemini-cli", "ya29.token-1234", Some("Bearer token<")),
        ("gemini", "Bearer other-1234", Some("Bearer token<")),
        ("claude", "sk-ant-key-1234", None),
    ] {
        let id = switchyard.add_provider(kind, &upstream.url(), json!({ "key": key })).await;
        let html = admin.page(&format!("/providers/{id}")).await;
        assert!(html.contains("it ends with …1234"), "{key}: {html}");
        assert_eq!(html.contains("id=\"kept-key\""), said.is_some(), "{key}: {html}");
        assert!(said.is_none_or(|said| html.contains(said)), "{key}: {html}");
        assert!(!html.contains(key), "{key}");
    }
}
