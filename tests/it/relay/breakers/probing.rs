//! Checks beside the requests: they let an open breaker be tried early and cost nothing.

use serde_json::json;

use super::{DIALECT, change, fault, nowhere, state};
use crate::relay::stand::Pair;
use crate::support::upstream::{Match, Rule, Upstream};
use crate::support::waiting::{self, SOON};

const PROBING: [(&str, &str); 3] = [
    ("ENDPOINT_PROBE_SCHEDULER_ENABLED", "true"),
    ("ENDPOINT_PROBE_INTERVAL_MS", "1000"),
    ("ENDPOINT_PROBE_CYCLE_JITTER_MS", "10"),
];

#[tokio::test]
async fn a_good_check_lets_an_open_breaker_be_tried_early_and_requests_close_it() {
    for method in ["TCP", "HEAD"] {
        let [on, every, jitter] = PROBING;
        let extra = [on, every, jitter, ("ENDPOINT_PROBE_METHOD", method)];
        let pair = Pair::with(DIALECT, &extra).await;
        pair.first.script(Rule::new(Match::any().method("POST"), fault()));
        for _ in 0..5 {
            assert_eq!(pair.ask(DIALECT, true).await.status, 200);
        }
        let half_open =
            async || (state(&pair.switchyard, pair.first_id).await == "half-open").then_some(());
        waiting::until("a good check", SOON, half_open).await;
        let methods = pair.first.requests();
        let posts = methods.iter().filter(|seen| seen.method == "POST").count();
        let heads = methods.iter().filter(|seen| seen.method == "HEAD").count();
        assert_eq!(posts, 10, "{method}: checks send no requests that cost: {methods:?}");
        assert_eq!(heads > 0, method == "HEAD");
        assert!(
            methods.iter().filter(|seen| seen.method == "HEAD").all(|seen| seen.key().is_none())
        );
        pair.first.reset();
        for _ in 0..2 {
            assert_eq!(pair.ask(DIALECT, true).await.status, 200);
        }
        assert_eq!(state(&pair.switchyard, pair.first_id).await, "closed", "{method}");
    }
}

#[tokio::test]
async fn an_address_whose_check_failed_goes_behind_the_others() {
    // Else its breaker alone would send requests past it, checks or none.
    let unguarded = ("ENABLE_ENDPOINT_CIRCUIT_BREAKER", "false");
    let pair = Pair::with(DIALECT, &[&PROBING[..], &[unguarded]].concat()).await;
    let (dead, alive) = (nowhere(), Upstream::start());
    let both = json!({ "url": dead, "endpoints": [alive.url()] });
    change(&pair.switchyard, pair.first_id, both).await;
    let mut asked = 0;
    waiting::until("the check of the first address", SOON, async || {
        asked += 1;
        assert_eq!(pair.ask(DIALECT, true).await.status, 200);
        let row = pair.switchyard.rows_when(asked).await.remove(0);
        (Pair::chain(&row).len() == 1).then_some(())
    })
    .await;
    assert_eq!(alive.count(), asked);
}
