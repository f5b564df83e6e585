//! The one line a change is told with. Pure.

use std::fmt::Write;

use jiff::Timestamp;

use crate::domain::breaker::{Cause, Transition};
use crate::domain::instant::Micros;
use crate::domain::outcome::TryOutcome;

/// Writes the line.
#[must_use]
pub fn line(transition: &Transition) -> String {
    let Transition { provider, change, failures, .. } = transition;
    let mut line = format!("[CircuitBreaker] {}: provider {provider}", change.name());
    // Writing to a string cannot fail.
    if let Some(endpoint) = transition.endpoint {
        write!(line, " endpoint {endpoint}").ok();
    }
    if transition.elsewhere {
        write!(line, " by another node ({})", transition.reason).ok();
    }
    if let Some(until) = transition.until {
        write!(line, " until {} after {failures} failures in a row", instant(until)).ok();
    }
    if !transition.causes.is_empty() {
        let causes: Vec<String> = transition.causes.iter().map(cause).collect();
        write!(line, "; last causes: {}", causes.join(", ")).ok();
    }
    line
}

fn cause(cause: &Cause) -> String {
    let at = instant(cause.at);
    match (cause.outcome, cause.detail.as_deref()) {
        (TryOutcome::TransportFault, what) => format!("{} at {at}", what.unwrap_or("connection")),
        (_, what) => format!("provider {} at {at}", what.unwrap_or("fault")),
    }
}

fn instant(at: Micros) -> String {
    Timestamp::from_microsecond(at.0).map_or_else(|_| at.0.to_string(), |at| at.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::breaker::Change;
    use crate::domain::breaker_view::BreakerState;
    use crate::domain::ids::{EndpointId, ProviderId};

    #[test]
    fn a_line_says_what_who_until_when_and_why() {
        let fault = |second: i64, detail: Option<&str>| Cause {
            at: Micros(second * 1_000_000),
            outcome: TryOutcome::ProviderFault,
            detail: detail.map(Arc::from),
        };
        let transition = Transition {
            provider: ProviderId(7),
            endpoint: None,
            change: Change::Opened,
            from: BreakerState::Closed,
            at: Micros(2_000_000),
            until: Some(Micros(1_802_000_000)),
            failures: 5,
            causes: vec![fault(2, Some("http 503")), fault(1, None)],
            reason: Arc::from("http 503"),
            version: 1,
            elsewhere: false,
        };
        assert_eq!(
            line(&transition),
            "[CircuitBreaker] opened: provider 7 until 1970-01-01T00:30:02Z after 5 failures in a \
             row; last causes: provider http 503 at 1970-01-01T00:00:02Z, provider fault at \
             1970-01-01T00:00:01Z"
        );
        let closed =
            Transition { change: Change::Closed, until: None, causes: Vec::new(), ..transition };
        assert_eq!(line(&closed), "[CircuitBreaker] closed: provider 7");
        let endpoint = Some(EndpointId(12));
        let elsewhere = Transition { endpoint, elsewhere: true, ..closed };
        let wanted = "[CircuitBreaker] closed: provider 7 endpoint 12 by another node (http 503)";
        assert_eq!(line(&elsewhere), wanted);
    }
}
