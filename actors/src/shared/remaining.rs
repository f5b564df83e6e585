//! What vendors said is left of their limits, with their last answers.

use parking_lot::Mutex;

use crate::domain::allowance::Allowances;
use crate::domain::ids::ProviderId;
use crate::domain::instant::Micros;
use crate::domain::map::Map;

/// The last word of each provider's vendor, of all workers.
#[derive(Debug, Default)]
pub struct Remaining(Mutex<Map<ProviderId, (Micros, Allowances)>>);

impl Remaining {
    /// Notes what a vendor said. An answer without a word of it changes nothing, nor does one that is
    /// older than what is known.
    pub fn note(&self, provider: ProviderId, at: Micros, said: Allowances) {
        if said.is_empty() {
            return;
        }
        let mut all = self.0.lock();
        let known = all.entry(provider).or_insert((at, said));
        if at >= known.0 {
            *known = (at, said);
        }
    }

    /// Returns what a provider's vendor said last, and when.
    #[must_use]
    pub fn of(&self, provider: ProviderId) -> Option<(Micros, Allowances)> {
        self.0.lock().get(&provider).copied()
    }

    /// Keeps what is known of providers alone that there still are.
    pub fn keep(&self, is_there: impl Fn(ProviderId) -> bool) {
        self.0.lock().retain(|provider, _| is_there(*provider));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::allowance::Allowance;

    #[test]
    fn the_latest_word_is_known_and_silence_changes_nothing() {
        let (remaining, one) = (Remaining::default(), ProviderId(1));
        let left = |remaining| Allowances {
            requests: Some(Allowance { remaining, limit: Some(50) }),
            tokens: None,
        };
        remaining.note(one, Micros(2), left(9));
        remaining.note(one, Micros(3), Allowances::default());
        remaining.note(one, Micros(1), left(10));
        assert_eq!(remaining.of(one), Some((Micros(2), left(9))));
        remaining.note(one, Micros(4), left(8));
        assert_eq!(remaining.of(one), Some((Micros(4), left(8))));
        remaining.keep(|provider| provider != one);
        assert_eq!(remaining.of(one), None);
    }
}
