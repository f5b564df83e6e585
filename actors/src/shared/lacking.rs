//! Which providers have said lately that they do not have a model: they are asked for it again when
//! that is forgotten, or when nobody else can serve it.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::RwLock;

use crate::domain::ids::ProviderId;
use crate::domain::instant::Micros;
use crate::domain::map::Map;
use crate::domain::provider::Provider;

/// How long it is remembered.
const REMEMBERED: Duration = Duration::from_mins(5);
/// Models of one provider that are remembered at once, and how long their names may be: names come
/// from clients.
const MOST_MODELS: usize = 64;
const LONGEST_NAME: usize = 255;

#[derive(Debug)]
struct Entry {
    /// The provider as it was: once it is edited, its vendor may say something else.
    provider: Arc<Provider>,
    /// Models and when they are forgotten, the earliest first.
    models: Vec<(Arc<str>, Micros)>,
}

impl Entry {
    fn is_of(&self, provider: &Provider) -> bool {
        std::ptr::eq(self.provider.as_ref(), provider) || *self.provider == *provider
    }
}

/// The models that providers lack, as all workers have heard. Looking costs one read where nobody
/// lacks anything.
#[derive(Debug, Default)]
pub struct Lacking(RwLock<Map<ProviderId, Entry>>);

impl Lacking {
    /// Notes that a provider said that it does not have a model.
    pub fn note(&self, provider: &Arc<Provider>, model: &str, now: Micros) {
        if model.is_empty() || model.len() > LONGEST_NAME {
            return;
        }
        let fresh = || Entry { provider: Arc::clone(provider), models: Vec::new() };
        let mut all = self.0.write();
        let entry = all.entry(provider.id).or_insert_with(fresh);
        if !entry.is_of(provider) {
            *entry = fresh();
        }
        let models = &mut entry.models;
        models.retain(|(name, until)| name.as_ref() != model && *until > now);
        if models.len() >= MOST_MODELS {
            models.remove(0);
        }
        models.push((Arc::from(model), now.plus(REMEMBERED)));
    }

    /// Returns until when a provider is taken to lack a model; `None` when nothing is known of it, or
    /// the provider was edited since.
    #[must_use]
    pub fn until(&self, provider: &Provider, model: &str, now: Micros) -> Option<Micros> {
        let all = self.0.read();
        let entry = all.get(&provider.id).filter(|entry| entry.is_of(provider))?;
        let (_, until) = entry.models.iter().find(|(name, _)| name.as_ref() == model)?;
        Some(*until).filter(|until| *until > now)
    }

    /// Forgets that a provider lacks a model: it has just served it.
    pub fn has_it(&self, provider: ProviderId, model: &str) {
        let knows = |entry: &Entry| entry.models.iter().any(|(name, _)| name.as_ref() == model);
        if !self.0.read().get(&provider).is_some_and(knows) {
            return;
        }
        if let Some(entry) = self.0.write().get_mut(&provider) {
            entry.models.retain(|(name, _)| name.as_ref() != model);
        }
    }

    /// Forgets all that a provider lacks.
    pub fn forget(&self, provider: ProviderId) {
        self.0.write().remove(&provider);
    }

    /// Returns what a provider lacks, and until when that is remembered.
    #[must_use]
    pub fn of(&self, provider: ProviderId, now: Micros) -> Vec<(Arc<str>, Micros)> {
        let all = self.0.read();
        let models = all.get(&provider).into_iter().flat_map(|entry| &entry.models);
        models.filter(|(_, until)| *until > now).cloned().collect()
    }

    /// Keeps what is known of those providers alone that there still are as they were.
    pub fn keep(&self, is_there: impl Fn(&Provider) -> bool) {
        self.0.write().retain(|_, entry| is_there(&entry.provider));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::provider;

    const NOW: Micros = Micros(1_772_452_800_000_000);
    const ONE: ProviderId = ProviderId(1);

    fn one() -> Arc<Provider> {
        Arc::new(provider(1))
    }

    #[test]
    fn what_is_lacking_is_remembered_for_some_minutes() {
        let (lacking, one) = (Lacking::default(), one());
        lacking.note(&one, "rare", NOW);
        let end = NOW.plus(REMEMBERED);
        assert_eq!(lacking.until(&one, "rare", NOW), Some(end));
        assert_eq!(lacking.until(&one, "common", NOW), None);
        assert_eq!(lacking.until(&provider(2), "rare", NOW), None);
        assert_eq!(lacking.of(ONE, NOW), [(Arc::from("rare"), end)]);
        assert_eq!(lacking.until(&one, "rare", end), None);
        assert!(lacking.of(ONE, end).is_empty());
    }

    #[test]
    fn an_answer_a_reset_and_an_edit_end_it() {
        let (lacking, one) = (Lacking::default(), one());
        lacking.note(&one, "rare", NOW);
        lacking.has_it(ONE, "rare");
        assert_eq!(lacking.until(&one, "rare", NOW), None);
        lacking.note(&one, "rare", NOW);
        lacking.forget(ONE);
        assert_eq!(lacking.until(&one, "rare", NOW), None);
        lacking.note(&one, "rare", NOW);
        let loaded_again = provider(1);
        assert!(lacking.until(&loaded_again, "rare", NOW).is_some(), "it is the same");
        let mut edited = provider(1);
        edited.priority = 7;
        assert_eq!(lacking.until(&edited, "rare", NOW), None);
        lacking.keep(|known| *known == edited);
        assert!(lacking.of(ONE, NOW).is_empty());
    }

    #[test]
    fn there_is_a_bound_to_what_is_remembered() {
        let (lacking, one) = (Lacking::default(), one());
        for number in 0..=MOST_MODELS {
            lacking.note(&one, &format!("model-{number}"), NOW);
        }
        lacking.note(&one, &"x".repeat(LONGEST_NAME + 1), NOW);
        lacking.note(&one, "", NOW);
        assert_eq!(lacking.of(ONE, NOW).len(), MOST_MODELS);
        assert_eq!(lacking.until(&one, "model-0", NOW), None, "the oldest one goes");
        assert!(lacking.until(&one, &format!("model-{MOST_MODELS}"), NOW).is_some());
    }
}
