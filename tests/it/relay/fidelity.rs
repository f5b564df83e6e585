//! Bytes in, the same bytes out: a hash of each body on both sides, and the named edits alone.

use std::io::Write as _;

use serde_json::json;
use sha2::{Digest, Sha256};
use switchyard_actors::domain::dialect::Dialect;

use super::stand::Stand;
use crate::support::client::Request;
use crate::support::prices::{DIALECTS, MODEL};
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{self, PLAIN};
use crate::support::upstream::{Script, Upstream};

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[tokio::test]
async fn each_dialect_is_forwarded_byte_for_byte() {
    let stand = Stand::new().await;
    for dialect in DIALECTS {
        for stream in [false, true] {
            stand.upstream.reset();
            let text = "odd \u{1F980} \\u00e9 \" text, 12345678901234567890";
            let request = Request::saying(dialect, &stand.user.key, MODEL, stream, text);
            assert_eq!(stand.switchyard.send(&request).await.status, 200);
            let seen = stand.upstream.only_request();
            assert_eq!(hash(&seen.body), hash(request.body_bytes()), "{dialect} stream {stream}");
        }
    }
}

/// AT-P5. What is above the limit is refused: `bad_requests`.
#[tokio::test]
async fn bodies_of_twelve_forty_and_ninety_nine_megabytes_arrive_unchanged() {
    let stand = Stand::new().await;
    for megabytes in [12, 40, 99] {
        stand.upstream.forget();
        let text = "abc \u{4f60}\u{597d} ".repeat(megabytes * 1_000_000 / 11 + 1);
        let request = Request::saying(Dialect::Anthropic, &stand.user.key, MODEL, false, &text);
        assert!(request.body_bytes().len() > megabytes * 1_000_000);
        let answer = stand.switchyard.send(&request).await;
        assert_eq!(answer.status, 200, "{megabytes} MB: {}", answer.text());
        let seen = stand.upstream.only_request();
        assert_eq!(hash(&seen.body), hash(request.body_bytes()), "{megabytes} MB");
    }
}

#[tokio::test]
async fn a_redirect_changes_the_model_and_nothing_else() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start().await;
    let more = json!({ "model_redirects": { MODEL: "vendor-name" } });
    switchyard.add_provider("claude", &upstream.url(), more).await;
    let user = switchyard.add_user(json!({})).await;
    let text = format!("the words \"model\":\"{MODEL}\" are only text here");
    let request = Request::saying(Dialect::Anthropic, &user.key, MODEL, false, &text);
    assert_eq!(switchyard.send(&request).await.status, 200);
    let sent = String::from_utf8(request.body_bytes().to_vec()).unwrap();
    let own = format!("\"model\":\"{MODEL}\",\"messages\"");
    let expected = sent.replacen(&own, "\"model\":\"vendor-name\",\"messages\"", 1);
    assert_ne!(expected, sent);
    assert_eq!(String::from_utf8_lossy(&upstream.only_request().body), expected);
    let row = switchyard.only_row().await;
    assert_eq!(row["originalModel"], MODEL);
}

#[tokio::test]
async fn usage_is_asked_of_a_chat_stream_and_kept_from_a_client_that_did_not_ask() {
    let stand = Stand::new().await;
    let body = format!(r#"{{"model":"{MODEL}","stream":true,"messages":[]}}"#);
    let request = Request::post("/v1/chat/completions", body.clone()).bearer(&stand.user.key);
    let answer = stand.switchyard.send(&request).await;
    let seen = stand.upstream.only_request();
    assert_eq!(seen.json()["stream_options"]["include_usage"], true);
    assert_ne!(hash(&seen.body), hash(body.as_bytes()));
    let kept: Vec<String> = answers::frames(Dialect::OpenaiChat, MODEL, 3, &PLAIN)
        .into_iter()
        .filter(|frame| !frame.contains("\"usage\""))
        .collect();
    assert_eq!(answer.text(), kept.concat());
    let row = stand.switchyard.only_row().await;
    assert_eq!(row["outputTokens"], PLAIN.output);
}

#[tokio::test]
async fn a_compressed_body_arrives_decoded() {
    let stand = Stand::new().await;
    let plain = Request::model(Dialect::Anthropic, &stand.user.key, MODEL, false);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(plain.body_bytes()).unwrap();
    let packed = gzip.finish().unwrap();
    let squeezed = zstd::stream::encode_all(plain.body_bytes().as_ref(), 1).unwrap();
    let mut brotli = brotli::CompressorWriter::new(Vec::new(), 4_096, 5, 22);
    brotli.write_all(plain.body_bytes()).unwrap();
    let pressed = brotli.into_inner();
    for (coding, body) in [("gzip", packed), ("zstd", squeezed), ("br", pressed)] {
        stand.upstream.reset();
        let request = plain.clone().body(body).header("content-encoding", coding);
        assert_eq!(stand.switchyard.send(&request).await.status, 200, "{coding}");
        let seen = stand.upstream.only_request();
        assert_eq!(hash(&seen.body), hash(plain.body_bytes()), "{coding}");
        assert_eq!(seen.header("content-encoding"), None, "{coding}");
    }
}

#[tokio::test]
async fn the_clients_headers_pass_and_its_key_does_not() {
    let stand = Stand::new().await;
    let request = Request::model(Dialect::Anthropic, &stand.user.key, MODEL, false)
        .header("anthropic-beta", "a-1,b-2,c-unknown")
        .header("X-Claude-Code-Something", "kept")
        .header("expect", "100-continue")
        .header("te", "trailers");
    assert_eq!(stand.switchyard.send(&request).await.status, 200);
    let seen = stand.upstream.only_request();
    assert_eq!(seen.header("anthropic-beta"), Some("a-1,b-2,c-unknown"));
    assert_eq!(seen.header("anthropic-version"), Some("2023-06-01"));
    assert_eq!(seen.header("x-claude-code-something"), Some("kept"));
    assert_eq!(seen.query.as_deref(), Some("beta=true"));
    assert_eq!((seen.header("expect"), seen.header("te")), (None, None));
    let host = stand.upstream.url().replace("http://", "");
    assert_eq!(seen.header("host"), Some(host.as_str()));
    let leaked = seen.headers.iter().any(|(_, value)| value.contains(&stand.user.key));
    assert!(!leaked, "the caller's key stays here: {:?}", seen.headers);
    assert!(seen.key().is_some_and(|key| key.starts_with("upstream-key-")));
}

#[tokio::test]
async fn a_clients_address_stays_here_unless_its_provider_wants_it() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start_with(&[("TRUSTED_PROXIES", "127.0.0.0/8")]).await;
    let provider = switchyard.add_provider("claude", &upstream.url(), json!({})).await;
    let user = switchyard.add_user(json!({})).await;
    let names =
        ["x-forwarded-for", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"];
    let mut request = Request::model(Dialect::Anthropic, &user.key, MODEL, false)
        .header("forwarded", "for=203.0.113.9");
    for name in names {
        request = request.header(name, "203.0.113.9");
    }
    let addresses = async || {
        upstream.forget();
        assert_eq!(switchyard.send(&request).await.status, 200);
        let seen = upstream.only_request();
        let tells = |(name, value): &&(String, String)| {
            let is_host = name.eq_ignore_ascii_case("host");
            !is_host && (value.contains("203.0.113.9") || value.contains("127.0.0.1"))
        };
        let told = seen.headers.iter().filter(tells);
        told.map(|(name, value)| format!("{}: {value}", name.to_lowercase())).collect::<Vec<_>>()
    };
    assert_eq!(addresses().await, [""; 0], "nobody has asked for it");
    let wants = json!({ "providerId": provider, "preserve_client_ip": true });
    switchyard.admin("providers/editProvider", wants).await;
    assert_eq!(addresses().await, ["x-forwarded-for: 203.0.113.9"], "and in no other header");
}

#[tokio::test]
async fn the_vendors_answer_headers_reach_the_client() {
    let stand = Stand::new().await;
    let body = answers::answer(Dialect::Anthropic, MODEL, "Hi.", &PLAIN);
    let script = Script::status(200)
        .header("content-type", "application/json")
        .header("request-id", "req_vendor")
        .header("anthropic-ratelimit-requests-remaining", "7")
        .header("x-of-tomorrow", "yes")
        .body(body);
    stand.upstream.always(script);
    let answer = stand.ask(Dialect::Anthropic, false).await;
    assert_eq!(answer.header("request-id"), Some("req_vendor"));
    assert_eq!(answer.header("x-of-tomorrow"), Some("yes"));
    assert_eq!(answer.header("anthropic-ratelimit-requests-remaining"), Some("7"));
}
