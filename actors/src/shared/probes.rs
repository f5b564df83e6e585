//! What the last check of each provider's addresses has found.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::domain::ids::EndpointId;
use crate::domain::instant::Micros;
use crate::domain::map::Map;

/// What one check has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    /// When.
    pub at: Micros,
    /// How long it took.
    pub took: Duration,
    /// Why the address could not be reached; `None` when it could.
    pub fault: Option<Arc<str>>,
}

/// The last result of each address; of those that were never checked there is none.
#[derive(Debug, Default)]
pub struct Probes(Mutex<Map<EndpointId, Probed>>);

impl Probes {
    /// Notes what a check has found.
    pub fn note(&self, endpoint: EndpointId, probed: Probed) {
        self.0.lock().insert(endpoint, probed);
    }

    /// Returns what the last check of an address has found.
    #[must_use]
    pub fn of(&self, endpoint: EndpointId) -> Option<Probed> {
        self.0.lock().get(&endpoint).cloned()
    }

    /// Tells whether the last check of an address failed: others of the same provider go first.
    #[must_use]
    pub fn has_failed(&self, endpoint: EndpointId) -> bool {
        self.0.lock().get(&endpoint).is_some_and(|probed| probed.fault.is_some())
    }

    /// Keeps what is known of addresses alone that there still are.
    pub fn keep(&self, is_there: impl Fn(EndpointId) -> bool) {
        self.0.lock().retain(|endpoint, _| is_there(*endpoint));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_result_counts_and_what_is_gone_is_forgotten() {
        let (probes, at) = (Probes::default(), Micros(1));
        let found = |fault: Option<&str>| Probed {
            at,
            took: Duration::from_millis(3),
            fault: fault.map(Arc::from),
        };
        let (one, two) = (EndpointId(1), EndpointId(2));
        assert!(!probes.has_failed(one), "nobody has looked");
        probes.note(one, found(Some("refused")));
        assert!(probes.has_failed(one));
        probes.note(one, found(None));
        probes.note(two, found(Some("refused")));
        assert!(!probes.has_failed(one) && probes.has_failed(two));
        probes.keep(|endpoint| endpoint == one);
        assert_eq!((probes.of(one), probes.of(two)), (Some(found(None)), None));
    }
}
