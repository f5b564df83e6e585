//! The tools themselves: what the upstream is told to do is what a client sees.

use std::time::{Duration, Instant};

use switchyard_actors::domain::dialect::Dialect;

use super::answers::{self, PLAIN, frames};
use super::record::How;
use super::rules::ReadBody;
use super::{Match, Rule, Script, Upstream};
use crate::support::client::{Answer, Client, End, Live, Request};
use crate::support::prices::{self, DIALECTS, MODEL};
use crate::support::waiting::{self, SOON};

fn client(upstream: &Upstream) -> Client {
    Client::new(upstream.address)
}

async fn ask(upstream: &Upstream) -> Answer {
    client(upstream).send(&Request::model(Dialect::Anthropic, "key", MODEL, true)).await
}

#[tokio::test]
async fn without_a_script_every_dialect_is_answered_well() {
    let upstream = Upstream::start();
    for dialect in DIALECTS {
        let request = Request::model(dialect, "key", MODEL, true);
        let answer = client(&upstream).send(&request).await;
        assert_eq!(answer.text(), frames(dialect, MODEL, 3, &PLAIN).concat(), "{dialect}");
        let whole = client(&upstream).send(&Request::model(dialect, "key", MODEL, false)).await;
        assert_eq!(whole.text(), answers::answer(dialect, MODEL, "Hello.", &PLAIN), "{dialect}");
    }
    assert_eq!(upstream.requests()[0].key(), Some("key"));
}

#[tokio::test]
async fn broken_framing_is_seen_as_broken() {
    let upstream = Upstream::start();
    let cases = [
        (Script::stream().chunk("abc").end(), End::Clean),
        (Script::stream().chunk("abc").fin(), End::Cut),
        (Script::stream().chunk("abc").reset(), End::Cut),
        (Script::stream().chunk("abc").cut_chunk("defghi", 2), End::Cut),
        (Script::status(200).body_claiming("abc", 5).fin(), End::Cut),
        (Script::status(200).head().raw("abc").fin(), End::Clean),
    ];
    for (script, end) in cases {
        upstream.once(script.clone());
        let answer = ask(&upstream).await;
        assert_eq!(answer.end, end, "{script:?}");
    }
    upstream.once(Script::hang_up());
    let request = Request::model(Dialect::Anthropic, "key", MODEL, true);
    assert!(client(&upstream).try_send(&request).await.is_err());
}

#[tokio::test]
async fn rules_apply_in_order_and_run_out() {
    let upstream = Upstream::start();
    upstream.script(Rule::new(Match::any().model("other"), Script::json(500, "{}")));
    upstream.script(Rule::new(Match::any().key("key"), Script::json(529, "{}")).times(1).after(1));
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(ask(&upstream).await.status);
    }
    assert_eq!(seen, [200, 529, 200]);
}

#[tokio::test]
async fn how_a_peer_leaves_is_recorded() {
    for (reset, how) in [(false, How::Fin), (true, How::Reset)] {
        let upstream = Upstream::start();
        upstream.always(Script::stream().chunk("data: 1\n\n").stall());
        let request = Request::model(Dialect::Anthropic, "key", MODEL, true);
        let mut live = client(&upstream).open(&request).await.unwrap();
        live.frame_with("data: 1").await;
        let leave = if reset { Live::leave_by_reset } else { Live::leave };
        leave(live);
        let left =
            waiting::until("the leaving is noticed", SOON, async || upstream.only_request().left)
                .await;
        assert_eq!((left.how, left.during_answer), (how, true));
        assert!(left.at <= Instant::now());
        waiting::until_true("the connection is closed", SOON, || upstream.open_connections() == 0)
            .await;
    }
}

#[tokio::test]
async fn a_reader_that_stops_stops_an_endless_answer() {
    let upstream = Upstream::start();
    let piece = "x".repeat(16 * 1_024);
    upstream.always(Script::stream().endless(piece, Duration::ZERO));
    let request = Request::model(Dialect::Anthropic, "key", MODEL, true);
    let slow = client(&upstream).with_receive_buffer(4_096);
    let live = slow.open(&request).await.unwrap();
    let mut last = (0, Instant::now());
    waiting::until_true("the stream is stuck", SOON, || {
        let now = upstream.bytes_accepted();
        if now != last.0 {
            last = (now, Instant::now());
        }
        last.1.elapsed() > Duration::from_secs(1)
    })
    .await;
    assert_eq!(upstream.only_request().bytes_accepted, upstream.bytes_accepted());
    live.leave();
}

#[tokio::test]
async fn a_body_may_be_left_unread() {
    let upstream = Upstream::start();
    let refusal = Script::json(413, "{}").fin();
    upstream.script(Rule::new(Match::any(), refusal).read(ReadBody::Only(10)));
    let text = "y".repeat(1 << 20);
    let request = Request::saying(Dialect::Anthropic, "key", MODEL, false, &text);
    drop(client(&upstream).try_send(&request).await);
    waiting::until_true("the request is seen", SOON, || upstream.count() == 1).await;
    assert_eq!(upstream.only_request().body.len(), 10);
}

#[test]
fn amounts_are_read_to_the_nano_dollar() {
    assert_eq!(prices::nano("0.008700000000000"), 8_700_000);
    assert_eq!(prices::nano("12"), 12_000_000_000);
    assert_eq!(prices::cost_nano(&PLAIN), 8_700_000);
}
