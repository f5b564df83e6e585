//! Whether this process should be sent requests, and if not, why: what `/api/health/ready` says.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Requests are served, but something works worse than it should.
    Degraded,
    /// Requests should go elsewhere.
    Down,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The part: `store`, `journal`, `redis`, `catalogue`, the name of an actor.
    pub part: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// A sentence that anybody may read. It is fixed but for numbers and times, so that no host, user
    /// or path of an error can get into it.
    pub text: Cow<'static, str>,
}

/// Whether the process is ready. It begins as not ready, since it is starting.
#[derive(Debug)]
pub struct Readiness {
    reasons: Mutex<Vec<Reason>>,
    down: AtomicBool,
    stopping: AtomicBool,
}

/// The part that names the start.
const START: &str = "start";
/// The part that names the stop.
const STOP: &str = "stop";

impl Default for Readiness {
    fn default() -> Self {
        let fresh = Self {
            reasons: Mutex::default(),
            down: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
        };
        fresh.report(START, Severity::Down, "the process is starting");
        fresh
    }
}

impl Readiness {
    /// Ends the start.
    pub fn started(&self) {
        self.clear(START);
    }

    /// Begins the stop; there is no way back.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.report(STOP, Severity::Down, "the process is stopping");
    }

    /// Tells whether the stop has begun. One atomic load.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Says that a part does not work; replaces what was said of it before. Tells whether that is
    /// news, for the one who logs why: the sentence is for everybody, details are for the log.
    pub fn report(
        &self,
        part: &'static str,
        severity: Severity,
        text: impl Into<Cow<'static, str>>,
    ) -> bool {
        let text = text.into();
        let mut reasons = self.reasons.lock();
        let known = |reason: &Reason| reason.part == part && reason.severity == severity;
        let is_news = !reasons.iter().any(known);
        reasons.retain(|reason| reason.part != part);
        reasons.push(Reason { part, severity, text });
        self.note(&reasons);
        is_news
    }

    /// Says that a part works.
    pub fn clear(&self, part: &'static str) {
        let mut reasons = self.reasons.lock();
        reasons.retain(|reason| reason.part != part);
        self.note(&reasons);
    }

    /// Tells whether requests may come. One atomic load.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.down.load(Ordering::Acquire)
    }

    /// Lists what is wrong, oldest first.
    #[must_use]
    pub fn reasons(&self) -> Vec<Reason> {
        self.reasons.lock().clone()
    }

    /// Called under the lock, so that the flag never contradicts the list for long.
    fn note(&self, reasons: &[Reason]) {
        let down = reasons.iter().any(|reason| reason.severity == Severity::Down);
        self.down.store(down, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_not_ready_before_it_has_started_nor_once_it_stops() {
        let readiness = Readiness::default();
        assert!(!readiness.is_ready());
        readiness.started();
        assert!(readiness.is_ready() && !readiness.is_stopping());
        readiness.stop();
        assert!(!readiness.is_ready() && readiness.is_stopping());
        assert_eq!(readiness.reasons().len(), 1);
    }

    #[test]
    fn a_degraded_part_is_said_and_does_not_turn_requests_away() {
        let readiness = Readiness::default();
        readiness.started();
        assert!(readiness.report("redis", Severity::Degraded, "redis does not answer"));
        assert!(readiness.is_ready());
        assert!(!readiness.report("redis", Severity::Degraded, "redis is still silent"));
        assert!(readiness.report("redis", Severity::Down, "redis is gone"));
        assert!(!readiness.is_ready());
        assert_eq!(readiness.reasons().len(), 1, "one reason a part");
        readiness.clear("redis");
        assert!(readiness.is_ready() && readiness.reasons().is_empty());
    }
}
