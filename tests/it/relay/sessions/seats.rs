//! How many sessions are open at once: what limits count, and that nothing of it is lost.

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use super::{SECRET, Talk};
use crate::support::client::{Live, Request};
use crate::support::prices::MODEL;
use crate::support::services::Database;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{error_body, truncated};
use crate::support::upstream::{Match, Rule, Script, Upstream};
use crate::support::waiting::{SOON, until};

const TALKS: usize = 3;
const REQUESTS: usize = 20;

async fn seats(switchyard: &Switchyard) -> u64 {
    let figures = switchyard.send(&Request::get("/metrics")).await.text();
    let line = figures.lines().find_map(|line| line.strip_prefix("switchyard_session_seats "));
    line.and_then(|figure| figure.parse().ok()).expect("the gauge")
}

/// Opens streams that have begun and go no further.
async fn open(switchyard: &Switchyard, talk: &Talk) -> Vec<Live> {
    let mut streams = Vec::new();
    for number in 0..REQUESTS {
        let messages = 1 + u32::try_from(number % 4).unwrap();
        let request = talk.request(MODEL, true, messages);
        let mut live = switchyard.client().open(&request).await.expect("a head");
        assert_eq!(live.status, 200, "{}, request {number}", talk.name);
        live.frame_with("piece 0").await;
        streams.push(live);
    }
    streams
}

async fn three_talks_of_twenty(extra: &[(&str, &str)]) {
    let upstream = Upstream::start();
    let settings = [extra, &[("SESSION_TTL", "3")]].concat();
    let switchyard = Switchyard::start_with(&settings).await;
    let provider = switchyard.serve(Dialect::Anthropic, &upstream).await;
    let user = switchyard.add_user(json!({ "limitConcurrentSessions": 3 })).await;
    let mut keys = vec![user.key.clone()];
    for name in ["b", "c", "d"] {
        keys.push(switchyard.add_key(user.id, name, json!({})).await);
    }
    let talks: Vec<Talk> = keys.iter().take(TALKS).map(|key| Talk::new("talk", key)).collect();
    upstream.always(truncated(Dialect::Anthropic, MODEL, 1).stall());
    let mut running = Vec::new();
    for talk in &talks {
        running.push(open(&switchyard, talk).await);
    }
    assert_eq!(seats(&switchyard).await, 3);
    let fourth = Talk::new("talk", &keys[3]).request(MODEL, false, 1);
    let refused = switchyard.send(&fourth).await;
    assert_eq!(refused.status, 429, "{}", refused.text());
    assert_eq!(refused.json()["error"]["limit_type"], "concurrent_sessions");
    // One is left by its clients, one broken by us, one ends beside errors of the vendor.
    for live in running.remove(0) {
        live.leave();
    }
    for live in running.remove(0) {
        live.leave_by_reset();
    }
    upstream.reset();
    upstream.always(Script::json(500, error_body(Dialect::Anthropic, 500, "no")));
    for _ in 0..5 {
        assert!(switchyard.send(&talks[2].request(MODEL, false, 3)).await.status >= 500);
    }
    drop(running);
    switchyard.admin("providers/resetProviderCircuit", json!({ "providerId": provider })).await;
    until("no session holds a seat", SOON, async || (seats(&switchyard).await == 0).then_some(()))
        .await;
    upstream.reset();
    until("the sessions are forgotten", SOON, async || {
        let active = switchyard.admin("active-sessions/getActiveSessions", json!({})).await;
        (active == json!([])).then_some(())
    })
    .await;
    assert_eq!(seats(&switchyard).await, 0, "still none");
    for key in keys.iter().take(TALKS) {
        let next = Talk::new("next", key).request(MODEL, false, 1);
        assert_eq!(switchyard.send(&next).await.status, 200, "there is room for three again");
    }
}

#[tokio::test]
async fn three_sessions_of_twenty_requests_pass_and_a_fourth_waits_on_the_embedded_store() {
    three_talks_of_twenty(&[]).await;
}

#[tokio::test]
async fn three_sessions_of_twenty_requests_pass_and_a_fourth_waits_on_postgres() {
    let database = Database::create().await;
    let dsn = database.dsn();
    three_talks_of_twenty(&[("DSN", &dsn), SECRET]).await;
}

#[tokio::test]
async fn a_refused_session_takes_no_seat() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start().await;
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    let user = switchyard.add_user(json!({ "limitConcurrentSessions": 1 })).await;
    let held = truncated(Dialect::Anthropic, MODEL, 1).stall();
    upstream.script(Rule::new(Match::any(), held).times(1));
    let one = Talk::new("one", &user.key).request(MODEL, true, 1);
    let mut live = switchyard.client().open(&one).await.expect("a head");
    live.frame_with("piece 0").await;
    for number in 0..5 {
        let other = Talk::new(&format!("other {number}"), &user.key);
        assert_eq!(switchyard.send(&other.request(MODEL, false, 1)).await.status, 429);
    }
    assert_eq!(seats(&switchyard).await, 1);
    live.leave();
    let two = Talk::new("two", &user.key).request(MODEL, false, 1);
    until("the place is free", SOON, async || {
        (switchyard.send(&two).await.status == 200).then_some(())
    })
    .await;
}
