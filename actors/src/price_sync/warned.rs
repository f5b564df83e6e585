//! Which models without a price were warned of lately: clients choose names, so memory and warnings
//! are bounded. Pure.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::instant::Micros;

/// A model is warned of at most this often.
const EVERY: Duration = Duration::from_hours(1);
/// Models that are warned of within that time; more are seen in the ledger and the metrics alone.
const MODELS: usize = 64;

/// The models that were warned of.
#[derive(Debug, Default)]
pub struct Warned(HashMap<Arc<str>, Micros>);

impl Warned {
    /// Tells whether a model is to be warned of now, and remembers it.
    pub fn is_due(&mut self, model: &Arc<str>, now: Micros) -> bool {
        self.0.retain(|_, last| now.since(*last) < EVERY);
        if self.0.contains_key(model) || self.0.len() >= MODELS {
            return false;
        }
        self.0.insert(Arc::clone(model), now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(number: usize) -> Arc<str> {
        Arc::from(format!("model-{number}"))
    }

    #[test]
    fn each_model_is_warned_of_once_an_hour() {
        let (mut warned, now) = (Warned::default(), Micros::from_millis(1_000_000));
        assert!(warned.is_due(&named(1), now));
        assert!(warned.is_due(&named(2), now));
        assert!(!warned.is_due(&named(1), now.plus(Duration::from_mins(59))));
        assert!(warned.is_due(&named(1), now.plus(EVERY)));
    }

    #[test]
    fn names_that_clients_make_up_do_not_fill_the_log() {
        let (mut warned, now) = (Warned::default(), Micros::from_millis(1_000_000));
        let told = (0..10_000).filter(|number| warned.is_due(&named(*number), now)).count();
        assert_eq!((told, warned.0.len()), (MODELS, MODELS));
        assert!(warned.is_due(&named(10_000), now.plus(EVERY)));
    }
}
