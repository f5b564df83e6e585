//! Which provider serves which model of one session: a few entries, the latest first.

use std::sync::Arc;

use serde::Serialize;

use crate::domain::ids::ProviderId;

/// Models of one session whose provider is remembered.
const MODELS: usize = 8;

/// The provider that a session's model is kept on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Binding {
    /// The model asked for.
    pub model: Option<Arc<str>>,
    /// The provider.
    pub provider: ProviderId,
    /// Turns in a row that somebody else served in its place.
    pub misses: u32,
}

impl Binding {
    /// Makes one that has missed no turn.
    #[must_use]
    pub const fn new(model: Option<Arc<str>>, provider: ProviderId) -> Self {
        Self { model, provider, misses: 0 }
    }
}

/// The bindings of one session.
#[derive(Clone, Debug, Default)]
pub struct Bindings(Vec<Binding>);

impl Bindings {
    /// Returns the binding of exactly this model.
    #[must_use]
    pub fn of(&self, model: Option<&str>) -> Option<&Binding> {
        self.0.iter().find(|binding| binding.model.as_deref() == model)
    }

    /// Returns who should be asked first: the provider of this model, else of another variant of it
    /// (`opus`, `opus(high)`), else the latest of any model.
    #[must_use]
    pub fn preferred(&self, model: Option<&str>) -> Option<ProviderId> {
        let family = model.map(family);
        let related = || self.0.iter().find(|one| one.model.as_deref().map(self::family) == family);
        let found = self.of(model).or_else(related).or_else(|| self.0.first());
        found.map(|binding| binding.provider)
    }

    /// Keeps a model on a provider; the model becomes the latest.
    pub fn set(&mut self, binding: Binding) {
        self.0.retain(|old| old.model != binding.model);
        self.0.insert(0, binding);
        self.0.truncate(MODELS);
    }

    /// Notes that somebody else served a turn of this model.
    pub fn miss(&mut self, model: Option<&str>) {
        if let Some(binding) = self.0.iter_mut().find(|one| one.model.as_deref() == model) {
            binding.misses = binding.misses.saturating_add(1);
        }
    }

    /// Frees one model.
    pub fn free_model(&mut self, model: Option<&str>) {
        self.0.retain(|binding| binding.model.as_deref() != model);
    }

    /// Frees all models from a provider; tells whether there were any.
    pub fn free(&mut self, provider: ProviderId) -> bool {
        let before = self.0.len();
        self.0.retain(|binding| binding.provider != provider);
        self.0.len() < before
    }

    /// Frees all models.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Returns the bindings, the latest first.
    #[must_use]
    pub fn as_slice(&self) -> &[Binding] {
        &self.0
    }
}

/// Returns a model's name without the variant in brackets at its end: `opus(high)`, `sonnet[1m]`.
fn family(model: &str) -> &str {
    let Some(opening) = (match model.chars().next_back() {
        Some(')') => model.rfind('('),
        Some(']') => model.rfind('['),
        _ => None,
    }) else {
        return model;
    };
    model.get(..opening).filter(|base| !base.is_empty()).unwrap_or(model)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bindings(of: &[(&str, i64)]) -> Bindings {
        let mut bindings = Bindings::default();
        for (model, provider) in of {
            bindings.set(Binding::new(Some(Arc::from(*model)), ProviderId(*provider)));
        }
        bindings
    }

    #[test]
    fn a_variant_of_a_model_is_where_the_model_is_and_others_are_where_the_session_was_last() {
        let bindings = bindings(&[("opus", 1), ("haiku", 2)]);
        for (model, provider) in [
            ("opus", 1),
            ("haiku", 2),
            ("opus(high)", 1),
            ("opus[1m]", 1),
            ("haiku(low)", 2),
            ("sonnet", 2),
            ("(high)", 2),
            ("opus)", 2),
        ] {
            assert_eq!(bindings.preferred(Some(model)), Some(ProviderId(provider)), "{model}");
        }
        assert_eq!(bindings.preferred(None), Some(ProviderId(2)));
        assert_eq!(Bindings::default().preferred(Some("opus")), None);
    }

    #[test]
    fn a_model_is_freed_alone_and_a_provider_with_all_its_models() {
        let mut bindings = bindings(&[("opus", 1), ("haiku", 1), ("sonnet", 2)]);
        bindings.free_model(Some("opus"));
        assert_eq!(bindings.of(Some("opus")), None);
        assert_eq!(bindings.of(Some("haiku")).map(|one| one.provider), Some(ProviderId(1)));
        assert!(bindings.free(ProviderId(1)) && !bindings.free(ProviderId(1)));
        assert_eq!(bindings.as_slice().len(), 1);
    }

    #[test]
    fn only_the_latest_models_are_remembered() {
        let mut bindings = Bindings::default();
        for number in 0..20 {
            let model = Some(Arc::from(format!("m{number}")));
            bindings.set(Binding::new(model, ProviderId(number)));
        }
        assert_eq!(bindings.as_slice().len(), MODELS);
        assert_eq!(bindings.preferred(None), Some(ProviderId(19)));
    }
}
