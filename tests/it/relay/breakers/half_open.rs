//! However a probe ends, the next one is admitted, and never more than one is out.

use super::{DIALECT, fault, opened, quick, state};
use crate::relay::stand::Pair;
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::upstream::Script;
use crate::support::upstream::answers::{PLAIN, frames};
use crate::support::waiting::{self, SOON};

/// A probe that ends without a verdict.
#[derive(Clone, Copy, Debug)]
enum Neutral {
    LeftBeforeAByte,
    LeftAfterAByte,
    ClientsFault,
    Missing,
}

impl Neutral {
    fn script(self) -> Script {
        let first = frames(DIALECT, MODEL, 3, &PLAIN)[..3].concat();
        match self {
            Self::LeftBeforeAByte => Script::default().stall(),
            Self::LeftAfterAByte => Script::stream().chunk(first).stall(),
            Self::ClientsFault => Script::json(
                400,
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long"}}"#,
            ),
            Self::Missing => Script::json(404, r#"{"error":{"message":"no such thing"}}"#),
        }
    }

    async fn happen(self, pair: &Pair) {
        let request = Request::saying(DIALECT, &pair.user.key, MODEL, true, &format!("{self:?}"));
        match self {
            Self::LeftBeforeAByte => {
                let client = pair.switchyard.client();
                let asking = tokio::spawn(async move { client.try_send(&request).await });
                waiting::until_true("it is probed", SOON, || pair.first.count() == 1).await;
                asking.abort();
            }
            Self::LeftAfterAByte => {
                let mut live = pair.switchyard.client().open(&request).await.expect("a head");
                live.read_at_least(1).await;
                live.leave();
            }
            Self::ClientsFault | Self::Missing => drop(pair.switchyard.send(&request).await),
        }
        assert_eq!(pair.first.count(), 1, "{self:?}: it was probed");
    }
}

#[tokio::test]
async fn however_a_probe_ends_the_next_one_is_admitted() {
    let pair = Pair::with(DIALECT, &[("SWITCHYARD_DRAIN", "false")]).await;
    quick(&pair).await;
    opened(&pair).await;
    let neutral = [
        Neutral::LeftBeforeAByte,
        Neutral::LeftAfterAByte,
        Neutral::ClientsFault,
        Neutral::Missing,
    ];
    for end in neutral {
        pair.first.reset();
        pair.first.once(end.script());
        end.happen(&pair).await;
        assert_eq!(state(&pair.switchyard, pair.first_id).await, "half-open", "{end:?}");
        // The next one is the probe again, as soon as the server has noticed that a client left.
        let before = pair.first.count();
        waiting::until(&format!("{end:?}: the next probe"), SOON, async || {
            pair.first.once(Script::json(404, r#"{"error":{"message":"no such thing"}}"#));
            pair.ask(DIALECT, true).await;
            (pair.first.count() > before).then_some(())
        })
        .await;
    }
    pair.first.reset();
    assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    assert_eq!(state(&pair.switchyard, pair.first_id).await, "closed", "one success closes it");
    assert_eq!(pair.first.count(), 1);
}

#[tokio::test]
async fn a_probe_that_fails_keeps_requests_away_again() {
    for script in [fault(), Script::stream().chunk("event: x\n").reset()] {
        let pair = Pair::new(DIALECT).await;
        quick(&pair).await;
        opened(&pair).await;
        pair.first.always(script);
        assert_eq!(pair.ask(DIALECT, true).await.status, 200, "another one serves");
        assert_eq!(state(&pair.switchyard, pair.first_id).await, "open");
        assert_eq!((pair.first.count(), pair.second.count()), (1, 1));
    }
}

#[tokio::test]
async fn one_probe_is_out_at_a_time() {
    let pair = Pair::new(DIALECT).await;
    quick(&pair).await;
    opened(&pair).await;
    pair.first.once(Script::default().stall());
    let request = Request::saying(DIALECT, &pair.user.key, MODEL, true, "Probe.");
    let client = pair.switchyard.client();
    let probe = tokio::spawn(async move { client.try_send(&request).await });
    waiting::until_true("it is probed", SOON, || pair.first.count() == 1).await;
    let line = format!("[CircuitBreaker] half_opened: provider {}", pair.first_id);
    let is_told = || pair.switchyard.logs().contains(&line);
    waiting::until_true("it is told while the probe is out", SOON, is_told).await;
    let others = (0..20).map(|_| pair.ask(DIALECT, true));
    for answer in futures_util::future::join_all(others).await {
        assert_eq!(answer.status, 200);
    }
    assert_eq!((pair.first.count(), pair.second.count()), (1, 20));
    probe.abort();
    waiting::until("the next probe", SOON, async || {
        pair.ask(DIALECT, true).await;
        (pair.first.count() > 1).then_some(())
    })
    .await;
}

#[cfg(feature = "failpoints")]
#[tokio::test]
async fn a_probe_whose_handler_panics_gives_its_permit_back() {
    // The request that opens the breaker passes this point once, the probe is the second.
    let extra = [("FAILPOINTS", "journal::after_opened=1*off->1*panic(the panic of a test)")];
    let pair = Pair::with(DIALECT, &extra).await;
    quick(&pair).await;
    opened(&pair).await;
    assert_eq!(pair.ask(DIALECT, true).await.status, 500);
    assert_eq!(pair.first.count(), 0, "it died before it was sent");
    assert_eq!(state(&pair.switchyard, pair.first_id).await, "half-open");
    assert_eq!(pair.ask(DIALECT, true).await.status, 200);
    assert_eq!(pair.first.count(), 1, "the next one is the probe");
    assert_eq!(state(&pair.switchyard, pair.first_id).await, "closed");
}
