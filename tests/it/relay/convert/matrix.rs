//! Every client at every kind of provider: text, streamed and whole, with an exact row.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::{Dialect, ProviderKind};

use super::read::{read, text};
use super::stand::{Kinds, pairs};
use crate::relay::stand::assert_row;
use crate::support::client::{End, Request};
use crate::support::prices::MODEL;
use crate::support::upstream::answers::{self, Tokens};
use crate::support::upstream::{Match, Rule};

#[tokio::test]
async fn every_client_is_served_by_every_kind_with_an_exact_row() {
    let kinds = Kinds::new().await;
    let mut done = 0;
    for (client, kind) in pairs() {
        for stream in [true, false] {
            let what = format!("{client} at {kind}, stream {stream}");
            let tokens = Tokens::rich(kind.dialect());
            kinds.upstream.reset();
            kinds
                .upstream
                .script(Rule::made(Match::any(), move |seen| answers::good_with(seen, &tokens)));
            let answer = kinds.ask(client, kind, stream).await;
            let said = read(client, stream, &answer);
            let expected = if stream { "piece 0 piece 1 piece 2 " } else { "Hello." };
            assert!(text(&said).starts_with(expected), "{what}: {}", answer.text());
            assert_eq!(said.model.as_deref(), Some(MODEL), "{what}");
            assert_eq!(answer.end, End::Clean, "{what}");
            done += 1;
            let row = kinds.switchyard.rows_when(done).await.remove(0);
            assert_row(&row, 200, &tokens);
            assert_converted(&row, client, kind);
            let seen = kinds.upstream.only_request();
            assert_eq!(seen.wants_stream(), stream, "{what}");
            assert_eq!(seen.model().as_deref(), Some(MODEL), "{what}");
            let place = answers::target(kind.dialect(), MODEL, stream);
            let place = place.split('?').next().expect("a path");
            assert_eq!(seen.path, place, "{what}");
        }
    }
}

fn assert_converted(row: &Value, client: Dialect, kind: ProviderKind) {
    let edit = format!("convert: {client} -> {}", kind.dialect());
    assert_eq!(row["edits"], json!([edit]), "{row:#}");
    assert_eq!(row["providerChain"][0]["decisionContext"]["converted"], true, "{row:#}");
}

#[tokio::test]
async fn nothing_of_who_the_client_is_reaches_a_vendor_of_another_family() {
    let kinds = Kinds::new().await;
    for (client, kind) in pairs() {
        kinds.upstream.reset();
        let request = Request::model(client, kinds.key(kind), MODEL, true)
            .header("user-agent", "claude-cli/2.0.0")
            .header("anthropic-beta", "one")
            .header("x-app", "cli")
            .header("x-stainless-lang", "js")
            .header("originator", "codex_cli_rs")
            .header("openai-organization", "org")
            .header("x-goog-api-client", "gl");
        assert_eq!(kinds.switchyard.send(&request).await.status, 200, "{client} at {kind}");
        let seen = kinds.upstream.only_request();
        for name in ["anthropic-beta", "x-app", "x-stainless-lang", "originator"] {
            assert_eq!(seen.header(name), None, "{client} at {kind}");
        }
        assert_eq!(seen.header("openai-organization"), None, "{client} at {kind}");
        // Google's own backend is told of us, and not of the client.
        assert_ne!(seen.header("x-goog-api-client"), Some("gl"), "{client} at {kind}");
        assert!(seen.header("user-agent").is_some_and(|name| name.starts_with("switchyard/")));
        assert_eq!(seen.header("content-type"), Some("application/json"));
        let version = seen.header("anthropic-version");
        assert_eq!(version.is_some(), kind.dialect() == Dialect::Anthropic, "{client} at {kind}");
        assert!(seen.key().is_some_and(|key| key.starts_with("upstream-key-")));
    }
}

#[tokio::test]
async fn where_requests_are_not_converted_format_leaves_a_provider_out() {
    let kinds = Kinds::with(&[("ENABLE_FORMAT_CONVERSION", "false")]).await;
    let answer = kinds.ask(Dialect::Anthropic, ProviderKind::OpenaiCompatible, true).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert_eq!(kinds.upstream.count(), 0);
}
