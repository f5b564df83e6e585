//! What counts and what does not, and what operators do about it.

use std::time::Duration;

use serde_json::json;

use super::{DIALECT, change, fault, state};
use crate::relay::stand::Pair;
use crate::support::upstream::Script;
use crate::support::upstream::answers::error_body;
use crate::support::waiting;

#[tokio::test]
async fn a_threshold_of_zero_never_keeps_a_provider_away() {
    let pair = Pair::new(DIALECT).await;
    let off = json!({ "circuit_breaker_failure_threshold": 0, "max_retry_attempts": 1 });
    change(&pair.switchyard, pair.first_id, off).await;
    pair.first.always(fault());
    for _ in 0..50 {
        let asked = (0..10).map(|_| pair.ask(DIALECT, false));
        for answer in futures_util::future::join_all(asked).await {
            assert_eq!(answer.status, 200);
        }
    }
    assert_eq!((pair.first.count(), pair.second.count()), (500, 500));
    pair.first.reset();
    assert_eq!(pair.ask(DIALECT, false).await.status, 200);
    assert_eq!(pair.first.count(), 1, "500 failures later it is still asked first");
}

#[tokio::test]
async fn an_open_breaker_of_one_that_is_switched_off_is_nobodys_matter() {
    let pair = Pair::new(DIALECT).await;
    pair.first.always(fault());
    for _ in 0..5 {
        assert_eq!(pair.ask(DIALECT, false).await.status, 200);
    }
    assert_eq!(state(&pair.switchyard, pair.first_id).await, "open");
    change(&pair.switchyard, pair.first_id, json!({ "is_enabled": false })).await;
    let served = pair.second.count();
    for _ in 0..5 {
        assert_eq!(pair.ask(DIALECT, false).await.status, 200);
    }
    assert_eq!(pair.second.count(), served + 5);
    // With nobody else left it is told as it is: nobody may serve, and no wait would help.
    change(&pair.switchyard, pair.second_id, json!({ "is_enabled": false })).await;
    let answer = pair.ask(DIALECT, false).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, None));
}

#[tokio::test]
async fn an_edited_threshold_holds_at_the_next_failure_and_a_reset_at_the_next_request() {
    let pair = Pair::new(DIALECT).await;
    pair.first.always(fault());
    assert_eq!(pair.ask(DIALECT, false).await.status, 200);
    let two = json!({ "circuit_breaker_failure_threshold": 2 });
    change(&pair.switchyard, pair.first_id, two).await;
    assert_eq!(pair.ask(DIALECT, false).await.status, 200);
    assert_eq!(state(&pair.switchyard, pair.first_id).await, "open");
    pair.first.reset();
    let one = json!({ "providerId": pair.first_id });
    pair.switchyard.admin("providers/resetProviderCircuit", one).await;
    assert_eq!(pair.ask(DIALECT, false).await.status, 200);
    assert_eq!(pair.first.count(), 1);
    let line = format!("[CircuitBreaker] reset: provider {}", pair.first_id);
    let told = || pair.switchyard.logs().contains(&line);
    waiting::until_true("the reset is one line in the log", Duration::from_secs(5), told).await;
}

#[tokio::test]
async fn a_vendor_that_names_a_wait_is_left_alone_and_not_charged() {
    let pair = Pair::new(DIALECT).await;
    let busy = Script::status(429).header("retry-after", "60");
    pair.first.always(busy.body(error_body(DIALECT, 429, "slow down")));
    for _ in 0..7 {
        assert_eq!(pair.ask(DIALECT, false).await.status, 200);
    }
    assert_eq!((pair.first.count(), pair.second.count()), (1, 7));
    assert_eq!(pair.switchyard.failures(pair.first_id).await, 0);
}
