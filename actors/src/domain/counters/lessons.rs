//! What finished requests of one key teach about the next one's price, by model, in bounded memory.

use std::sync::Arc;

use crate::domain::map::Map;
use crate::domain::money::Nano;

/// Outputs that are remembered.
const OUTPUTS: usize = 64;
/// Models that are remembered for one key; the one taught longest ago makes room.
const MODELS: usize = 32;
/// Cost per byte is kept in 1/1024 nano-dollars.
const SCALE: u64 = 1_024;
/// A new cost per byte weighs one part in so many.
const INERTIA: u64 = 4;

/// What one finished request shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taught {
    /// Its input at list price, when that is known.
    pub input_list: Option<Nano>,
    /// The bytes of its body.
    pub input_bytes: u64,
    /// Its output tokens.
    pub output: u64,
}

/// What is known about one model of one key.
#[derive(Clone, Debug, Default)]
pub struct Lesson {
    per_byte: Option<u64>,
    outputs: Vec<u64>,
    next: usize,
    p95: Option<u64>,
}

impl Lesson {
    /// Returns what a body of so many bytes costs at list price, as far as experience goes.
    #[must_use]
    pub fn input_list(&self, bytes: u64) -> Option<Nano> {
        let scaled = u128::from(self.per_byte?).saturating_mul(u128::from(bytes));
        let nano = scaled.div_ceil(u128::from(SCALE));
        Some(Nano(i64::try_from(nano).unwrap_or(i64::MAX)))
    }

    /// Returns the output that 95 in 100 recent requests stayed within.
    #[must_use]
    pub const fn p95_output(&self) -> Option<u64> {
        self.p95
    }

    fn teach(&mut self, taught: &Taught) {
        if let (Some(list), true) = (taught.input_list, taught.input_bytes > 0) {
            let list = u64::try_from(list.0).unwrap_or(0);
            let sample = list.saturating_mul(SCALE) / taught.input_bytes;
            self.per_byte = Some(self.per_byte.map_or(sample, |old| blend(old, sample)));
        }
        match self.outputs.get_mut(self.next) {
            Some(oldest) => *oldest = taught.output,
            None => self.outputs.push(taught.output),
        }
        self.next = (self.next + 1) % OUTPUTS;
        self.p95 = p95(&self.outputs);
    }
}

/// The lessons of one key.
#[derive(Clone, Debug, Default)]
pub struct Lessons {
    by_model: Map<Arc<str>, (u64, Lesson)>,
    taught: u64,
}

impl Lessons {
    /// Returns what is known about a model.
    #[must_use]
    pub fn of(&self, model: &str) -> Option<&Lesson> {
        self.by_model.get(model).map(|(_, lesson)| lesson)
    }

    /// Learns from a finished request.
    pub fn teach(&mut self, model: &Arc<str>, taught: &Taught) {
        if self.by_model.len() >= MODELS && !self.by_model.contains_key(model) {
            self.forget_oldest();
        }
        self.taught = self.taught.saturating_add(1);
        let (at, lesson) = self.by_model.entry(Arc::clone(model)).or_default();
        *at = self.taught;
        lesson.teach(taught);
    }

    fn forget_oldest(&mut self) {
        let oldest = self.by_model.iter().min_by_key(|(_, (at, _))| *at);
        if let Some(model) = oldest.map(|(model, _)| Arc::clone(model)) {
            self.by_model.remove(&model);
        }
    }
}

const fn blend(old: u64, sample: u64) -> u64 {
    old - old / INERTIA + sample / INERTIA
}

fn p95(outputs: &[u64]) -> Option<u64> {
    let mut sorted = outputs.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * 95).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(output: u64) -> Taught {
        Taught { output, ..Taught::default() }
    }

    #[test]
    fn the_ninety_fifth_percentile_forgets_what_is_old() {
        let model: Arc<str> = Arc::from("m");
        let mut lessons = Lessons::default();
        for _ in 0..4 {
            lessons.teach(&model, &output(9_000));
        }
        for _ in 0..60 {
            lessons.teach(&model, &output(100));
        }
        assert_eq!(lessons.of("m").unwrap().p95_output(), Some(9_000));
        for _ in 0..4 {
            lessons.teach(&model, &output(100));
        }
        assert_eq!(lessons.of("m").unwrap().p95_output(), Some(100));
    }

    #[test]
    fn the_cost_of_a_byte_follows_recent_requests() {
        let model: Arc<str> = Arc::from("m");
        let mut lessons = Lessons::default();
        let input = |list| Taught { input_list: Some(Nano(list)), input_bytes: 1_000, output: 1 };
        lessons.teach(&model, &input(750_000));
        assert_eq!(lessons.of("m").unwrap().input_list(2_000), Some(Nano(1_500_000)));
        for _ in 0..40 {
            lessons.teach(&model, &input(75_000));
        }
        let now = lessons.of("m").unwrap().input_list(1_000).unwrap();
        assert!((74_900..=75_100).contains(&now.0), "{now:?}");
    }

    #[test]
    fn the_table_is_bounded_and_forgets_the_model_taught_longest_ago() {
        let mut lessons = Lessons::default();
        for number in 0..=MODELS {
            lessons.teach(&Arc::from(number.to_string()), &output(1));
        }
        assert_eq!(lessons.by_model.len(), MODELS);
        assert!(lessons.of("0").is_none());
        assert!(lessons.of("1").is_some());
    }
}
