//! Who may ask for what: lists of clients and models, versions, and side requests of Claude Code.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::stand::Stand;
use crate::support::client::{Answer, Request};
use crate::support::prices::{DIALECTS, MODEL};
use crate::support::switchyard::Switchyard;
use crate::support::upstream::{Script, Upstream, answers};

/// How Claude Code names its user: as JSON, and before 2.1.78 with underscores.
const JSON_USER: &str = r#"{\"device_id\":\"d\",\"account_uuid\":\"\",\"session_id\":\"3f0a6ae2-5d0e-4a7e-9d5c-3a2f6f1b7c11\"}"#;
const OLD_USER: &str = "user_d_account__session_3f0a6ae2-5d0e-4a7e-9d5c-3a2f6f1b7c11";

/// Six versions: what they call themselves, their betas, their user.
const CLAUDE_CODES: [(&str, &str, &str); 6] = [
    ("claude-cli/1.0.83 (external, cli)", "claude-code-20250219,oauth-2025-04-20", OLD_USER),
    ("claude-cli/2.0.24 (external, claude-vscode)", "claude-code-20250219", OLD_USER),
    (
        "claude-cli/2.0.70 (external, sdk-ts, agent-sdk/0.1.70)",
        "interleaved-thinking-2025-05-14",
        OLD_USER,
    ),
    ("claude-cli/2.0.76 (external, sdk-py)", "claude-code-20250219", OLD_USER),
    ("claude-cli/2.1.96 (external, claude-code-github-action)", "claude-code-20250219", JSON_USER),
    (
        "claude-cli/2.1.197 (external, sdk-cli)",
        "claude-code-20250219,context-1m-2025-08-07",
        JSON_USER,
    ),
];

/// A request of Claude Code.
fn claude_code(key: &str, (agent, betas, user): (&str, &str, &str), stream: bool) -> Request {
    let body = format!(
        r#"{{"model":"{MODEL}","messages":[{{"role":"user","content":"Hi"}}],"metadata":{{"user_id":"{user}"}},"max_tokens":64,"stream":{stream}}}"#
    );
    Request::post("/v1/messages?beta=true", body)
        .bearer(key)
        .header("anthropic-version", "2023-06-01")
        .header("anthropic-beta", betas)
        .header("user-agent", agent)
        .header("x-app", "cli")
}

fn count_tokens(key: &str) -> Request {
    let body = format!(r#"{{"model":"{MODEL}","messages":[{{"role":"user","content":"Hi"}}]}}"#);
    Request::post("/v1/messages/count_tokens?beta=true", body)
        .bearer(key)
        .header("anthropic-version", "2023-06-01")
        .header("anthropic-beta", "token-counting-2024-11-01")
        .header("user-agent", CLAUDE_CODES[5].0)
        .header("x-app", "cli")
}

/// The same without a sign of Claude Code but its name.
fn borrowed_name(key: &str) -> Request {
    Request::model(Dialect::Anthropic, key, MODEL, false).header("user-agent", CLAUDE_CODES[5].0)
}

fn says(answer: &Answer, words: &[&str]) {
    let text = answer.text();
    for word in words {
        assert!(text.contains(word), "{word} in {text}");
    }
}

/// T23, for a provider that serves Claude Code alone.
#[tokio::test]
async fn a_provider_for_claude_code_serves_all_of_it_and_no_other() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start().await;
    let only = json!({ "allowed_clients": ["claude-code"] });
    let provider = switchyard.add_provider("claude", &upstream.url(), only).await;
    let user = switchyard.add_user(json!({})).await;
    for version in CLAUDE_CODES {
        for stream in [true, false] {
            let answer = switchyard.send(&claude_code(&user.key, version, stream)).await;
            assert_eq!(answer.status, 200, "{version:?}: {}", answer.text());
        }
    }
    let counted = switchyard.send(&count_tokens(&user.key)).await;
    assert_eq!(counted.status, 200, "{}", counted.text());
    upstream.always(Script::json(500, answers::error_body(Dialect::Anthropic, 500, "no")));
    let estimated = switchyard.send(&count_tokens(&user.key)).await;
    assert_eq!(estimated.header("x-switchyard-estimate"), Some("1"), "{}", estimated.text());
    upstream.reset();
    assert_eq!(switchyard.failures(provider).await, 0, "counting says nothing about a provider");
    let models = Request::get("/v1/models?limit=1000")
        .bearer(&user.key)
        .header("anthropic-version", "2023-06-01")
        .header("user-agent", "claude-code/2.1.197");
    assert_eq!(switchyard.send(&models).await.status, 200);
    let mut head = Request::get("/");
    "HEAD".clone_into(&mut head.method);
    assert_eq!(switchyard.send(&head).await.status, 200);

    let before = upstream.count();
    let answer = switchyard.send(&borrowed_name(&user.key)).await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    says(&answer, &["allowed_clients", "claude-code", "x-app", "claude-cli"]);
    let other = Request::model(Dialect::Anthropic, &user.key, MODEL, false)
        .header("user-agent", "curl/8.5.0");
    says(&switchyard.send(&other).await, &["allowed_clients", "`curl`"]);
    assert_eq!(upstream.count(), before, "nobody was asked");
}

#[tokio::test]
async fn a_users_lists_of_clients_hold_in_every_dialect() {
    let stand = Stand::new().await;
    let lists = json!({ "name": "Bob", "allowedClients": ["codex", "opencode/1.*"], "blockedClients": ["codex-exec"] });
    let bob = stand.switchyard.add_user(lists).await;
    for dialect in DIALECTS {
        let ask = async |agent: Option<&str>| {
            let request = Request::model(dialect, &bob.key, MODEL, false);
            let request = match agent {
                Some(agent) => request.header("user-agent", agent),
                None => request,
            };
            stand.switchyard.send(&request).await
        };
        assert_eq!(ask(Some("codex_cli_rs/0.9 (x)")).await.status, 200, "{dialect}");
        assert_eq!(ask(Some("opencode/1.18 ai-sdk")).await.status, 200, "{dialect}");
        let blocked = ask(Some("codex_exec/0.169.0 (x)")).await;
        assert_eq!(blocked.status, 400, "{dialect}");
        says(&blocked, &["blocked_clients", "codex-exec", "codex_exec"]);
        let other = ask(Some("curl/8")).await;
        assert_eq!(other.status, 400, "{dialect}");
        says(&other, &["allowed_clients", "`curl`"]);
        let unnamed = ask(None).await;
        assert_eq!(unnamed.status, 400, "{dialect}");
        says(&unnamed, &["User-Agent"]);
    }
    let row = &stand.switchyard.rows_when(5 * DIALECTS.len()).await[0];
    assert_eq!(
        (&row["statusCode"], &row["outcome"]),
        (&json!(400), &json!("client_error")),
        "{row:#}"
    );
}

#[tokio::test]
async fn a_users_lists_of_models_hold_and_a_block_goes_first() {
    let stand = Stand::new().await;
    let lists =
        json!({ "name": "Bob", "allowedModels": [MODEL, "other"], "blockedModels": ["OTHER"] });
    let bob = stand.switchyard.add_user(lists).await;
    let ask = async |model: &str| {
        let request = Request::model(Dialect::Anthropic, &bob.key, model, false);
        stand.switchyard.send(&request).await
    };
    assert_eq!(ask(&MODEL.to_uppercase()).await.status, 200);
    let blocked = ask("other").await;
    assert_eq!(blocked.status, 400);
    says(&blocked, &["may not use"]);
    let unknown = ask("third").await;
    assert_eq!(unknown.status, 400);
    says(&unknown, &["third"]);
    let files = Request::get("/v1/files").bearer(&bob.key);
    let unnamed = stand.switchyard.send(&files).await;
    assert_eq!(unnamed.status, 400, "{}", unnamed.text());
    says(&unnamed, &["names no model"]);
    let listed = Request::get("/v1/models").bearer(&bob.key);
    assert!(!stand.switchyard.send(&listed).await.text().contains("other"));
    let edit = json!({ "userId": bob.id, "blockedModels": [] });
    stand.switchyard.admin("users/editUser", edit).await;
    assert_eq!(ask("other").await.status, 200, "the block was taken back");
}

#[tokio::test]
async fn a_client_that_is_too_old_is_told_what_it_needs() {
    let least = ("SWITCHYARD_MINIMUM_CLIENT_VERSIONS", "claude-code=2.1.0, codex=0.160");
    let stand = Stand::with(&[least]).await;
    let ask = async |at: usize| {
        stand.switchyard.send(&claude_code(&stand.user.key, CLAUDE_CODES[at], false)).await
    };
    let old = ask(3).await;
    assert_eq!(old.status, 400);
    let error = &old.json()["error"];
    assert_eq!(error["type"], "client_upgrade_required", "{error:#}");
    assert_eq!(error["current_version"], "2.0.76");
    assert_eq!(error["required_version"], "2.1.0");
    assert_eq!(error["client_type"], "claude-code-sdk-py");
    assert_eq!(error["client_display_name"], "Claude Agent SDK");
    assert_eq!(ask(4).await.status, 200);
    for dialect in [Dialect::Responses, Dialect::Gemini] {
        let request = Request::model(dialect, &stand.user.key, MODEL, false)
            .header("user-agent", "codex_exec/0.9.1 (x)");
        let answer = stand.switchyard.send(&request).await;
        assert_eq!(answer.status, 400, "{dialect}");
        says(&answer, &["client_upgrade_required", "0.160", "0.9.1"]);
    }
    assert_eq!(stand.ask(Dialect::Anthropic, false).await.status, 200, "who says nothing passes");
}

#[tokio::test]
async fn a_version_in_common_use_is_asked_of_all_once_it_is() {
    let stand = Stand::with(&[("ENABLE_CLIENT_VERSION_CHECK", "true")]).await;
    let ask = async |key: &str, at: usize| {
        stand.switchyard.send(&claude_code(key, CLAUDE_CODES[at], false)).await.status
    };
    // The newest form alone, in two versions.
    let older = ("claude-cli/2.1.90 (external, sdk-cli)", CLAUDE_CODES[5].1, JSON_USER);
    let old =
        async || stand.switchyard.send(&claude_code(&stand.user.key, older, false)).await.status;
    let (bob, eve) = (json!({ "name": "Bob" }), json!({ "name": "Eve" }));
    let bob = stand.switchyard.add_user(bob).await;
    let eve = stand.switchyard.add_user(eve).await;
    assert_eq!(old().await, 200);
    assert_eq!(ask(&bob.key, 5).await, 200);
    assert_eq!(old().await, 200, "one user alone makes nothing common");
    assert_eq!(ask(&eve.key, 5).await, 200);
    assert_eq!(old().await, 400);
    assert_eq!(ask(&stand.user.key, 5).await, 200);
}

fn warmup(key: &str, stream: bool) -> Request {
    let body = format!(
        r#"{{"model":"{MODEL}","max_tokens":9,"stream":{stream},"messages":[{{"role":"user","content":[{{"type":"text","text":"Warmup","cache_control":{{"type":"ephemeral"}}}}]}}]}}"#
    );
    Request::post("/v1/messages", body)
        .header("x-api-key", key)
        .header("anthropic-version", "2023-06-01")
}

fn probe(key: &str) -> Request {
    let body = format!(r#"{{"model":"{MODEL}","messages":[{{"role":"user","content":"foo"}}]}}"#);
    Request::post("/v1/messages/count_tokens", body).header("x-api-key", key)
}

#[tokio::test]
async fn warmups_and_probes_are_relayed_unless_they_are_to_be_answered_here() {
    let stand = Stand::new().await;
    for request in [warmup(&stand.user.key, true), probe(&stand.user.key)] {
        assert_eq!(stand.switchyard.send(&request).await.status, 200);
    }
    assert_eq!(stand.upstream.count(), 2);
}

#[tokio::test]
async fn warmups_and_probes_are_answered_here_where_the_operator_wants_it() {
    let on = [("SWITCHYARD_INTERCEPT_WARMUPS", "true"), ("SWITCHYARD_INTERCEPT_PROBES", "true")];
    let stand = Stand::with(&on).await;
    let whole = stand.switchyard.send(&warmup(&stand.user.key, false)).await;
    assert_eq!((whole.status, &whole.json()["stop_reason"]), (200, &json!("end_turn")));
    assert_eq!(whole.json()["model"], MODEL);
    let streamed = stand.switchyard.send(&warmup(&stand.user.key, true)).await;
    says(&streamed, &["event: message_start", "text_delta", "event: message_stop"]);
    assert_eq!(streamed.header("content-type"), Some("text/event-stream"));
    let counted = stand.switchyard.send(&probe(&stand.user.key)).await;
    assert_eq!(counted.json(), json!({ "input_tokens": 0 }));
    assert_eq!(stand.upstream.count(), 0, "nobody was asked");
    let rows = stand.switchyard.rows_when(3).await;
    for row in &rows {
        assert_eq!((&row["statusCode"], &row["costUsd"]), (&json!(200), &Value::Null), "{row:#}");
        assert!(["warmup", "probe"].iter().any(|by| row["blockedBy"] == *by), "{row:#}");
    }
    let figures = stand.switchyard.send(&Request::get("/metrics")).await.text();
    assert!(figures.contains("switchyard_answered_here_total{kind=\"probe\"} 1"), "{figures}");
    assert!(figures.contains("switchyard_answered_here_total{kind=\"warmup\"} 2"));
    assert_eq!(stand.ask(Dialect::Anthropic, false).await.status, 200);
    assert_eq!(stand.upstream.count(), 1, "others are relayed");
}
