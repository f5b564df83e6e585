//! A session's provider is a preference: kept for its cache, left for a reason.

use std::time::Duration;

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::Talks;
use crate::support::prices::MODEL;
use crate::support::services::Database;
use crate::support::upstream::answers::{error_body, truncated};
use crate::support::upstream::{Match, Rule, Script};
use crate::support::waiting::{SOON, until};

fn failing(status: u16) -> Script {
    Script::json(status, error_body(Dialect::Anthropic, status, "the vendor is unwell"))
}

/// Fails the next `times` requests.
fn fail(upstream: &crate::support::upstream::Upstream, status: u16, times: u32) {
    upstream.script(Rule::new(Match::any(), failing(status)).times(times));
}

/// Hours that begin in two hours.
fn later() -> Value {
    let minute = jiff::Timestamp::now().as_second().div_euclid(60);
    let time = |ahead: i64| {
        let minute = (minute + ahead).rem_euclid(1_440);
        format!("{:02}:{:02}", minute / 60, minute % 60)
    };
    json!({ "active_time_start": time(120), "active_time_end": time(180), "active_time_zone": "UTC" })
}

#[tokio::test]
async fn a_session_stays_for_its_cache_until_it_rests() {
    let talks = Talks::new(&[("SESSION_TTL", "2")]).await;
    let (first, second) = (talks.pair.first_id, talks.pair.second_id);
    let mut talk = talks.begin_on(second).await;
    for _ in 0..3 {
        assert_eq!(talks.serve(&mut talk).await, second, "the better one is back, and it stays");
    }
    assert_eq!(talks.serve(&mut talks.begin()).await, first, "a new one goes to the better one");
    tokio::time::sleep(Duration::from_millis(2_200)).await;
    assert_eq!(talks.serve(&mut talk).await, first, "after its time it is drawn anew");
}

#[tokio::test]
async fn who_may_not_serve_any_more_loses_the_session_to_whoever_serves() {
    let talks = Talks::new(&[]).await;
    let (first, second) = (talks.pair.first_id, talks.pair.second_id);
    let cases = [
        ("switched off", json!({ "is_enabled": false }), json!({ "is_enabled": true })),
        (
            "without the model",
            json!({ "allowed_models": ["x"] }),
            json!({ "allowed_models": null }),
        ),
        ("in another group", json!({ "group_tag": "vip" }), json!({ "group_tag": null })),
        (
            "closed to this client",
            json!({ "blocked_clients": ["opencode"] }),
            json!({ "blocked_clients": null }),
        ),
        (
            "out of its hours",
            later(),
            json!({ "active_time_start": null, "active_time_end": null }),
        ),
    ];
    for (what, change, back) in cases {
        let mut talk = talks.begin_on(first).await;
        talks.edit(first, change).await;
        assert_eq!(talks.serve(&mut talk).await, second, "{what}: the next request goes elsewhere");
        talks.edit(first, back).await;
        assert_eq!(talks.serve(&mut talk).await, second, "{what}: and the session stays there");
        assert_eq!(talks.serve(&mut talks.begin()).await, first, "{what}: others are drawn back");
    }
}

#[tokio::test]
async fn a_cooling_provider_and_one_whose_breaker_is_open_lose_the_session() {
    let talks = Talks::new(&[]).await;
    let (first, second) = (talks.pair.first_id, talks.pair.second_id);
    let reset = json!({ "providerId": first });
    talks.edit(first, json!({ "circuit_breaker_failure_threshold": 1 })).await;
    let (mut cooled, mut opened) = (talks.begin_on(first).await, talks.begin_on(first).await);
    let busy = error_body(Dialect::Anthropic, 429, "wait");
    let wait = Script::status(429).header("retry-after", "600").body(busy);
    talks.pair.first.script(Rule::new(Match::any(), wait).times(1));
    assert_eq!(talks.serve(&mut talks.begin()).await, second, "it asks for a pause");
    assert_eq!(talks.serve(&mut cooled).await, second, "cooling");
    talks.pair.switchyard.admin("providers/resetProviderCircuit", reset.clone()).await;
    fail(&talks.pair.first, 500, 2);
    assert_eq!(talks.serve(&mut talks.begin()).await, second, "it breaks");
    assert_eq!(talks.serve(&mut opened).await, second, "its breaker is open");
    talks.pair.switchyard.admin("providers/resetProviderCircuit", reset).await;
    assert_eq!(talks.serve(&mut talks.begin()).await, first, "it is well again");
    for talk in [&mut cooled, &mut opened] {
        assert_eq!(talks.serve(talk).await, second, "and the sessions have moved");
    }
}

#[tokio::test]
async fn what_a_model_that_stood_in_met_says_nothing_of_the_session() {
    let talks = Talks::new(&[]).await;
    let second = talks.pair.second_id;
    for upstream in [&talks.pair.first, &talks.pair.second] {
        upstream.script(Rule::new(Match::any().model("stand-in"), failing(404)));
    }
    let rules = json!([{ "model": MODEL, "then": ["stand-in"] }]);
    let set = json!({ "keyId": talks.pair.user.key_id, "rules": rules });
    talks.pair.switchyard.admin("routing/setFallbackModels", set).await;
    let mut talk = talks.begin_on(second).await;
    for upstream in [&talks.pair.first, &talks.pair.second] {
        let asked = Match::any().model(MODEL);
        upstream.script(Rule::new(asked, failing(500)).times(2));
    }
    let answer = talks.pair.switchyard.send(&talk.turn(MODEL, false)).await;
    assert_eq!(answer.status, 503, "nobody serves it: {}", answer.text());
    assert_eq!(talks.serve(&mut talk).await, second, "it stays where it was");
}

#[tokio::test]
async fn a_busy_answer_is_served_elsewhere_and_the_session_comes_back() {
    let talks = Talks::new(&[]).await;
    let (first, second) = (talks.pair.first_id, talks.pair.second_id);
    let mut talk = talks.begin_on(second).await;
    fail(&talks.pair.second, 503, 2);
    assert_eq!(talks.serve(&mut talk).await, first, "both tries fail, another one serves");
    assert_eq!(talks.serve(&mut talk).await, second, "503: it comes back");
    fail(&talks.pair.second, 429, 1);
    assert_eq!(talks.serve(&mut talk).await, first);
    until("the rest of a busy vendor is over", SOON, async || {
        (talks.serve(&mut talk).await == second).then_some(())
    })
    .await;
    let rows = talks.pair.switchyard.rows().await;
    let stays = format!("session: stays on provider {second}");
    let said = rows.iter().filter(|row| row["notes"] == json!([stays])).count();
    assert!(said >= 2, "the rows say so: {said}");
}

#[tokio::test]
async fn a_provider_that_fails_two_turns_in_a_row_loses_the_session() {
    let talks = Talks::new(&[]).await;
    let (first, second) = (talks.pair.first_id, talks.pair.second_id);
    let mut talk = talks.begin_on(second).await;
    fail(&talks.pair.second, 503, 4);
    assert_eq!(talks.serve(&mut talk).await, first);
    assert_eq!(talks.serve(&mut talk).await, first);
    let asked = talks.pair.second.count();
    assert_eq!(talks.serve(&mut talk).await, first);
    assert_eq!(talks.pair.second.count(), asked, "the session has moved");
}

#[tokio::test]
async fn a_provider_that_refuses_the_account_is_left_at_once_even_when_nobody_serves() {
    let talks = Talks::new(&[]).await;
    let (first, second) = (talks.pair.first_id, talks.pair.second_id);
    for status in [400, 401, 402, 403] {
        let mut talk = talks.begin_on(second).await;
        let words = error_body(Dialect::Anthropic, status, "Your credit balance is too low.");
        let refusal = Rule::new(Match::any(), Script::json(status, words));
        talks.pair.second.script(refusal.times(1));
        fail(&talks.pair.first, 500, 2);
        let answer = talks.pair.switchyard.send(&talk.turn(MODEL, false)).await;
        assert!(answer.status >= 500, "{status}: {}", answer.text());
        let reset = json!({ "providerId": first });
        talks.pair.switchyard.admin("providers/resetProviderCircuit", reset).await;
        assert_eq!(talks.serve(&mut talk).await, first, "{status}: drawn anew");
    }
}

#[tokio::test]
async fn a_provider_that_serves_another_program_alone_is_left_at_once() {
    let talks = Talks::new(&[]).await;
    let (first, second) = (talks.pair.first_id, talks.pair.second_id);
    let mut talk = talks.begin_on(second).await;
    let words = "This credential is only authorized for use with Claude Code.";
    let refusal = Script::json(400, error_body(Dialect::Anthropic, 400, words));
    talks.pair.second.script(Rule::new(Match::any(), refusal).times(1));
    assert_eq!(talks.serve(&mut talk).await, first, "it takes any program");
    let asked = talks.pair.second.count();
    assert_eq!(talks.serve(&mut talk).await, first, "the session has moved");
    assert_eq!(talks.pair.second.count(), asked, "it would refuse the next turn, too");
}

#[tokio::test]
async fn a_session_is_bound_by_success_alone() {
    let talks = Talks::new(&[]).await;
    let mut talk = talks.begin();
    talks.pair.first.script(Rule::new(Match::any(), failing(400)).times(1));
    assert_eq!(talks.pair.switchyard.send(&talk.turn(MODEL, false)).await.status, 400);
    assert_eq!(talks.bindings().await, []);
    talks
        .pair
        .first
        .script(Rule::new(Match::any(), truncated(Dialect::Anthropic, MODEL, 1).reset()).times(1));
    talks.pair.switchyard.send(&talk.turn(MODEL, true)).await;
    assert_eq!(talks.bindings().await, [], "a broken answer is no success");
    let first = talks.serve(&mut talk).await;
    assert_eq!(talks.bindings().await, [(MODEL.to_owned(), first)]);
}

#[tokio::test]
async fn each_model_has_its_own_provider_and_variants_go_together() {
    let talks = Talks::new(&[]).await;
    let (first, second) = (talks.pair.first_id, talks.pair.second_id);
    let mut talk = talks.begin_on(second).await;
    let variant = format!("{MODEL}(high)");
    assert_eq!(talks.serve_model(&mut talk, &variant).await, second, "a variant goes with it");
    talks.edit(second, json!({ "allowed_models": [MODEL, variant] })).await;
    assert_eq!(talks.serve_model(&mut talk, "other").await, first, "not served there");
    assert_eq!(talks.serve_model(&mut talk, "other").await, first);
    assert_eq!(talks.serve(&mut talk).await, second, "the first model is where it was");
    assert_eq!(talks.serve_model(&mut talk, &variant).await, second);
    let mut bindings = talks.bindings().await;
    bindings.sort();
    let mut expected = [(MODEL.to_owned(), second), (variant, second), ("other".to_owned(), first)];
    expected.sort();
    assert_eq!(bindings, expected);
}

#[tokio::test]
async fn an_edit_of_where_requests_go_frees_the_sessions_and_another_one_does_not() {
    let talks = Talks::new(&[]).await;
    let (first, second) = (talks.pair.first_id, talks.pair.second_id);
    let mut talk = talks.begin_on(second).await;
    let quiet = json!({ "name": "renamed", "weight": 7, "limit_daily_usd": 100, "priority": 9 });
    talks.edit(second, quiet).await;
    assert_eq!(talks.serve(&mut talk).await, second, "a name and a weight end nothing");
    let url = format!("{}/v1", talks.pair.second.url());
    let edits = [
        json!({ "url": url }),
        json!({ "group_tag": "default,vip" }),
        json!({ "key": "another-key-0123" }),
        json!({ "disable_session_reuse": true }),
    ];
    for edit in edits {
        talks.edit(second, json!({ "disable_session_reuse": false })).await;
        let mut talk = talks.begin_on(second).await;
        talks.edit(second, edit.clone()).await;
        assert_eq!(talks.serve(&mut talk).await, first, "{edit}: a fresh selection");
    }
    talks.switch(first, false).await;
    let mut talk = talks.begin();
    assert_eq!(talks.serve(&mut talk).await, second);
    assert_eq!(talks.bindings().await, [], "no session is kept on one that is never sticky");
    talks.switch(first, true).await;
    assert_eq!(talks.serve(&mut talk).await, first);
}

#[tokio::test]
async fn bindings_survive_a_crash_on_either_store() {
    let database = Database::create().await;
    for mut talks in [Talks::new(&[]).await, Talks::on(&database).await] {
        let (first, second) = (talks.pair.first_id, talks.pair.second_id);
        let mut kept = talks.begin_on(second).await;
        let mut stays = talks.begin_on(second).await;
        fail(&talks.pair.second, 503, 2);
        assert_eq!(talks.serve(&mut stays).await, first, "served elsewhere, bound where it was");
        let mut gone = talks.begin_on(second).await;
        let sessions = talks.active().await;
        let name = sessions[0]["sessionId"].clone();
        let end = json!({ "sessionId": name });
        talks.pair.switchyard.admin("active-sessions/terminateActiveSession", end).await;
        talks.pair.switchyard.sigkill();
        talks.pair.switchyard.restart().await;
        assert_eq!(talks.serve(&mut kept).await, second, "it comes back");
        assert_eq!(talks.serve(&mut stays).await, second, "the stand-in is not what comes back");
        assert_eq!(talks.serve(&mut gone).await, first, "what was ended does not");
        talks.edit(second, json!({ "group_tag": "default,x" })).await;
        talks.pair.switchyard.sigkill();
        talks.pair.switchyard.restart().await;
        assert_eq!(talks.serve(&mut kept).await, first, "nor does what an edit has freed");
    }
}

#[tokio::test]
async fn short_requests_beside_a_running_one_neither_move_nor_make_a_binding() {
    let talks = Talks::new(&[]).await;
    let (first, second) = (talks.pair.first_id, talks.pair.second_id);
    let stall = || truncated(Dialect::Anthropic, MODEL, 1).stall();
    let client = talks.pair.switchyard.client();
    // The first turn runs, and a title is asked for beside it: it makes no binding.
    talks.switch(second, false).await;
    let mut talk = talks.begin();
    talks.pair.first.script(Rule::new(Match::any(), stall()).times(1));
    let mut running = client.open(&talk.turn(MODEL, true)).await.expect("a head");
    running.frame_with("piece 0").await;
    let title = talk.request(MODEL, false, 1);
    assert_eq!(talks.server_of(&title).await, first);
    assert_eq!(talks.bindings().await, []);
    assert_eq!(talks.active().await.len(), 1, "it is one session");
    running.leave();
    until("the turn is over", SOON, async || {
        (talks.active().await[0]["inFlight"] == 0).then_some(())
    })
    .await;
    talks.switch(second, true).await;
    // A turn runs where the session is; what is beside it follows, and its failure moves nothing.
    let mut talk = talks.begin_on(second).await;
    talks.pair.second.script(Rule::new(Match::any(), stall()).times(1));
    let mut running = client.open(&talk.turn(MODEL, true)).await.expect("a head");
    running.frame_with("piece 0").await;
    assert_eq!(talks.server_of(&talk.request(MODEL, false, 2)).await, second, "it follows");
    for _ in 0..3 {
        fail(&talks.pair.second, 401, 1);
        assert_eq!(talks.server_of(&talk.request(MODEL, false, 1)).await, first);
    }
    assert_eq!(talks.bindings().await, [(MODEL.to_owned(), second)]);
    running.leave();
}
