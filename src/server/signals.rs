//! The signals of the operating system, as the two things they ask for.

use std::future::pending;
use std::io;

use tokio::signal::unix::{Signal as Source, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM or SIGINT: stop.
    Stop,
    /// SIGHUP: read again what may change while running (the admin token).
    Reload,
}

/// Signals in the order they came. People send few: the queue needs no bound.
#[derive(Debug)]
pub struct Signals(UnboundedReceiver<Signal>);

impl Signals {
    /// Begins to catch the process's signals. Needs an actix runtime on this thread.
    ///
    /// # Errors
    /// The operating system refuses the handlers.
    pub fn catch() -> io::Result<Self> {
        let (sender, signals) = Self::by_hand();
        for (kind, meaning) in [
            (SignalKind::terminate(), Signal::Stop),
            (SignalKind::interrupt(), Signal::Stop),
            (SignalKind::hangup(), Signal::Reload),
        ] {
            actix_rt::spawn(forward(signal(kind)?, meaning, sender.clone()));
        }
        Ok(signals)
    }

    /// Makes signals that are sent by hand, for tests.
    #[must_use]
    pub fn by_hand() -> (UnboundedSender<Signal>, Self) {
        let (sender, receiver) = unbounded_channel();
        (sender, Self(receiver))
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) -> Signal {
        match self.0.recv().await {
            Some(signal) => signal,
            None => pending().await,
        }
    }

    /// Waits for the next signal to stop.
    pub async fn stop(&mut self) {
        while self.next().await != Signal::Stop {}
    }
}

async fn forward(mut source: Source, meaning: Signal, to: UnboundedSender<Signal>) {
    while source.recv().await.is_some() && to.send(meaning).is_ok() {}
}
