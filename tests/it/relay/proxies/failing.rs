//! Proxies that fail: what clients, rows and operators are told, and that nobody goes around them.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Behind, DIALECT};
use crate::support::client::{End, Request};
use crate::support::launch;
use crate::support::person::Person;
use crate::support::prices::MODEL;
use crate::support::proxies::{NameProxy, Proxy, Rules};
use crate::support::upstream::answers::{error_body, truncated};
use crate::support::upstream::{Script, Upstream};

/// Returns what the chain tells of the only try of the newest of so many rows.
async fn told(behind: &Behind, rows: usize) -> String {
    let row = behind.row(rows).await;
    assert_eq!(row["statusCode"], 503, "{row:#}");
    let chain = row["providerChain"].as_array().unwrap();
    assert!(chain.iter().all(|link| link["reason"] == "system_error"), "{row:#}");
    assert_eq!(chain[0]["statusCodeInferred"], true, "{row:#}");
    chain[0]["errorMessage"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn wrong_and_missing_credentials_are_named_as_such_and_printed_nowhere() {
    let behind = Behind::new().await;
    let asks = Rules { asks: true, ..Rules::default() };
    let (http, socks) = (Proxy::tinyproxy(asks), Proxy::microsocks(true));
    let https = Proxy::stunnel(http.port());
    let mut rows = 0;
    for (proxy, scheme) in
        [(&http, "http"), (&https, "https"), (&socks, "socks5"), (&socks, "socks5h")]
    {
        for tls in [false, true] {
            for wrong in [true, false] {
                let mut url = proxy.url(scheme);
                if wrong {
                    url = url.replacen("://", "://mallory:open-sesame@", 1);
                }
                let more = json!({});
                let provider =
                    if tls { behind.tls(&url, more).await } else { behind.plain(&url, more).await };
                let answer = behind.ask(true).await;
                assert_eq!(answer.status, 503, "{}", answer.text());
                assert!(!answer.text().contains("proxy"), "not the client's: {}", answer.text());
                rows += 1;
                let told = told(&behind, rows).await;
                let meaning =
                    if wrong { "refused the credentials" } else { "asks for credentials" };
                // tinyproxy does not read the body of a request that it refuses: its answer may be
                // lost with the connection.
                let lost = !tls && scheme.starts_with("http") && told.contains("without an answer");
                assert!(told.contains(meaning) || lost, "{scheme} tls {tls} wrong {wrong}: {told}");
                assert!(told.contains(&proxy.url(scheme)), "which one: {told}");
                behind.remove(provider).await;
            }
        }
    }
    assert_eq!(behind.upstream.count(), 0, "nothing reached the vendor");
    let rows = behind.switchyard.all_rows().await;
    let all = format!("{} {}", behind.switchyard.logs(), Value::from(rows));
    assert!(!all.contains("open-sesame") && !all.contains("mallory"), "credentials are printed");
}

#[tokio::test]
async fn each_way_a_proxy_fails_is_told_and_ends_in_time() {
    let behind = Behind::with(&[("FETCH_CONNECT_TIMEOUT", "1000")]).await;
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().unwrap().port();
    let closed = launch::free_port();
    let names = NameProxy::start(&[]);
    let strict = Proxy::tinyproxy(Rules { only_443: true, ..Rules::default() });
    let vendor = behind.upstream.url();
    let secured = behind.secured.url("https");
    let nowhere = format!("https://localhost:{}", launch::free_port());
    let unknown = "http://no-such-vendor.invalid".to_owned();
    let socks = Proxy::microsocks(false);
    let tinyproxy = Proxy::tinyproxy(Rules::default());
    let forwarding = Upstream::start();
    let error = Script::status(502).header("x-squid-error", "ERR_DNS_FAIL 0");
    forwarding.always(error.header("content-type", "text/html").body("<html>no such host"));
    let mut rows = 0;
    for (url, proxy, meaning) in [
        (&vendor, format!("socks5://127.0.0.1:{closed}"), "cannot be reached: Connection refused"),
        (&vendor, format!("http://127.0.0.1:{closed}"), "cannot be reached: Connection refused"),
        (&vendor, "socks5h://no-such-proxy.invalid:1080".to_owned(), "cannot be reached"),
        (&vendor, format!("socks5://127.0.0.1:{silent}"), "within 1000 ms"),
        (&secured, format!("http://127.0.0.1:{silent}"), "within 1000 ms"),
        (&vendor, format!("https://localhost:{silent}"), "within 1000 ms"),
        (&vendor, format!("https://localhost:{}", socks.port()), "over TLS"),
        (&secured, strict.url("http"), "answered with status 403"),
        (&nowhere, tinyproxy.url("http"), "answered with status 5"),
        (&unknown, names.url("socks5h"), "it cannot reach the provider's host"),
        // A SOCKS proxy that is none.
        (&vendor, strict.url("socks5"), "the proxy socks5://127.0.0.1"),
        // Forwarded, and the proxy cannot: it says so in its own name.
        (&unknown, forwarding.url(), "answered with status 502"),
    ] {
        let provider = behind.provider(url, &proxy, json!({ "max_retry_attempts": 1 })).await;
        let begun = Instant::now();
        let answer = behind.ask(true).await;
        assert_eq!(answer.status, 503, "{proxy}: {}", answer.text());
        assert!(begun.elapsed() < Duration::from_secs(15), "{proxy}: {:?}", begun.elapsed());
        rows += 1;
        let told = told(&behind, rows).await;
        assert!(told.contains(meaning), "{url} through {proxy}: {told}");
        behind.remove(provider).await;
    }
    assert_eq!(behind.upstream.count(), 0, "nobody went around a proxy");
    let figures = behind.figures().await;
    for label in ["unreachable", "tls", "declined", "late"] {
        let line = format!("switchyard_proxy_failures_total{{outcome=\"{label}\"}} ");
        let count = figures.lines().find_map(|found| found.strip_prefix(&line)).unwrap();
        assert_ne!(count, "0", "{label}");
    }
}

#[tokio::test]
async fn a_proxy_that_refuses_is_no_reason_to_ask_every_address() {
    let behind = Behind::new().await;
    let socks = Proxy::microsocks(true);
    let further = json!({ "endpoints": [behind.upstream.url(), "http://127.0.0.1:9"] });
    behind.plain(&socks.url("socks5h"), further).await;
    assert_eq!(behind.ask(true).await.status, 503);
    let row = behind.row(1).await;
    assert_eq!(row["providerChain"].as_array().unwrap().len(), 1, "one try says it all: {row:#}");
}

#[tokio::test]
async fn a_vendors_own_errors_are_the_vendors_through_a_proxy_too() {
    let behind = Behind::new().await;
    let http = Proxy::tinyproxy(Rules::default());
    behind.plain(&http.url("http"), json!({ "max_retry_attempts": 1 })).await;
    let body = error_body(DIALECT, 500, "the vendor's own trouble");
    let error = Script::status(500).header("content-type", "application/json").body(body);
    behind.upstream.always(error);
    behind.ask(true).await;
    let row = behind.row(1).await;
    let link = &row["providerChain"][0];
    assert_eq!((&link["reason"], &link["statusCode"]), (&json!("retry_failed"), &json!(500)));
    assert_eq!(link["errorMessage"], "the vendor's own trouble", "{row:#}");
}

#[tokio::test]
async fn a_proxy_that_dies_in_the_middle_ends_the_stream_as_a_fault() {
    let behind = Behind::new().await;
    for (rows, tls) in [(1, false), (2, true)] {
        let mut http = Proxy::tinyproxy(Rules::default());
        let url = http.url("http");
        let provider = if tls {
            behind.tls(&url, json!({})).await
        } else {
            behind.plain(&url, json!({})).await
        };
        behind.upstream.reset();
        behind.upstream.always(truncated(DIALECT, MODEL, 3).stall());
        let mut live = behind.open().await;
        live.frame_with("piece 2").await;
        http.kill();
        let answer = live.finish().await.unwrap();
        assert_eq!(answer.end, End::Clean, "the client's own stream ends well");
        assert!(answer.text().contains("event: error"), "{}", answer.text());
        assert!(!answer.text().contains("message_stop"), "{}", answer.text());
        let row = behind.row(rows).await;
        assert_eq!(row["statusCode"], 502, "{row:#}");
        behind.remove(provider).await;
    }
}

#[tokio::test]
async fn a_bad_address_that_came_in_by_another_door_is_never_gone_around() {
    let mut behind = Behind::new().await;
    let fallback = json!({ "proxy_fallback_to_direct": true });
    let id = behind.plain("http://proxy.example:3128", fallback).await;
    behind.switchyard.sigkill();
    let file = rusqlite::Connection::open(behind.switchyard.data().join("switchyard.db")).unwrap();
    let set =
        "UPDATE providers SET proxy_url = 'alice:open-sesame@proxy.example:3128' WHERE id = ?1";
    file.execute(set, [id]).unwrap();
    drop(file);
    behind.switchyard.restart().await;
    let answer = behind.ask(true).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert_eq!(behind.upstream.connections(), 0, "nobody went there directly");
    let said = behind.events("proxy.unusable");
    assert_eq!(said[0]["provider.id"], id, "{said:?}");
    assert!(said[0]["error"].as_str().unwrap().contains("write http://"), "{said:?}");
    assert!(!behind.switchyard.logs().contains("open-sesame"), "{}", behind.switchyard.logs());
    let list = Request::get("/v1/models").header("x-api-key", &behind.user.key);
    behind.switchyard.send(&list.header("anthropic-version", "2023-06-01")).await;
    assert_eq!(behind.upstream.connections(), 0, "not for a list of models either");
    let person = Person::admin(&behind.switchyard).await;
    assert!(person.page("/providers").await.contains("proxy’s address cannot be used"));
}
