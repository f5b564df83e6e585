//! Our own order of stopping: readiness off, no new connections, running answers end within the
//! grace or are cut, what is still in memory is flushed. A second signal ends the process at once.

use std::future::Future;
use std::io;
use std::time::Duration;

use actix_server::Server;

use super::{Signal, Signals};
use crate::process::{Activity, Readiness};

/// How the process ended.
#[derive(Debug)]
pub enum Ending {
    /// By a signal, with everything done.
    Orderly,
    /// By a second signal, with nothing waited for.
    AtOnce,
    /// The server ended by itself.
    Failed(io::Error),
}

/// Answers that are cut at the end of the grace have so long to tell their clients: longer than a
/// connection lingers.
pub(super) const LAST_WORDS: Duration = Duration::from_secs(3);

/// Those whose clients did not even hear that still give back what they hold; this long.
const UNWIND: Duration = Duration::from_secs(1);

/// The worker looks once a second whether its time is over.
const WORKER_TICK: Duration = Duration::from_secs(1);

/// How long the server takes at most to end after the grace, before the flush.
pub const AFTER_GRACE: Duration = LAST_WORDS.saturating_add(UNWIND).saturating_add(WORKER_TICK);

/// What others do at their place in the order.
#[derive(Debug)]
pub struct Steps<R, D, C, F> {
    /// At SIGHUP.
    pub reload: R,
    /// When the stop begins: readiness is off, and nothing has ended yet.
    pub standing_down: D,
    /// How long running answers may take to end.
    pub grace: Duration,
    /// When that is over, and answers still run.
    pub cut: C,
    /// Last, when no answer runs any more.
    pub flush: F,
}

/// Serves until a signal says stop, then stops in order.
pub async fn run_until_stopped<R, D, C, F>(
    mut server: Server,
    mut signals: Signals,
    readiness: &Readiness,
    activity: &Activity,
    steps: Steps<R, D, C, F>,
) -> Ending
where
    R: Fn(),
    D: FnOnce(),
    C: FnOnce(),
    F: Future<Output = ()>,
{
    loop {
        tokio::select! {
            ended = &mut server => {
                let gone = io::Error::other("the server ended by itself");
                return Ending::Failed(ended.err().unwrap_or(gone));
            }
            signal = signals.next() => match signal {
                Signal::Reload => (steps.reload)(),
                Signal::Stop => break,
            },
        }
    }
    readiness.stop();
    (steps.standing_down)();
    tracing::info!(requests.running = activity.count(), "stopping: running answers may end");
    let handle = server.handle();
    let orderly = async {
        // Asking and serving go on together: the server is a future that must be polled.
        let done = async { tokio::join!(handle.stop(true), &mut server).1 };
        let cut = async {
            tokio::time::sleep(steps.grace).await;
            tracing::warn!(
                requests.running = activity.count(),
                "the grace of the stop is over: answers that still run are cut"
            );
            (steps.cut)();
            std::future::pending().await
        };
        let ended = tokio::select! {
            ended = done => ended,
            ended = cut => ended,
        };
        if !activity.ended_within(UNWIND).await {
            tracing::warn!(requests.running = activity.count(), "answers still hold something");
        }
        steps.flush.await;
        ended
    };
    tokio::select! {
        ended = orderly => match ended {
            Ok(()) => Ending::Orderly,
            Err(error) => Ending::Failed(error),
        },
        () = signals.stop() => Ending::AtOnce,
    }
}
