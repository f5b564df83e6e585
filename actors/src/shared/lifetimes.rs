//! How long sessions and requests last, as far as counters have to remember them.

use std::time::Duration;

/// Streams have no end of their own: so long is taken for the longest.
const LONGEST_STREAM: Duration = Duration::from_hours(1);

/// How long sessions are remembered, and how long they hold their seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// A session's binding lives so long after its last use (`SESSION_TTL`).
    pub session_ttl: Duration,
    /// A session holds its seat so long after its last request ended.
    pub seat_grace: Duration,
    /// A request may have begun so long before its end.
    pub longest_request: Duration,
}

impl Lifetimes {
    /// Returns how long ago the first request of a session that lives can have come.
    #[must_use]
    pub const fn session_span(&self) -> Duration {
        self.session_ttl.saturating_add(self.longest_request)
    }

    /// Says how long an answer that is no stream may take at most.
    #[must_use]
    pub fn with_answers_of(self, longest: Duration) -> Self {
        Self { longest_request: self.longest_request.max(longest), ..self }
    }
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            session_ttl: Duration::from_mins(5),
            seat_grace: Duration::from_secs(5),
            longest_request: LONGEST_STREAM,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_remembered_for_as_long_as_it_may_take() {
        let usual = Lifetimes::default();
        let span = |of: Lifetimes, hours| of.session_ttl + Duration::from_hours(hours);
        let half = usual.with_answers_of(Duration::from_mins(30));
        assert_eq!(half.session_span(), span(half, 1), "streams have no end of their own");
        let two = usual.with_answers_of(Duration::from_hours(2));
        assert_eq!(two.session_span(), span(two, 2));
    }
}
