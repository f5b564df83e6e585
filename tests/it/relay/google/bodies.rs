//! What goes out beside the token: the project in the Gemini CLI's envelope, and who calls.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::{Google, bearers, person};
use crate::support::client::Request;
use crate::support::prices::MODEL;

fn envelope(google: &Google, project: Option<&str>) -> Request {
    Request::post("/v1internal:generateContent", text(project)).bearer(&google.user.key)
}

fn text(project: Option<&str>) -> String {
    let mut body = json!({ "model": MODEL, "user_prompt_id": "p1",
        "request": { "contents": [{ "role": "user", "parts": [{ "text": "Say hello." }] }] } });
    if let Some(project) = project {
        body["project"] = json!(project);
    }
    body.to_string()
}

async fn sent(google: &Google, request: &Request) -> Value {
    google.upstream.forget();
    assert_eq!(google.switchyard.send(request).await.status, 200);
    google.upstream.only_request().json()
}

#[tokio::test]
async fn the_client_s_project_stays_unless_the_credential_names_one() {
    let google = Google::with(Dialect::GeminiCli, person).await;
    google.issuer.grants(3_600, false);
    let request = envelope(&google, Some("of-the-client"));
    google.upstream.forget();
    assert_eq!(google.switchyard.send(&request).await.status, 200);
    let seen = google.upstream.only_request();
    assert_eq!(seen.body, text(Some("of-the-client")), "byte for byte");
    assert!(seen.header("x-goog-api-client").unwrap().contains("switchyard"));

    let mut credential = person(&google.issuer);
    credential["project"] = json!("of-the-account");
    let body = json!({ "providerId": google.provider, "key": credential.to_string() });
    google.switchyard.admin("providers/editProvider", body).await;
    for project in [Some("of-the-client"), None] {
        let body = sent(&google, &envelope(&google, project)).await;
        assert_eq!(body["project"], "of-the-account");
        assert_eq!(body["user_prompt_id"], "p1");
        assert_eq!(body["request"]["contents"][0]["parts"][0]["text"], "Say hello.");
    }
    assert!(bearers(&google.upstream)[0].starts_with("ya29.token-"));
}

#[tokio::test]
async fn who_calls_is_told_as_the_client_says_it() {
    let google = Google::with(Dialect::GeminiCli, person).await;
    google.issuer.grants(3_600, false);
    let request = envelope(&google, None).header("x-goog-api-client", "gl-node/22 its-own/1");
    sent(&google, &request).await;
    let seen = google.upstream.only_request();
    assert_eq!(seen.header("x-goog-api-client"), Some("gl-node/22 its-own/1"));
}

#[tokio::test]
async fn who_pays_for_a_person_s_requests_is_told_to_gemini() {
    let google = Google::with(Dialect::Gemini, |issuer| {
        let mut credential = person(issuer);
        credential["quota_project_id"] = json!("pays-1");
        credential
    })
    .await;
    google.issuer.grants(3_600, false);
    assert_eq!(google.ask().await.status, 200);
    assert_eq!(google.upstream.only_request().header("x-goog-user-project"), Some("pays-1"));
}

#[tokio::test]
async fn a_kept_provider_is_tested_and_asked_for_models_with_its_token() {
    let google = Google::with(Dialect::Gemini, person).await;
    google.issuer.grants(3_600, false);
    let request = Request::get("/v1beta/models").header("x-goog-api-key", &google.user.key);
    assert_eq!(google.switchyard.send(&request).await.status, 200);
    assert_eq!(bearers(&google.upstream), ["ya29.token-1-secret"]);
}
