//! The addresses of one provider: connections that fail move on to the next, answers do not.

use serde_json::{Value, json};

use super::{DIALECT, change, fault, nowhere};
use crate::relay::stand::Pair;
use crate::support::upstream::answers::error_body;
use crate::support::upstream::{Match, Rule, Script, Upstream};

/// Returns the addresses of a row's chain.
fn addresses(row: &Value) -> Vec<String> {
    let links = row["providerChain"].as_array().expect("a chain");
    links.iter().map(|link| link["endpointUrl"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn an_address_that_cannot_be_connected_to_is_passed_over_after_three_times() {
    let pair = Pair::new(DIALECT).await;
    let (dead, alive) = (nowhere(), Upstream::start());
    let both = json!({ "url": dead, "endpoints": [alive.url()] });
    change(&pair.switchyard, pair.first_id, both).await;
    for number in 1..=4 {
        assert_eq!(pair.ask(DIALECT, true).await.status, 200);
        assert_eq!((alive.count(), pair.second.count()), (number, 0));
    }
    let rows = pair.switchyard.rows_when(4).await;
    for row in &rows[1..] {
        assert_eq!(addresses(row), [dead.as_str(), &alive.url()], "{row:#}");
        assert_eq!(Pair::chain(row), [pair.first_id, pair.first_id]);
    }
    assert_eq!(addresses(&rows[0]), [alive.url()], "its breaker is open now");
    let logs = pair.switchyard.logs();
    let line = format!("[CircuitBreaker] opened: provider {} endpoint ", pair.first_id);
    assert!(logs.contains(&line) && logs.contains("tcp connect at "), "{logs}");
    assert_eq!(pair.switchyard.failures(pair.first_id).await, 0, "the provider itself is well");
}

#[tokio::test]
async fn a_provider_whose_addresses_are_all_dead_goes_last_and_is_yet_asked() {
    let pair = Pair::new(DIALECT).await;
    let dead = json!({ "url": nowhere(), "endpoints": [nowhere()] });
    change(&pair.switchyard, pair.first_id, dead).await;
    for _ in 0..4 {
        assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    }
    change(&pair.switchyard, pair.second_id, json!({ "is_enabled": false })).await;
    assert_eq!(pair.ask(DIALECT, true).await.status, 503);
    let row = pair.switchyard.rows_when(5).await.remove(0);
    assert!(Pair::chain(&row).contains(&pair.first_id), "{row:#}");
}

#[tokio::test]
async fn an_answer_stays_on_its_address_and_charges_the_provider_alone() {
    let pair = Pair::new(DIALECT).await;
    let other = Upstream::start();
    change(&pair.switchyard, pair.first_id, json!({ "endpoints": [other.url()] })).await;
    pair.first.always(fault());
    for _ in 0..4 {
        assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    }
    assert_eq!((other.count(), pair.second.count()), (0, 4));
    assert_eq!(pair.switchyard.failures(pair.first_id).await, 4);
    assert!(!pair.switchyard.logs().contains("[CircuitBreaker]"), "the address itself is well");
}

#[tokio::test]
async fn a_key_that_is_refused_charges_its_provider_and_not_the_address_it_shares() {
    let pair = Pair::new(DIALECT).await;
    let shared = json!({ "url": pair.first.url(), "endpoints": [pair.second.url()] });
    change(&pair.switchyard, pair.second_id, shared).await;
    let refused = Script::json(401, error_body(DIALECT, 401, "no such key"));
    pair.first.script(Rule::new(Match::any().key("upstream-key-1"), refused));
    for _ in 0..5 {
        assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    }
    assert_eq!(pair.switchyard.failures(pair.first_id).await, 5);
    assert_eq!(pair.switchyard.failures(pair.second_id).await, 0);
    assert_eq!(pair.second.count(), 0, "the shared address goes on serving");
}

#[tokio::test]
async fn an_address_is_guarded_only_when_the_setting_says_so() {
    let pair = Pair::with(DIALECT, &[("ENABLE_ENDPOINT_CIRCUIT_BREAKER", "false")]).await;
    let (dead, alive) = (nowhere(), Upstream::start());
    let both = json!({ "url": dead, "endpoints": [alive.url()] });
    change(&pair.switchyard, pair.first_id, both).await;
    for _ in 0..5 {
        assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    }
    let row = pair.switchyard.rows_when(5).await.remove(0);
    assert_eq!(addresses(&row), [dead, alive.url()]);
}
