//! Time and luck of one test: tokio's clock is paused, the injected clock moves with it.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::{CountingLuck, ManualClock};
use crate::domain::instant::Micros;

/// 2026-03-02 12:00 UTC, a Monday: where every universe starts.
const START: Micros = Micros(1_772_452_800_000_000);
/// Polls that let messages, answers and timers which are due run out.
const TURNS: usize = 64;

/// One test's world. Start it inside `#[actix::test]`, whose runtime has one thread.
#[derive(Clone, Debug)]
pub struct TestUniverse {
    clock: Arc<ManualClock>,
    luck: Arc<CountingLuck>,
}

impl TestUniverse {
    /// Pauses tokio's time and makes the world.
    #[must_use]
    pub fn start() -> Self {
        tokio::time::pause();
        Self { clock: Arc::new(ManualClock::at(START)), luck: Arc::new(CountingLuck::from(1)) }
    }

    /// Returns the clock.
    #[must_use]
    pub fn clock(&self) -> Arc<ManualClock> {
        Arc::clone(&self.clock)
    }

    /// Returns the luck.
    #[must_use]
    pub fn luck(&self) -> Arc<CountingLuck> {
        Arc::clone(&self.luck)
    }

    /// Returns the present instant.
    #[must_use]
    pub fn now(&self) -> Micros {
        crate::clock::Clock::now(self.clock.as_ref())
    }

    /// Moves both clocks on and lets what became due run.
    pub async fn advance(&self, span: Duration) {
        self.settle().await;
        self.clock.advance(span);
        tokio::time::advance(span).await;
        self.settle().await;
    }

    /// Lets everything run that can run without time passing.
    pub async fn settle(&self) {
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
        }
    }
}
