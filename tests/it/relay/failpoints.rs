//! The process dies at each step between an answer and its row: there is exactly one row afterwards,
//! with the usage that was told.

use std::time::Duration;

use switchyard_actors::domain::dialect::Dialect;

use super::stand::{Stand, assert_row};
use crate::support::upstream::answers::PLAIN;

/// A dead actor is noticed by the watch over actors.
const NOTICED: Duration = Duration::from_secs(20);

fn fault(point: &str) -> [(&'static str, String); 1] {
    [("FAILPOINTS", format!("{point}=1*panic({point})"))]
}

async fn with_fault(point: &str) -> Stand {
    let extra = fault(point);
    let pairs: Vec<(&str, &str)> = extra.iter().map(|(name, text)| (*name, &**text)).collect();
    Stand::with(&pairs).await
}

#[tokio::test]
async fn a_recorder_that_dies_around_its_write_ends_the_process_and_the_next_one_has_one_row() {
    for point in ["recorder::before_write", "recorder::after_write"] {
        let mut stand = with_fault(point).await;
        assert_eq!(stand.ask(Dialect::Anthropic, true).await.status, 200, "{point}");
        assert_eq!(stand.switchyard.wait_exit(NOTICED), Some(70), "{point}: it says that it died");
        stand.switchyard.restart_with(&[("FAILPOINTS", "")]).await;
        assert_row(&stand.switchyard.only_row().await, 200, &PLAIN);
    }
}

#[tokio::test]
async fn a_request_that_dies_behind_its_first_record_has_one_row() {
    let stand = with_fault("journal::after_opened").await;
    let answer = stand.ask(Dialect::Anthropic, false).await;
    assert_eq!(answer.status, 500, "{}", answer.text());
    assert_eq!(stand.upstream.count(), 0);
    let row = stand.switchyard.only_row().await;
    assert_eq!(row["costUsd"], serde_json::Value::Null, "{row:#}");
    assert_eq!(stand.ask(Dialect::Anthropic, false).await.status, 200, "the next one is served");
}

#[tokio::test]
async fn a_row_that_only_the_journal_has_is_there_after_the_next_start() {
    let mut stand = with_fault("journal::after_closed").await;
    // What became of the answer does not matter here; its row is written ahead of its last bytes.
    let request = stand.request(Dialect::Anthropic, false);
    let _broken = stand.switchyard.client().try_send(&request).await;
    stand.switchyard.sigkill();
    stand.switchyard.restart_with(&[("FAILPOINTS", "")]).await;
    assert_row(&stand.switchyard.only_row().await, 200, &PLAIN);
}
