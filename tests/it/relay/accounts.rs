//! An account in trouble is its operator's matter, with whatever status and name its vendor says so: the
//! client is served by another one, and never reads of it.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::stand::Pair;
use crate::support::client::Request;
use crate::support::upstream::Script;
use crate::support::upstream::answers::error_event;

fn anthropic(message: &str) -> Value {
    let error = json!({ "type": "invalid_request_error", "message": message });
    json!({ "type": "error", "error": error, "request_id": "req_1" })
}

fn openai(code: &str, kind: &str, message: &str) -> Value {
    json!({ "error": { "code": code, "message": message, "param": null, "type": kind } })
}

fn google(status: &str, reason: &str, message: &str) -> Value {
    let details =
        json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason }]);
    json!({ "error": { "code": 400, "message": message, "status": status, "details": details } })
}

const INVALID: &str = "invalid_request_error";

/// What vendors of a dialect say of accounts with a status that blames the request.
fn troubles(dialect: Dialect) -> Vec<(u16, Value)> {
    match dialect {
        Dialect::Anthropic => of_anthropic(),
        Dialect::Gemini => of_google(),
        Dialect::Responses => vec![
            (400, openai("billing_not_active", "billing_not_active", "Your account is not active")),
            (400, openai("insufficient_quota", INVALID, "You exceeded your current quota")),
        ],
        _ => of_chat(),
    }
}

fn of_anthropic() -> Vec<(u16, Value)> {
    let limits =
        "You have reached your specified API usage limits. You will regain access on 2026-12-01.";
    vec![
        (400, anthropic(limits)),
        (400, anthropic("This organization has been disabled.")),
        (404, anthropic("Your organization has been disabled.")),
    ]
}

fn of_chat() -> Vec<(u16, Value)> {
    let standing = "Access denied, please make sure your account is in good standing.";
    let hard = "billing_hard_limit_reached";
    vec![
        (400, openai(hard, INVALID, "Billing hard limit has been reached")),
        (400, openai("Arrearage", "Arrearage", standing)),
        (400, openai(INVALID, "unknown_error", "Insufficient Balance")),
        (422, openai("account_deactivated", INVALID, "The account of this key is deactivated")),
    ]
}

fn of_google() -> Vec<(u16, Value)> {
    let argument = "INVALID_ARGUMENT";
    let place = "User location is not supported for the API use.";
    vec![
        (400, google(argument, "API_KEY_INVALID", "API key expired. Please renew the API key.")),
        (400, google(argument, "CONSUMER_SUSPENDED", "Permission denied")),
        (400, google("FAILED_PRECONDITION", "", place)),
    ]
}

#[tokio::test]
async fn an_account_in_trouble_is_left_for_another_one_and_charged_whatever_its_status() {
    for dialect in [Dialect::Anthropic, Dialect::OpenaiChat, Dialect::Responses, Dialect::Gemini] {
        let pair = Pair::new(dialect).await;
        let mut rows = 0;
        for (status, body) in troubles(dialect) {
            for stream in [false, true] {
                let reset = json!({ "providerId": pair.first_id });
                pair.switchyard.admin("providers/resetProviderCircuit", reset).await;
                pair.first.reset();
                pair.first.always(Script::json(status, body.to_string()));
                let answer = pair.ask(dialect, stream).await;
                assert_eq!(answer.status, 200, "{body}: {}", answer.text());
                assert_eq!(pair.first.count(), 1, "{body}: it is not asked twice");
                assert_eq!(pair.switchyard.failures(pair.first_id).await, 1, "{body}");
                rows += 1;
                let row = pair.switchyard.rows_when(rows).await.remove(0);
                assert_eq!(Pair::chain(&row), [pair.first_id, pair.second_id], "{row:#}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_said_of_the_only_account_reaches_no_user() {
    let pair = Pair::new(Dialect::Anthropic).await;
    pair.change(pair.second_id, json!({ "is_enabled": false })).await;
    let words = "You have reached your specified API usage limits.";
    pair.first.always(Script::json(400, anthropic(words).to_string()));
    let answer = pair.ask(Dialect::Anthropic, true).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(!answer.text().contains("usage limits"), "{}", answer.text());
    let row = pair.switchyard.rows_when(1).await.remove(0);
    assert!(row.to_string().contains("usage limits"), "the operator reads it: {row:#}");
    let asks = Request::post("/api/actions/usage-logs/getUsageLogs", "{}")
        .header("authorization", &format!("Bearer {}", pair.user.key));
    let logs = pair.switchyard.send(&asks).await;
    assert_eq!(logs.status, 200, "{}", logs.text());
    assert!(
        logs.text().contains("503") && !logs.text().contains("usage limits"),
        "{}",
        logs.text()
    );
}

#[tokio::test]
async fn an_account_in_trouble_is_known_in_plain_text_and_reaches_no_user() {
    let dialect = Dialect::OpenaiChat;
    let pair = Pair::new(dialect).await;
    let text = Script::status(400).header("content-type", "text/plain");
    pair.first.always(text.body("Insufficient Balance"));
    let answer = pair.ask(dialect, false).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!((pair.first.count(), pair.switchyard.failures(pair.first_id).await), (1, 1));
    pair.change(pair.second_id, json!({ "is_enabled": false })).await;
    let answer = pair.ask(dialect, false).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(!answer.text().contains("Balance"), "{}", answer.text());
}

#[tokio::test]
async fn a_request_that_is_quoted_in_its_own_error_stays_the_clients_fault() {
    let pair = Pair::new(Dialect::OpenaiChat).await;
    for message in [
        "Invalid value: 'Insufficient Balance'. Supported values are: 'low' and 'high'.",
        "messages.0.content: Your credit balance is too low",
        "Invalid schema for function 'quota exceeded': API key not valid",
    ] {
        let body = openai("invalid_value", "invalid_request_error", message);
        pair.first.reset();
        pair.first.always(Script::json(400, body.to_string()));
        let answer = pair.ask(Dialect::OpenaiChat, false).await;
        assert_eq!(answer.status, 400, "{message}");
        assert!(answer.text().contains(message), "{}", answer.text());
    }
    assert_eq!((pair.second.count(), pair.switchyard.failures(pair.first_id).await), (0, 0));
}

#[tokio::test]
async fn a_credential_of_another_program_is_in_no_trouble_and_left_for_another_one_however_it_is_said()
 {
    let dialect = Dialect::Anthropic;
    let sentence = "This credential is only authorized for use with Claude Code and cannot be used for other API requests.";
    let own = anthropic(sentence).to_string();
    let python =
        format!("Error code: 400 - {{'type': 'error', 'error': {{'message': '{sentence}'}}}}");
    let text = Script::status(400).header("content-type", "text/plain").body(python.clone());
    let event = Script::stream().chunk(error_event(dialect, 400, sentence)).end();
    let pair = Pair::new(dialect).await;
    for (what, stream, script) in [
        ("as it is", false, Script::json(400, own.clone())),
        ("within an error", false, Script::json(400, anthropic(&own).to_string())),
        ("by Python", false, Script::json(400, anthropic(&python).to_string())),
        ("in a text", false, text),
        ("with a good status", false, Script::json(200, own.clone())),
        ("in a stream", true, event),
    ] {
        for upstream in [&pair.first, &pair.second] {
            upstream.reset();
        }
        pair.first.always(script.clone());
        let answer = pair.ask(dialect, stream).await;
        assert_eq!(answer.status, 200, "{what}: {}", answer.text());
        assert_eq!((pair.first.count(), pair.second.count()), (1, 1), "{what}");
        pair.second.always(script);
        let answer = pair.ask(dialect, stream).await;
        assert_eq!(answer.status, 400, "{what}: {}", answer.text());
        assert!(answer.text().contains("only authorized"), "{what}: {}", answer.text());
    }
    for provider in [pair.first_id, pair.second_id] {
        assert_eq!(pair.switchyard.failures(provider).await, 0, "the account is well");
    }
}
