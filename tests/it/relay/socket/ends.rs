//! Ends: of answers that break, of clients that leave, of sockets that rest, of the process.

use std::time::Duration;

use switchyard_actors::domain::dialect::Dialect;

use super::{HTTP_UPSTREAM, everything_is_given_back, kinds, open, stand};
use crate::relay::stand::{Stand, assert_row, reasons};
use crate::support::prices::MODEL;
use crate::support::socket::create;
use crate::support::upstream::answers::{PLAIN, frames, truncated};
use crate::support::upstream::{Gate, Script};
use crate::support::waiting::SOON;

#[tokio::test]
async fn an_answer_that_broke_off_is_never_completed() {
    let stand = stand().await;
    stand.upstream.once(truncated(Dialect::Responses, MODEL, 2).fin());
    let mut socket = open(&stand).await;
    let events = socket.turn(&create(MODEL, "hello")).await;
    assert_eq!(kinds(&events).last(), Some(&"response.failed"), "{events:?}");
    assert!(!kinds(&events).contains(&"response.completed"));
    let events = socket.turn(&create(MODEL, "hello")).await;
    assert_eq!(kinds(&events).last(), Some(&"response.completed"), "the socket serves on");
    let rows = stand.switchyard.rows_when(2).await;
    assert_eq!((&rows[1]["statusCode"], &rows[0]["statusCode"]), (&502.into(), &200.into()));
}

#[tokio::test]
async fn a_client_that_leaves_in_a_turn_has_its_row_with_the_usage_that_came() {
    let stand = stand().await;
    let gate = Gate::closed();
    let all = frames(Dialect::Responses, MODEL, 3, &PLAIN);
    let (begin, rest) = all.split_at(4);
    let script = Script::stream().chunks(begin.to_vec()).wait(&gate).chunks(rest.to_vec()).end();
    stand.upstream.always(script);
    let mut socket = open(&stand).await;
    socket.say(&create(MODEL, "hello")).await;
    for _ in 0..4 {
        socket.event().await;
    }
    socket.leave();
    tokio::time::sleep(Duration::from_millis(300)).await;
    gate.open();
    assert_row(&stand.switchyard.only_row().await, 499, &PLAIN);
    everything_is_given_back(&stand.switchyard).await;
}

#[tokio::test]
async fn a_client_that_leaves_before_an_answer_leaves_nothing() {
    let stand = stand().await;
    stand.upstream.always(Script::default().stall());
    let mut socket = open(&stand).await;
    socket.say(&create(MODEL, "hello")).await;
    crate::support::waiting::until("the upstream is asked", SOON, async || {
        (stand.upstream.count() == 1).then_some(())
    })
    .await;
    socket.leave();
    assert_eq!(stand.switchyard.only_row().await["statusCode"], 499);
    everything_is_given_back(&stand.switchyard).await;
    crate::support::waiting::until("the upstream is left", SOON, async || {
        (stand.upstream.open_connections() == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn one_that_asks_nothing_more_is_told_goodbye() {
    let stand =
        Stand::with(&[HTTP_UPSTREAM, ("SWITCHYARD_RESPONSES_WEBSOCKET_IDLE_SECONDS", "1")]).await;
    let mut socket = open(&stand).await;
    let events = socket.turn(&create(MODEL, "hello")).await;
    assert_eq!(kinds(&events).last(), Some(&"response.completed"));
    assert_eq!(socket.farewell().await, Some(1000));
    assert_row(&stand.switchyard.only_row().await, 200, &PLAIN);
    everything_is_given_back(&stand.switchyard).await;
}

#[tokio::test]
async fn at_a_stop_a_turn_comes_to_its_end_and_sockets_are_told_goodbye() {
    let mut stand = stand().await;
    let all = frames(Dialect::Responses, MODEL, 3, &PLAIN);
    let (begin, rest) = all.split_at(4);
    let script = Script::stream().chunks(begin.to_vec()).sleep(Duration::from_secs(2));
    stand.upstream.always(script.chunks(rest.to_vec()).end());
    let (mut busy, mut idle) = (open(&stand).await, open(&stand).await);
    busy.say(&create(MODEL, "hello")).await;
    for _ in 0..4 {
        busy.event().await;
    }
    stand.switchyard.sigterm();
    assert_eq!(idle.farewell().await, Some(1001));
    assert_eq!(kinds(&busy.events().await).last(), Some(&"response.completed"));
    assert_eq!(busy.farewell().await, Some(1001));
    assert_eq!(stand.switchyard.wait_exit(SOON), Some(0));
    stand.switchyard.restart().await;
    assert_row(&stand.switchyard.only_row().await, 200, &PLAIN);
}

#[tokio::test]
async fn a_turn_that_outlasts_the_grace_is_told_so_and_its_socket_goodbye() {
    let mut stand = Stand::with(&[HTTP_UPSTREAM, ("SHUTDOWN_GRACE_SECONDS", "1")]).await;
    stand.upstream.once(truncated(Dialect::Responses, MODEL, 3).stall());
    let mut begun = open(&stand).await;
    begun.say(&create(MODEL, "hello")).await;
    for _ in 0..4 {
        begun.event().await;
    }
    stand.upstream.once(Script::default().stall());
    let mut waits = open(&stand).await;
    waits.say(&create(MODEL, "hello")).await;
    crate::support::waiting::until("the upstream is asked", SOON, async || {
        (stand.upstream.count() == 2).then_some(())
    })
    .await;
    stand.switchyard.sigterm();
    let events = begun.events().await;
    let last = events.last().expect("an event");
    assert_eq!(last["type"], "response.failed", "{events:#?}");
    assert_eq!(last["response"]["error"]["code"], "server_stopping", "{events:#?}");
    let error = waits.event().await;
    assert_eq!((&error["type"], &error["status"]), (&"error".into(), &503.into()), "{error:#}");
    assert_eq!(tokio::join!(begun.farewell(), waits.farewell()), (Some(1001), Some(1001)));
    assert_eq!(stand.switchyard.wait_exit(SOON), Some(0));
    stand.switchyard.restart().await;
    for row in stand.switchyard.rows_when(2).await {
        assert_eq!(row["statusCode"], 503, "{row:#}");
        assert_eq!(reasons(&row), ["cut_by_stop"], "{row:#}");
    }
}
