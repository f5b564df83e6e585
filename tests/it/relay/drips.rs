//! Uploads that never stop and hardly come, and the places they leave to others.

use std::time::{Duration, Instant};

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;
use tokio::io::AsyncWriteExt as _;

use super::stand::Stand;
use super::uploads::body_of;
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::upstream::Script;
use crate::support::waiting::{SOON, until};

#[tokio::test]
async fn an_upload_that_drips_is_ended_though_it_never_stops() {
    let extra =
        [("SWITCHYARD_UPLOAD_SLACK_SECONDS", "2"), ("SWITCHYARD_UPLOAD_BYTES_PER_SECOND", "1000")];
    let stand = Stand::with(&extra).await;
    let request = stand.request(Dialect::Anthropic, false);
    let start = Instant::now();
    let drip = request.clone().body(body_of(5_000));
    let gap = Duration::from_millis(100);
    let answer = stand.switchyard.client().upload_slowly(&drip, 20, gap).await.unwrap();
    assert_eq!(answer.status, 408, "{}", answer.text());
    assert!(answer.text().contains("slower than 1000 bytes a second"), "{}", answer.text());
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    // One that takes as long and brings enough is served.
    let text = "word ".repeat(1_200);
    let long = Request::saying(Dialect::Anthropic, &stand.user.key, MODEL, false, &text);
    let start = Instant::now();
    let answer = stand.switchyard.client().upload_slowly(&long, 150, gap).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(start.elapsed() > Duration::from_secs(3), "{:?}", start.elapsed());
}

#[tokio::test]
async fn the_uploads_of_one_user_leave_places_for_the_others() {
    let stand = Stand::with(&[("SWITCHYARD_MAX_IN_FLIGHT", "20")]).await;
    let other = stand.switchyard.add_user(json!({})).await;
    let whole = stand.request(Dialect::Anthropic, false).bytes();
    let begun = &whole[..whole.len() - 10];
    let mut uploads = Vec::new();
    for _ in 0..25 {
        let mut stream = stand.switchyard.client().connect().await.unwrap();
        stream.write_all(begun).await.unwrap();
        uploads.push(stream);
    }
    // Where half of the places are taken, a quarter of them are a user's.
    let metric = "switchyard_shed_total{outcome=\"uploads\"} ";
    until("about all but the first half are refused", SOON, async || {
        let text = stand.switchyard.send(&Request::get("/metrics")).await.text();
        let refused = text.lines().find_map(|line| line.strip_prefix(metric));
        refused.and_then(|count| count.parse::<u32>().ok()).filter(|count| *count >= 14)
    })
    .await;
    let one_more = stand.request(Dialect::Anthropic, false);
    let gap = Duration::from_millis(20);
    let refused = stand.switchyard.client().upload_slowly(&one_more, 100, gap).await.unwrap();
    assert_eq!(refused.status, 529, "{}", refused.text());
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert!(refused.text().contains("your uploads"), "{}", refused.text());
    let request = Request::model(Dialect::Anthropic, &other.key, MODEL, false);
    let answer = stand.switchyard.client().upload_slowly(&request, 40, gap).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text());
    drop(uploads);
    until("the user may upload again", SOON, async || {
        let request = stand.request(Dialect::Anthropic, false);
        let answer = stand.switchyard.client().upload_slowly(&request, 40, gap).await.unwrap();
        (answer.status == 200).then_some(())
    })
    .await;
}

#[tokio::test]
async fn health_says_that_all_places_are_taken() {
    let few = [("SWITCHYARD_MAX_IN_FLIGHT", "2"), ("SWITCHYARD_UPLOADS_PER_USER", "2")];
    let stand = Stand::with(&few).await;
    stand.upstream.always(Script::default().stall());
    let client = stand.switchyard.client();
    let request = stand.request(Dialect::Anthropic, true);
    let mut running = Vec::new();
    for _ in 0..2 {
        let request = request.clone();
        running.push(tokio::spawn(async move { client.try_send(&request).await }));
    }
    until("the places are taken", SOON, async || (stand.upstream.count() == 2).then_some(())).await;
    assert_eq!(stand.ask(Dialect::Anthropic, false).await.status, 529);
    until("health says so", SOON, async || {
        let answer = stand.switchyard.send(&Request::get("/api/health/ready")).await;
        let said = answer.text().contains("all places for requests are taken");
        (said && answer.status == 200).then_some(())
    })
    .await;
    assert!(stand.switchyard.logs().contains("all places for requests are taken"));
    for task in running {
        task.abort();
    }
}
