//! What goes through: every kind of proxy, with and without TLS to the vendor.

use std::net::SocketAddr;

use serde_json::json;

use super::{Behind, DIALECT};
use crate::support::client::{End, Request};
use crate::support::prices::MODEL;
use crate::support::proxies::{CODED, NameProxy, PASSWORD, Proxy, Rules};
use crate::support::upstream::answers::{self, PLAIN, truncated};
use crate::support::upstream::{Script, Upstream};
use crate::support::waiting::{self, SOON};

/// Long enough for many reads and writes on the way.
fn long_stream() -> Vec<String> {
    answers::frames(DIALECT, MODEL, 400, &PLAIN)
}

#[tokio::test]
async fn each_kind_of_proxy_passes_answers_and_streams_on_byte_by_byte() {
    let behind = Behind::new().await;
    let (http, socks) =
        (Proxy::tinyproxy(Rules { asks: true, ..Rules::default() }), Proxy::microsocks(true));
    let https = Proxy::stunnel(http.port());
    let four = NameProxy::start(&[]);
    let whole = answers::answer(DIALECT, MODEL, "Hello.", &PLAIN);
    let frames = long_stream();
    let mut rows = 0;
    for (proxy, heard) in [
        (http.url_with_user("http"), Some(&http)),
        (https.url_with_user("https"), Some(&http)),
        (socks.url_with_user("socks5"), Some(&socks)),
        (socks.url_with_user("socks5h"), Some(&socks)),
        (four.url("socks4"), None),
    ] {
        for tls in [false, true] {
            let more = json!({});
            let provider =
                if tls { behind.tls(&proxy, more).await } else { behind.plain(&proxy, more).await };
            let before = heard.map_or(0, |proxy| proxy.said().len());
            behind.upstream.reset();
            behind.upstream.once(Script::json(200, whole.clone()));
            behind.upstream.once(Script::frames(frames.clone()));
            let answer = behind.ask(false).await;
            assert_eq!((answer.status, answer.text()), (200, whole.clone()), "{proxy} tls {tls}");
            let answer = behind.ask(true).await;
            assert_eq!((answer.status, answer.end), (200, End::Clean), "{proxy} tls {tls}");
            assert_eq!(answer.text(), frames.concat(), "{proxy} tls {tls}");
            for seen in behind.upstream.requests() {
                assert_eq!(seen.header("proxy-authorization"), None, "{proxy} tls {tls}");
                assert_eq!(seen.path, "/v1/messages", "{proxy} tls {tls}");
            }
            rows += 2;
            let row = behind.row(rows).await;
            assert_eq!(row["statusCode"], 200, "{row:#}");
            assert_eq!(row["providerChain"][0]["id"], provider, "{row:#}");
            if let Some(proxy) = heard {
                waiting::until_true("the proxy tells of it", SOON, || proxy.said().len() > before)
                    .await;
            }
            behind.remove(provider).await;
        }
    }
    assert_eq!(four.asked().len(), 2, "one connection each: {:?}", four.asked());
    let log = behind.switchyard.logs();
    for part in [CODED, PASSWORD, "p-a_s", "p%2Da"] {
        assert!(!log.contains(part), "{part} is in the log");
    }
}

#[tokio::test]
async fn a_name_is_resolved_by_the_proxy_or_here_as_the_scheme_says() {
    let behind = Behind::new().await;
    let address: SocketAddr = behind.upstream.url()["http://".len()..].parse().unwrap();
    let port = address.port();
    let proxy = NameProxy::start(&[("vendor.only-there.invalid", address)]);
    let url = format!("http://vendor.only-there.invalid:{port}");
    let there = behind.provider(&url, &proxy.url("socks5h"), json!({})).await;
    assert_eq!(behind.ask(true).await.status, 200);
    assert_eq!(proxy.asked(), [format!("5 vendor.only-there.invalid:{port}")]);
    assert_eq!(behind.upstream.only_request().header("host"), Some(&url["http://".len()..]));
    behind.remove(there).await;

    let here = behind.provider(&url, &proxy.url("socks5"), json!({})).await;
    assert_eq!(behind.ask(true).await.status, 503, "nobody knows the name here");
    assert_eq!(proxy.asked().len(), 1, "the proxy is not even asked");
    behind.remove(here).await;

    let url = format!("http://localhost:{port}");
    behind.provider(&url, &proxy.url("socks5"), json!({})).await;
    assert_eq!(behind.ask(true).await.status, 200);
    let asked = proxy.asked();
    assert!(asked[1..].contains(&format!("5 127.0.0.1:{port}")), "an address: {asked:?}");
    assert!(!asked.iter().any(|asked| asked.contains("localhost")), "no name: {asked:?}");
}

#[tokio::test]
async fn a_tunnel_is_used_again_and_let_go_when_nobody_names_its_proxy() {
    let behind = Behind::new().await;
    let (http, socks) = (Proxy::tinyproxy(Rules::default()), Proxy::microsocks(false));
    let id = behind.plain(&socks.url("socks5h"), json!({})).await;
    for _ in 0..5 {
        assert_eq!(behind.ask(true).await.status, 200);
    }
    assert_eq!(behind.upstream.connections(), 1, "kept alive through SOCKS");
    let secured = behind.secured.url("https");
    behind.edit(id, json!({ "url": secured, "proxy_url": http.url("http") })).await;
    waiting::until_true("the former tunnel is closed", 2 * SOON, || {
        behind.upstream.open_connections() == 0
    })
    .await;
    for _ in 0..5 {
        assert_eq!(behind.ask(true).await.status, 200);
    }
    assert_eq!(behind.upstream.connections(), 2, "kept alive through CONNECT, TLS inside");
    assert_eq!(behind.upstream.count(), 10);
}

#[tokio::test]
async fn a_cut_is_seen_through_every_tunnel() {
    let behind = Behind::new().await;
    let (http, socks) = (Proxy::tinyproxy(Rules::default()), Proxy::microsocks(false));
    let https = Proxy::stunnel(http.port());
    let mut rows = 0;
    for proxy in [http.url("http"), https.url("https"), socks.url("socks5")] {
        for tls in [false, true] {
            let more = json!({ "circuit_breaker_failure_threshold": 100 });
            let provider =
                if tls { behind.tls(&proxy, more).await } else { behind.plain(&proxy, more).await };
            let begun = || truncated(DIALECT, MODEL, 3);
            let within = begun().cut_chunk(answers::middle_frame(DIALECT, MODEL), 9);
            for script in [begun().fin(), within] {
                behind.upstream.reset();
                behind.upstream.always(script);
                let answer = behind.ask(true).await;
                let text = answer.text();
                assert_eq!((answer.status, answer.end), (200, End::Clean), "{proxy} tls {tls}");
                assert!(text.contains("piece 2") && text.contains("event: error"), "{text}");
                assert!(!text.contains("message_stop"), "{proxy} tls {tls}: {text}");
                rows += 1;
                let row = behind.row(rows).await;
                assert_eq!(row["statusCode"], 502, "{proxy} tls {tls}: {row:#}");
            }
            behind.remove(provider).await;
        }
    }
}

#[tokio::test]
async fn a_redirect_is_never_followed_directly_or_through_a_proxy() {
    let behind = Behind::new().await;
    let elsewhere = Upstream::start();
    let proxy = Proxy::microsocks(false);
    let http = Proxy::tinyproxy(Rules::default());
    for proxy in [String::new(), proxy.url("socks5h"), http.url("http")] {
        let more = json!({ "circuit_breaker_failure_threshold": 100, "max_retry_attempts": 1 });
        let provider = behind.plain(&proxy, more).await;
        for status in [301, 302, 303, 307, 308] {
            behind.upstream.reset();
            let target = format!("{}/v1/messages", elsewhere.url());
            let moved = Script::status(status).header("location", &target).body("moved");
            behind.upstream.always(moved);
            let answer = behind.ask(true).await;
            assert_eq!(answer.status, 503, "{proxy:?} {status}: {}", answer.text());
            assert_eq!(behind.upstream.count(), 1, "{proxy:?} {status}");
        }
        behind.remove(provider).await;
    }
    assert_eq!(elsewhere.connections(), 0, "nobody went there");
}

#[tokio::test]
async fn lists_of_models_are_asked_for_through_the_proxy() {
    let behind = Behind::new().await;
    let proxy = NameProxy::start(&[]);
    behind.plain(&proxy.url("socks5h"), json!({})).await;
    let list = json!({ "data": [{ "id": "model-behind-the-proxy" }] });
    behind.upstream.always(Script::json(200, list.to_string()));
    let request = Request::get("/v1/models")
        .header("x-api-key", &behind.user.key)
        .header("anthropic-version", "2023-06-01");
    let answer = behind.switchyard.send(&request).await;
    assert!(answer.text().contains("model-behind-the-proxy"), "{}", answer.text());
    assert_eq!(proxy.asked().len(), 1, "{:?}", proxy.asked());
}

#[tokio::test]
async fn what_is_private_as_it_stands_is_refused_and_names_are_the_proxys_matter() {
    let mut behind = Behind::new().await;
    let address: SocketAddr = behind.upstream.url()["http://".len()..].parse().unwrap();
    let proxy = NameProxy::start(&[("vendor.only-there.invalid", address)]);
    let (five, named) = (proxy.url("socks5"), proxy.url("socks5h"));
    let literal = behind.plain(&named, json!({})).await;
    let here =
        behind.provider(&format!("http://localhost:{}", address.port()), &five, json!({})).await;
    behind.switchyard.sigterm();
    behind.switchyard.wait_exit(std::time::Duration::from_secs(20));
    behind.switchyard.restart_with(&[("ALLOW_PRIVATE_PROVIDER_URLS", "false")]).await;
    assert_eq!(behind.ask(true).await.status, 503);
    assert!(proxy.asked().is_empty(), "the proxy is not asked: {:?}", proxy.asked());
    let row = behind.row(1).await;
    let why = row["providerChain"].to_string();
    assert!(why.contains("ALLOW_PRIVATE_PROVIDER_URLS"), "{why}");
    behind.remove(literal).await;
    behind.remove(here).await;
    let url = format!("http://vendor.only-there.invalid:{}", address.port());
    behind.provider(&url, &named, json!({})).await;
    assert_eq!(behind.ask(true).await.status, 200, "the proxy itself may be at a private address");
}
