//! A Redis that speaks TLS with a certificate of an authority of one's own.

use serde_json::json;

use crate::support::cache::Cache;
use crate::support::client::Request;
use crate::support::proxies::fixture;
use crate::support::switchyard::Switchyard;
use crate::support::waiting::{SOON, until};

/// Starts a node that shares a Redis over TLS, with additional environment.
async fn node(cache: &Cache, extra: &[(&str, &str)]) -> Switchyard {
    let url = cache.tls_url();
    // A busy machine must not look like a Redis that is away.
    let own = [("REDIS_URL", url.as_str()), ("REDIS_TIMEOUT_MS", "3000")];
    Switchyard::launch(&[&own, extra].concat()).await
}

/// Waits until a node has told the Redis that it lives.
async fn is_used(cache: &Cache, node: &Switchyard) {
    until("the node has reached its Redis", SOON, async || {
        let nodes = cache.ask("HLEN {sw}:nodes").expect("redis answers");
        nodes.contains(":1\r\n").then_some(())
    })
    .await;
    assert!(!node.logs().contains("Redis is away"), "{}", node.logs());
}

async fn readiness(node: &Switchyard) -> String {
    node.send(&Request::get("/api/health/ready")).await.text()
}

#[tokio::test]
async fn a_redis_behind_an_authority_of_ones_own_is_trusted_once_it_is_named() {
    let cache = Cache::start_with_tls();
    let authority = fixture("ca.pem");
    let node = node(&cache, &[("EXTRA_CA_FILE", authority.to_str().unwrap())]).await;
    is_used(&cache, &node).await;
    assert!(!readiness(&node).await.contains("Redis"));
    // A limit is asked for there: its meter is known to it afterwards.
    let upstream = crate::support::upstream::Upstream::start();
    let dialect = switchyard_actors::domain::dialect::Dialect::Anthropic;
    node.upload_prices(&crate::support::prices::sheet()).await;
    node.serve(dialect, &upstream).await;
    let user = node.add_user(json!({ "limitConcurrentSessions": 3 })).await;
    assert_eq!(node.send(&super::request(&user.key, "talk")).await.status, 200);
    let meters = cache.ask("KEYS {sw}:m:u:*").expect("redis answers");
    assert!(meters.contains(&format!("{{sw}}:m:u:{}", user.id)), "{meters}");
}

#[tokio::test]
async fn a_redis_of_an_unknown_authority_is_refused_and_the_log_says_why() {
    let cache = Cache::start_with_tls();
    let node = node(&cache, &[]).await;
    until("it is said", SOON, async || node.logs().contains("Redis is away").then_some(())).await;
    let logs = node.logs();
    let line = logs.lines().find(|line| line.contains("Redis is away")).expect("a line");
    assert!(line.contains("UnknownIssuer"), "the cause is named: {line}");
    assert!(!line.contains("p%2F") && !line.contains("p/=:@"), "and no password: {line}");
    let banner = readiness(&node).await;
    assert!(banner.contains("Redis") && banner.contains("degraded"), "{banner}");
    let nodes = cache.ask("HLEN {sw}:nodes").expect("redis answers");
    assert!(nodes.contains(":0\r\n"), "nothing was said to it: {nodes}");
}

#[tokio::test]
async fn any_certificate_is_taken_when_verification_is_switched_off() {
    let cache = Cache::start_with_tls();
    let node = node(&cache, &[("REDIS_TLS_REJECT_UNAUTHORIZED", "false")]).await;
    is_used(&cache, &node).await;
}
