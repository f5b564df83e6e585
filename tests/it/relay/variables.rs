//! The original's twelve variables, by what the running program does with them. What a value may be
//! is tested with the settings; two of the twelve (the check of Redis' certificate, the time of a
//! provider's test) have no effect yet and are only checked.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::stand::Pair;
use crate::support::client::{Answer, Request};
use crate::support::launch::{self, ADMIN_TOKEN, Process};
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Upstream;
use crate::support::waiting::{self, SOON};

const SESSION: &str = "11111111-1111-4111-8111-111111111111";

/// Asks in one session.
async fn ask(switchyard: &Switchyard, key: &str) -> Answer {
    let request = Request::model(Dialect::Anthropic, key, MODEL, false);
    switchyard.send(&request.header("x-claude-code-session-id", SESSION)).await
}

/// Logs in as admin and returns the cookie.
async fn cookie(switchyard: &Switchyard) -> String {
    let body = json!({ "key": ADMIN_TOKEN }).to_string();
    let answer = switchyard.send(&Request::post("/api/auth/login", body)).await;
    answer.header("set-cookie").expect("a cookie").to_owned()
}

/// Returns the first server of the API's document.
async fn first_server(switchyard: &Switchyard) -> Value {
    let answer = switchyard.send(&Request::get("/api/actions/openapi.json")).await;
    answer.json()["servers"][0]["url"].clone()
}

async fn reasons(switchyard: &Switchyard) -> String {
    switchyard.send(&Request::get("/api/health")).await.json()["reasons"].to_string()
}

/// Asks through a provider that cannot be reached; returns what its breaker has counted.
async fn failures_of_a_dead_provider(switchyard: &Switchyard, key: &str) -> i64 {
    let url = format!("http://127.0.0.1:{}", launch::free_port());
    let dead = switchyard.add_provider("codex", &url, json!({})).await;
    let request = Request::model(Dialect::Responses, key, MODEL, false);
    // Others may serve it, converted.
    switchyard.send(&request).await;
    switchyard.failures(dead).await
}

#[tokio::test]
async fn each_variable_does_what_it_says_when_it_is_set() {
    let redis = format!("redis://127.0.0.1:{}", launch::free_port());
    let switchyard = Switchyard::start_with(&[
        ("ENABLE_RATE_LIMIT", "No"),
        ("ENABLE_SECURE_COOKIES", "'1'"),
        ("ENABLE_CIRCUIT_BREAKER_ON_NETWORK_ERRORS", "yes"),
        ("APP_URL", "https://relay.example/"),
        ("REDIS_URL", &redis),
    ])
    .await;
    let upstream = Upstream::start();
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    let user = switchyard.add_user(json!({ "rpm": 1 })).await;
    for _ in 0..3 {
        assert_eq!(ask(&switchyard, &user.key).await.status, 200, "limits are off");
    }
    assert!(cookie(&switchyard).await.contains("; Secure"));
    assert_eq!(first_server(&switchyard).await, "https://relay.example");
    assert!(reasons(&switchyard).await.contains("REDIS_URL"), "it says that Redis is not used");
    assert!(failures_of_a_dead_provider(&switchyard, &user.key).await > 0);
}

#[tokio::test]
async fn each_variable_does_what_it_says_when_it_is_not_set() {
    let switchyard = Switchyard::start_with(&[("ENABLE_SECURE_COOKIES", "OFF")]).await;
    let upstream = Upstream::start();
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    let user = switchyard.add_user(json!({ "rpm": 2 })).await;
    for expected in [200, 200, 429] {
        assert_eq!(ask(&switchyard, &user.key).await.status, expected);
    }
    assert!(!cookie(&switchyard).await.contains("Secure"));
    assert_ne!(first_server(&switchyard).await, "https://relay.example");
    assert_eq!(reasons(&switchyard).await, "null");
    let other = switchyard.add_user(json!({ "name": "Bob" })).await;
    assert_eq!(failures_of_a_dead_provider(&switchyard, &other.key).await, 0);
}

#[tokio::test]
async fn a_binding_ends_when_its_session_was_silent_for_the_time_set() {
    let ttl = Duration::from_secs(3);
    let pair = Pair::with(Dialect::Anthropic, &[("SESSION_TTL", "3")]).await;
    let (preferred, other) = (&pair.first, &pair.second);
    let enable = |enabled: bool| {
        let body = json!({ "providerId": pair.first_id, "is_enabled": enabled });
        pair.switchyard.admin("providers/editProvider", body)
    };
    enable(false).await;
    assert_eq!(ask(&pair.switchyard, &pair.user.key).await.status, 200);
    enable(true).await;
    assert_eq!(ask(&pair.switchyard, &pair.user.key).await.status, 200);
    let silent_since = Instant::now();
    assert_eq!((preferred.count(), other.count()), (0, 2), "the session stays where it was");
    // The time is the program's own and passes in no other way.
    tokio::time::sleep_until((silent_since + ttl + Duration::from_millis(500)).into()).await;
    assert_eq!(ask(&pair.switchyard, &pair.user.key).await.status, 200);
    assert_eq!((preferred.count(), other.count()), (1, 2), "the binding has ended");
}

#[tokio::test]
async fn a_token_that_is_none_is_generated_and_opens_the_api() {
    for none in ["", "change-me"] {
        let data = tempfile::TempDir::new().unwrap();
        let port = launch::free_port();
        let command = launch::command(data.path(), port, &[("ADMIN_TOKEN", none)]);
        let process = Process::spawn(command);
        waiting::until_true("the start", SOON, || process.output().contains("is ready at")).await;
        let client = crate::support::client::Client::new(([127, 0, 0, 1], port).into());
        let made = std::fs::read_to_string(data.path().join("admin-token")).unwrap();
        assert!(process.output().contains(made.trim()), "it is printed once");
        for (token, expected) in [("change-me", 401), (ADMIN_TOKEN, 401), (made.trim(), 200)] {
            let request = Request::post("/api/actions/users/getUsers", "{}").bearer(token);
            assert_eq!(client.send(&request).await.status, expected, "ADMIN_TOKEN={none:?}");
        }
    }
}

#[test]
fn a_start_that_cannot_work_ends_soon_and_says_why() {
    let port = launch::free_port();
    let dead = format!("postgres://ann:hunter2@127.0.0.1:{port}/yard");
    let place = format!("127.0.0.1:{port} (user ann");
    for (variable, value, words) in [
        ("AUTO_MIGRATE", "false", ["0001_accounts", "AUTO_MIGRATE"]),
        ("DSN", dead.as_str(), [place.as_str(), "check host and port in DSN"]),
        ("APP_HOST", "nohost.invalid", ["APP_HOST is nohost.invalid", "127.0.0.1"]),
    ] {
        let data = tempfile::TempDir::new().unwrap();
        let began = Instant::now();
        let (status, text) = launch::run_to_end(data.path(), &[], &[(variable, value)]);
        assert_eq!(status.code(), Some(1), "{text}");
        assert!(began.elapsed() < Duration::from_secs(30), "{variable}: {:?}", began.elapsed());
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn a_value_that_is_not_allowed_ends_every_command_with_its_name_and_origin() {
    let data = tempfile::TempDir::new().unwrap();
    for (variable, key, value, shown, allowed) in [
        ("DSN", "storage.dsn", "mysql://u:hunter2@h/d", "********", "postgres://"),
        ("DSN", "storage.dsn", "postgres://u:hunt/er2@h/d", "********", "/ as %2F"),
        ("DSN", "storage.dsn", "postgres://u:hunter2@h/d?sslmode=bogus", "=bogus", "verify-full"),
        ("AUTO_MIGRATE", "storage.auto_migrate", "maybe", "maybe", "true, false"),
        ("REDIS_URL", "redis.url", "http://cache", "http://cache", "redis://"),
        ("REDIS_TLS_REJECT_UNAUTHORIZED", "redis.tls_reject_unauthorized", "2", "2", "yes, no"),
        ("ENABLE_RATE_LIMIT", "limits.enabled", "ja", "ja", "true, false"),
        ("SESSION_TTL", "session.ttl_seconds", "0", "0", "from 1 to 604800"),
        ("ENABLE_SECURE_COOKIES", "access.secure_cookies", "t", "t", "true, false"),
        ("ENABLE_CIRCUIT_BREAKER_ON_NETWORK_ERRORS", "breaker.network_errors", "x", "x", "on or"),
        ("CSRF_SECRET", "access.csrf_secret", "hunter2", "********", "at least 16 characters"),
        ("APP_PORT", "server.port", "65536", "65536", "from 0 to 65535"),
        ("APP_URL", "server.public_url", "relay.example", "relay.example", "https://"),
        ("API_TEST_TIMEOUT_MS", "upstream.test_timeout_ms", "4999", "4999", "from 5000 to 120000"),
        ("EXTRA_CA_FILE", "upstream.extra_ca_file", "/nope", "/nope", "PEM file"),
    ] {
        for command in [&["check-config"][..], &[]] {
            let (status, text) = launch::run_to_end(data.path(), command, &[(variable, value)]);
            assert_eq!(status.code(), Some(3), "{variable}={value}: {text}");
            let begin = format!("{variable} ({key}) is \"");
            let words = [&*begin, shown, "by the environment, but must be", allowed];
            assert!(words.iter().all(|word| text.contains(word)), "{variable}={value}: {text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}
