//! Going around a proxy that fails, where the provider says so, and what people see of a proxy.

use serde_json::{Value, json};

use super::Behind;
use crate::support::client::Request;
use crate::support::launch;
use crate::support::person::Person;
use crate::support::proxies::Proxy;
use crate::support::upstream::{Script, Upstream};

#[tokio::test]
async fn a_request_goes_around_a_failed_proxy_only_where_the_provider_says_so() {
    let behind = Behind::new().await;
    let dead = format!("http://127.0.0.1:{}", launch::free_port());
    let id = behind.plain(&dead, json!({ "circuit_breaker_failure_threshold": 100 })).await;
    assert_eq!(behind.ask(true).await.status, 503);
    assert_eq!(behind.upstream.connections(), 0, "never directly by itself");
    assert!(behind.events("proxy.fallback_to_direct").is_empty());

    behind.edit(id, json!({ "proxy_fallback_to_direct": true })).await;
    for stream in [true, false] {
        assert_eq!(behind.ask(stream).await.status, 200);
    }
    assert_eq!(behind.upstream.count(), 2);
    let row = behind.row(3).await;
    let chain = row["providerChain"].as_array().unwrap();
    assert_eq!(chain.len(), 1, "it is one try: {row:#}");
    assert_eq!(chain[0]["reason"], "request_success", "{row:#}");
    let told = chain[0]["proxyFallback"].as_str().unwrap();
    assert!(told.contains(&dead) && told.contains("cannot be reached"), "{told}");
    let lines = behind.events("proxy.fallback_to_direct");
    assert_eq!(lines.len(), 2, "each time: {lines:?}");
    assert_eq!((&lines[0]["provider.id"], &lines[0]["level"]), (&json!(id), &json!("WARN")));
    assert_eq!(lines[0]["request.id"].as_str().unwrap().len(), 36, "{lines:?}");
    let figures = behind.figures().await;
    assert!(figures.contains("switchyard_proxy_fallbacks_total 2\n"), "{figures}");
    let up = format!("switchyard_proxy_up{{provider=\"{id}\"}} 0\n");
    assert!(figures.contains(&up), "{figures}");
    let person = Person::admin(&behind.switchyard).await;
    let page = person.page(&format!("/requests/{}", row["id"].as_str().unwrap())).await;
    assert!(page.contains("around the proxy") && page.contains(&dead), "{page}");
}

#[tokio::test]
async fn a_fallback_that_fails_too_is_told_with_both_reasons() {
    let behind = Behind::new().await;
    let dead = format!("socks5h://127.0.0.1:{}", launch::free_port());
    let nobody = format!("http://127.0.0.1:{}", launch::free_port());
    let more = json!({ "proxy_fallback_to_direct": true, "max_retry_attempts": 1 });
    behind.provider(&nobody, &dead, more).await;
    assert_eq!(behind.ask(true).await.status, 503);
    let row = behind.row(1).await;
    let link = &row["providerChain"][0];
    assert!(link["proxyFallback"].as_str().unwrap().contains(&dead), "{row:#}");
    let error = link["errorMessage"].as_str().unwrap();
    assert!(error.contains("connecting failed") && !error.contains("proxy"), "{error}");
}

#[tokio::test]
async fn where_a_proxy_is_only_admins_see() {
    let behind = Behind::new().await;
    let dead = format!("http://127.0.0.1:{}", launch::free_port());
    let id = behind.plain(&dead, json!({ "max_retry_attempts": 1 })).await;
    assert_eq!(behind.ask(true).await.status, 503);
    behind.edit(id, json!({ "proxy_fallback_to_direct": true })).await;
    assert_eq!(behind.ask(true).await.status, 200);
    let rows = behind.switchyard.rows_when(2).await;
    let (around, failed) = (&rows[0], &rows[1]);
    assert!(failed["errorMessage"].as_str().unwrap().contains(&dead), "{failed:#}");

    let place = dead.strip_prefix("http://").unwrap();
    let key = &behind.user.key;
    let request = Request::post("/api/actions/usage-logs/getUsageLogs", json!({}).to_string())
        .bearer(key)
        .header("cookie", &format!("auth-token={key}"));
    let answer = behind.switchyard.send(&request).await;
    let own = answer.json();
    assert!(!answer.text().contains(place), "{own:#}");
    let logs = &own["data"]["logs"];
    let said = "the upstream could not be reached, try again later";
    assert_eq!(logs[1]["errorMessage"], said, "as the client was told: {own:#}");
    assert_eq!(logs[1]["providerChain"][0].get("errorMessage"), None);
    let around_it = &logs[0]["providerChain"][0]["proxyFallback"];
    assert_eq!(around_it, "the outbound proxy cannot be reached");

    let owner = Person::with_key(&behind.switchyard, key).await;
    let key_page = format!("/keys/{}", behind.user.key_id);
    for target in [
        "/dashboard".to_owned(),
        "/requests".to_owned(),
        key_page,
        page_of(failed),
        page_of(around),
    ] {
        let page = owner.page(&target).await;
        assert!(!page.contains(place), "{target}: {page}");
    }
    assert!(owner.page(&page_of(failed)).await.contains(said));
}

fn page_of(row: &Value) -> String {
    format!("/requests/{}", row["id"].as_str().unwrap())
}

#[tokio::test]
async fn wrong_credentials_of_a_forwarding_proxy_are_gone_around_too() {
    let behind = Behind::new().await;
    let http = Upstream::start();
    let asks = Script::status(407).header("proxy-authenticate", "Basic realm=\"p\"");
    http.always(asks.body("who?"));
    let more = json!({ "proxy_fallback_to_direct": true });
    behind.plain(&http.url(), more).await;
    assert_eq!(behind.ask(true).await.status, 200);
    assert!(http.only_request().path.starts_with("http://"), "the whole address, to the proxy");
    let seen = behind.upstream.only_request();
    assert_eq!(seen.path, "/v1/messages", "the direct request is an ordinary one");
    let row = behind.row(1).await;
    let told = row["providerChain"][0]["proxyFallback"].as_str().unwrap();
    assert!(told.contains("asks for credentials"), "{told}");
}

#[tokio::test]
async fn people_see_how_a_proxy_did_last_and_that_it_works_again() {
    let behind = Behind::new().await;
    let (asks, open) = (Proxy::microsocks(true), Proxy::microsocks(false));
    let more = json!({ "circuit_breaker_failure_threshold": 100 });
    let id = behind.plain(&asks.url("socks5h"), more).await;
    let person = Person::admin(&behind.switchyard).await;
    let page = person.page("/providers").await;
    assert!(page.contains(&asks.url("socks5h")) && page.contains("not used yet"), "{page}");
    let list = Request::get("/v1/models").header("x-api-key", &behind.user.key);
    let list = behind.switchyard.send(&list.header("anthropic-version", "2023-06-01")).await;
    assert_eq!(
        (list.status, behind.upstream.count()),
        (200, 0),
        "it could not be asked for its models"
    );
    assert!(!behind.figures().await.contains("switchyard_proxy_up{"), "neither well nor badly");

    assert_eq!(behind.ask(true).await.status, 503);
    let page = person.page("/providers").await;
    assert!(page.contains("asks for credentials, and its address has none"), "{page}");
    assert_eq!(behind.events("proxy.failed").len(), 1);

    behind.edit(id, json!({ "proxy_url": asks.url_with_user("socks5h") })).await;
    let page = person.page("/providers").await;
    assert!(page.contains("not used yet"), "with a password it is another one: {page}");
    assert_eq!(behind.ask(true).await.status, 200);
    let page = person.page("/providers").await;
    assert!(page.contains("worked") && !page.contains("p%3Aa"), "no password: {page}");
    let up = format!("switchyard_proxy_up{{provider=\"{id}\"}} 1\n");
    assert!(behind.figures().await.contains(&up));
    behind.edit(id, json!({ "proxy_url": open.url("socks5") })).await;
    assert_eq!(behind.ask(true).await.status, 200);
    assert_eq!(behind.events("proxy.recovered").len(), 0, "neither proxy failed as it is now");
}
