//! The key in each of its four places, several at once, and keys that may not be used.

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use super::stand::Stand;
use crate::support::client::Request;
use crate::support::prices::{DIALECTS, MODEL};
use crate::support::switchyard::Switchyard;
use crate::support::upstream::{Upstream, answers};

/// A request of the dialect without a key.
fn bare(dialect: Dialect) -> Request {
    let target = answers::target(dialect, MODEL, false);
    Request::post(&target, answers::request(dialect, MODEL, false, "Say hello."))
}

/// The same with the key in the query.
fn in_query(dialect: Dialect, key: &str) -> Request {
    let mut request = bare(dialect);
    let mark = if request.target.contains('?') { '&' } else { '?' };
    request.target = format!("{}{mark}key={key}", request.target);
    request
}

#[tokio::test]
async fn every_dialect_takes_the_key_in_any_of_four_places() {
    let stand = Stand::new().await;
    let key = &stand.user.key;
    for dialect in DIALECTS {
        let requests = [
            bare(dialect).bearer(key),
            bare(dialect).header("authorization", &format!("bearer {key}")),
            bare(dialect).header("x-api-key", key),
            bare(dialect).header("x-goog-api-key", key),
            in_query(dialect, key),
        ];
        for request in requests {
            stand.upstream.reset();
            let answer = stand.switchyard.send(&request).await;
            assert_eq!(answer.status, 200, "{dialect} {}: {}", request.target, answer.text());
            let seen = stand.upstream.only_request();
            let query = seen.query.clone().unwrap_or_default();
            assert!(!query.contains(key.as_str()), "{dialect}: the key stays here: {query}");
            assert!(seen.headers.iter().all(|(_, value)| !value.contains(key.as_str())));
        }
    }
}

/// AT-P7: some gateways refuse a request with two.
#[tokio::test]
async fn each_kind_of_provider_gets_its_own_credential_and_no_other() {
    const NAMES: [&str; 3] = ["authorization", "x-api-key", "x-goog-api-key"];
    for (kind, dialect, own) in [
        ("claude", Dialect::Anthropic, "x-api-key"),
        ("claude-auth", Dialect::Anthropic, "authorization"),
        ("codex", Dialect::Responses, "authorization"),
        ("openai-compatible", Dialect::OpenaiChat, "authorization"),
        ("gemini", Dialect::Gemini, "x-goog-api-key"),
        ("gemini-cli", Dialect::GeminiCli, "x-goog-api-key"),
    ] {
        let upstream = Upstream::start();
        let switchyard = Switchyard::start().await;
        let custom = json!({ "custom_headers": { "x-vendor": "yes" } });
        switchyard.add_provider(kind, &upstream.url(), custom).await;
        let user = switchyard.add_user(json!({})).await;
        for name in NAMES {
            let value = if name == "authorization" {
                format!("Bearer {}", user.key)
            } else {
                user.key.clone()
            };
            upstream.forget();
            let answer = switchyard.send(&bare(dialect).header(name, &value)).await;
            assert_eq!(answer.status, 200, "{kind}: {}", answer.text());
            let seen = upstream.only_request();
            let sent: Vec<&str> =
                NAMES.into_iter().filter(|name| seen.header(name).is_some()).collect();
            assert_eq!(sent, [own], "{kind}");
            assert_eq!(
                (seen.key(), seen.header("x-vendor")),
                (Some("upstream-key-1"), Some("yes"))
            );
        }
    }
}

#[tokio::test]
async fn the_same_key_twice_is_fine_and_two_keys_are_a_conflict() {
    let stand = Stand::new().await;
    let other = stand.switchyard.add_key(stand.user.id, "other", json!({})).await;
    let key = &stand.user.key;
    for dialect in DIALECTS {
        let same = bare(dialect).bearer(key).header("x-api-key", key);
        assert_eq!(stand.switchyard.send(&same).await.status, 200, "{dialect}");
        let two = bare(dialect).bearer(key).header("x-api-key", &other);
        let answer = stand.switchyard.send(&two).await;
        assert_eq!(answer.status, 401, "{dialect}: {}", answer.text());
    }
}

#[tokio::test]
async fn who_may_not_come_in_is_told_so_in_the_dialect() {
    let stand = Stand::new().await;
    let user = stand.switchyard.add_user(json!({ "name": "Grace" })).await;
    let off = json!({ "keyId": user.key_id, "name": "default", "isEnabled": false });
    stand.switchyard.admin("keys/editKey", off).await;
    let gone = stand.switchyard.add_user(json!({ "name": "Edsger" })).await;
    let off = json!({ "userId": gone.id, "isEnabled": false });
    stand.switchyard.admin("users/editUser", off).await;
    let unknown = "sk-00000000000000000000000000000000";
    for dialect in DIALECTS {
        let cases = [
            ("no key", bare(dialect)),
            ("unknown key", bare(dialect).bearer(unknown)),
            ("disabled key", bare(dialect).bearer(&user.key)),
            ("disabled user", bare(dialect).bearer(&gone.key)),
        ];
        for (what, request) in cases {
            let answer = stand.switchyard.send(&request).await;
            assert_eq!(answer.status, 401, "{dialect}, {what}: {}", answer.text());
            let body = answer.json();
            assert!(body["error"]["message"].is_string(), "{dialect}, {what}: {body}");
            if dialect == Dialect::Anthropic {
                assert_eq!(body["type"], "error", "{what}: {body}");
            }
        }
    }
    assert_eq!(stand.upstream.count(), 0, "nobody was let through");
    assert!(stand.switchyard.is_quiet_about(&user.key), "keys never reach the log");
}

#[tokio::test]
async fn a_disabled_key_harms_no_other_key_of_the_same_address() {
    let stand = Stand::new().await;
    let user = stand.switchyard.add_user(json!({ "name": "Grace" })).await;
    let off = json!({ "keyId": user.key_id, "name": "default", "isEnabled": false });
    stand.switchyard.admin("keys/editKey", off).await;
    for _ in 0..100 {
        let answer = stand.switchyard.send(&bare(Dialect::Anthropic).bearer(&user.key)).await;
        assert_eq!(answer.status, 401);
    }
    assert_eq!(stand.ask(Dialect::Anthropic, false).await.status, 200);
}

impl crate::support::switchyard::Switchyard {
    fn is_quiet_about(&self, secret: &str) -> bool {
        !self.logs().contains(secret)
    }
}
