//! Error rules hold on every node within a second.

use std::time::Instant;

use serde_json::json;

use super::{A_SECOND, Fleet};
use crate::support::upstream::Script;
use crate::support::waiting::{SOON, until};

#[tokio::test]
async fn a_rule_and_its_end_reach_the_other_node_within_a_second() {
    let fleet = Fleet::new().await;
    let body = json!({ "type": "error",
        "error": { "type": "invalid_request_error", "message": "the magic words" } });
    fleet.upstream.always(Script::json(400, body.to_string()));
    let status =
        async |node: usize, session: &str| fleet.ask(node, &fleet.user.key, session).await.status;
    assert_eq!((status(0, "a").await, status(1, "b").await), (400, 400));
    let rule = json!({ "pattern": "the magic words", "overrideStatusCode": 422 });
    let rule = fleet.nodes[0].admin("error-rules/createErrorRuleAction", rule).await;
    let changed = Instant::now();
    assert_eq!(status(0, "c").await, 422, "at once where it was made");
    until("the rule is on the other node", SOON, async || {
        (status(1, "d").await == 422).then_some(())
    })
    .await;
    assert!(changed.elapsed() < A_SECOND * 2, "took {:?}", changed.elapsed());
    let gone = json!({ "id": rule["id"] });
    fleet.nodes[1].admin("error-rules/deleteErrorRuleAction", gone).await;
    assert_eq!(status(1, "e").await, 400);
    until("it is gone from the first one", SOON, async || {
        (status(0, "f").await == 400).then_some(())
    })
    .await;
}
