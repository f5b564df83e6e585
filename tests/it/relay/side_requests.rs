//! T23: what Claude Code asks beside its conversation is served where only Claude Code is, for every
//! form of it; a borrowed name is not enough; and what goes wrong with a count is nobody's fault.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::support::backing::Backing;
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::upstream::answers::{PLAIN, error_body};
use crate::support::upstream::{Match, Rule, Script, Upstream};

/// What forms of Claude Code call themselves, and their betas.
const FORMS: [(&str, &str); 6] = [
    (
        "claude-cli/1.0.60 (external, cli)",
        "claude-code-20250219,fine-grained-tool-streaming-2025-05-14",
    ),
    ("claude-cli/2.0.14 (external, claude-vscode)", "claude-code-20250219"),
    ("claude-cli/2.0.70 (external, cli)", "interleaved-thinking-2025-05-14"),
    ("claude-cli/2.1.88 (external, sdk-ts)", "claude-code-20250219,context-1m-2025-08-07"),
    ("claude-cli/2.1.197 (external, sdk-cli)", "claude-code-20250219,effort-2025-11-24"),
    ("claude-cli/2.1.330 (external, claude-code-github-action)", "oauth-2025-04-20"),
];

/// A request as a form of Claude Code makes it.
fn genuine(key: &str, path: &str, form: (&str, &str), body: &Value) -> Request {
    Request::post(path, body.to_string())
        .bearer(key)
        .header("anthropic-version", "2023-06-01")
        .header("user-agent", form.0)
        .header("x-app", "cli")
        .header("anthropic-beta", form.1)
}

/// A body with the metadata that all but counts have.
fn asking(text: &str, stream: Option<bool>) -> Value {
    let session = "user_0123_account__session_6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    let mut body = json!({ "model": MODEL, "max_tokens": 1, "metadata": { "user_id": session },
        "messages": [{ "role": "user", "content": text }] });
    if let Some(stream) = stream {
        body["stream"] = json!(stream);
    }
    body
}

fn counting(text: &str) -> Value {
    json!({ "model": MODEL, "messages": [{ "role": "user", "content": text }],
        "tools": [{ "name": "look", "input_schema": { "type": "object" } }] })
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one program's day, in its order")]
async fn all_that_claude_code_asks_is_served_where_nobody_else_is() {
    for backing in Backing::both().await {
        let upstream = Upstream::start();
        let switchyard = backing.start(&[]).await;
        let only = json!({ "allowed_clients": ["claude-code"] });
        let provider = switchyard.add_provider("claude", &upstream.url(), only).await;
        let user = switchyard.add_user(json!({})).await;
        let messages = "/v1/messages?beta=true";
        let mut rows = 0;
        for form in FORMS {
            let name = format!("{} {}", backing.name(), form.0);
            for (path, body) in [
                (messages, asking("Say hello.", Some(true))),
                (messages, asking("Say hello.", Some(false))),
                (messages, asking("quota", None)),
                (messages, asking("Warmup", None)),
                ("/v1/messages/count_tokens?beta=true", counting("How long?")),
            ] {
                let answer = switchyard.send(&genuine(&user.key, path, form, &body)).await;
                assert_eq!(answer.status, 200, "{name} {path} {body}: {}", answer.text());
                assert_eq!(answer.header("x-switchyard-estimate"), None, "{name}");
                rows += 1;
            }
            let mut head = Request::get("/").header("user-agent", "Bun/1.3");
            "HEAD".clone_into(&mut head.method);
            assert_eq!(switchyard.send(&head).await.status, 200, "{name}");
            let list = Request::get("/v1/models?limit=1000")
                .bearer(&user.key)
                .header("anthropic-version", "2023-06-01")
                .header("user-agent", "claude-code/2.1.197");
            assert_eq!(switchyard.send(&list).await.status, 200, "{name}");
        }
        switchyard.rows_when(rows).await;
        upstream.forget();

        // The name alone, and the name with all but one of the rest.
        let form = FORMS[4];
        let named = |path: &str, body: &Value| {
            Request::post(path, body.to_string()).bearer(&user.key).header("user-agent", form.0)
        };
        let mut nameless = asking("Say hello.", None);
        nameless["metadata"] = json!({});
        for (what, request) in [
            ("name alone", named(messages, &asking("Say hello.", None))),
            ("count by name alone", named("/v1/messages/count_tokens", &counting("How long?"))),
            ("no metadata", genuine(&user.key, messages, form, &nameless)),
        ] {
            let answer = switchyard.send(&request).await;
            assert_eq!(answer.status, 400, "{what}: {}", answer.text());
            let rule = "allowed_clients has only `claude-code`";
            assert!(answer.text().contains(rule), "{what}: {}", answer.text());
            rows += 1;
        }
        assert_eq!(upstream.count(), 0, "a borrowed name reaches nobody");

        // Counts that fail in every way.
        for status in [400, 404, 429, 500, 529] {
            upstream.reset();
            let body = error_body(Dialect::Anthropic, status, "no counts today");
            let counts = Match::any().path("count_tokens");
            upstream.script(Rule::new(counts, Script::json(status, body)));
            for _ in 0..6 {
                let count = genuine(&user.key, "/v1/messages/count_tokens", form, &counting("x"));
                let answer = switchyard.send(&count).await;
                assert_eq!(answer.status, if status == 400 { 400 } else { 200 }, "{status}");
                rows += 1;
            }
        }
        assert_eq!(switchyard.failures(provider).await, 0, "no breaker heard of it");
        let answer = switchyard
            .send(&genuine(&user.key, messages, form, &asking("Still there?", None)))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        for row in switchyard.rows_when(rows + 1).await {
            let counted =
                row["endpoint"].as_str().is_some_and(|path| path.ends_with("count_tokens"));
            assert!(!counted || row["costUsd"].is_null(), "counting is never billed: {row:#}");
            if row["statusCode"] == 200 && !counted {
                assert_eq!(row["inputTokens"], PLAIN.input);
            }
        }
    }
}
