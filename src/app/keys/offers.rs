//! Which clients a key can serve as things are, and by which model: a pure look at the catalogue.

use std::collections::BTreeSet;
use std::sync::Arc;

use switchyard_actors::domain::caller::Caller;
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::dialect::{Dialect, ProviderKind};
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::provider::Provider;

use crate::app::providers;

/// What a dialect's clients find behind a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// A provider serves them.
    Served {
        /// The provider that is asked first.
        provider: ProviderId,
        /// A good first model to ask for.
        model: Arc<str>,
        /// Nothing narrows the models down: what a client asks for by itself is likely served.
        any: bool,
        /// The provider is known to serve the model; else it is a usual one of its kind.
        known: bool,
    },
    /// There is no provider of their kind.
    NoProvider,
    /// There are some, but all are switched off.
    AllOff,
    /// There are some, but of groups that the key may not use.
    OtherGroups,
    /// There are some, but none serves a model that the user may ask for.
    OtherModels,
}

/// Says what a dialect's clients find behind a key. Providers in `resting` come last.
#[must_use]
pub fn offer(
    catalogue: &Catalogue,
    caller: &Caller,
    dialect: Dialect,
    resting: &BTreeSet<ProviderId>,
) -> Offer {
    let kin: Vec<&Arc<Provider>> =
        catalogue.providers.iter().filter(|provider| provider.kind.speaks(dialect)).collect();
    if kin.is_empty() {
        return Offer::NoProvider;
    }
    let mut on: Vec<_> = kin.into_iter().filter(|provider| is_ready(provider)).collect();
    if on.is_empty() {
        return Offer::AllOff;
    }
    on.retain(|provider| caller.sees(&provider.groups));
    if on.is_empty() {
        return Offer::OtherGroups;
    }
    on.sort_by_key(|each| (resting.contains(&each.id), each.priority, each.id));
    let served = on.into_iter().find_map(|provider| served(caller, provider));
    served.unwrap_or(Offer::OtherModels)
}

fn served(caller: &Caller, provider: &Provider) -> Option<Offer> {
    let usual = usual_model(provider);
    let model = model(caller, provider, usual)?;
    let is_listed = named(provider).any(|named| named == model);
    let known = is_listed || (vendors_model(provider) == Some(&*model));
    // The vendor's own models have names of another family: clients do not ask for those.
    let any =
        is_open(provider) && caller.allowed_models.is_empty() && looks_like(provider.kind, usual);
    Some(Offer::Served { provider: provider.id, model, any, known })
}

/// Returns the models that an operator named.
fn named(provider: &Provider) -> impl Iterator<Item = Arc<str>> {
    provider.named_models().map(Arc::from)
}

/// Tells whether the operator says nothing of models.
fn is_open(provider: &Provider) -> bool {
    provider.allowed_models.is_empty() && provider.redirects.is_empty()
}

/// Returns a model that the vendor has for sure, where the vendor is a known one.
fn vendors_model(provider: &Provider) -> Option<&'static str> {
    let endpoint = provider.endpoints.first()?;
    providers::test_model(provider.kind, &endpoint.url)
}

fn is_ready(provider: &Provider) -> bool {
    provider.enabled && !provider.endpoints.is_empty() && !provider.proxy.is_unusable()
}

/// Chooses a model that the provider serves and the user may ask for: the usual small one where the
/// provider names it or names none, else the first that is named anywhere.
fn model(caller: &Caller, provider: &Provider, usual: &str) -> Option<Arc<str>> {
    let may = |model: &str| caller.may_ask(model);
    let usual: Arc<str> = Arc::from(usual);
    let names_usual = is_open(provider) || named(provider).any(|model| model == usual);
    let mut asked: Vec<Arc<str>> = caller.allowed_models.to_vec();
    asked.sort_by_key(|model| !looks_like(provider.kind, model));
    let first = names_usual.then(|| Arc::clone(&usual));
    let mut all = first.into_iter().chain(named(provider)).chain(asked).chain([usual]);
    all.find(|model| provider.serves(model) && may(model))
}

/// Returns the vendor's own small model, or one that most vendors of the kind have.
fn usual_model(provider: &Provider) -> &'static str {
    vendors_model(provider).unwrap_or_else(|| model_of_kind(provider.kind))
}

/// A small model that most vendors of the kind have had for long.
const fn model_of_kind(kind: ProviderKind) -> &'static str {
    match kind {
        ProviderKind::Claude | ProviderKind::ClaudeAuth => "claude-haiku-4-5",
        ProviderKind::Codex | ProviderKind::OpenaiCompatible => "gpt-5-mini",
        ProviderKind::Gemini | ProviderKind::GeminiCli => "gemini-2.5-flash",
    }
}

fn looks_like(kind: ProviderKind, model: &str) -> bool {
    let family = model_of_kind(kind).split('-').next().unwrap_or_default();
    model.starts_with(family)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use switchyard_actors::domain::caller::parse_groups;
    use switchyard_actors::domain::ids::EndpointId;
    use switchyard_actors::domain::limits::Limits;
    use switchyard_actors::domain::provider::Endpoint;
    use switchyard_actors::domain::routing::pattern::Pattern;
    use switchyard_actors::domain::routing::redirects::Redirects;
    use switchyard_actors::testing::{caller as anybody, provider as of_somebody};

    use super::*;

    fn names(names: &[&str]) -> Arc<[Arc<str>]> {
        names.iter().map(|name| Arc::from(*name)).collect()
    }

    fn patterns(names: &[&str]) -> Arc<[Pattern]> {
        names.iter().map(|name| Pattern::parse(name).unwrap()).collect()
    }

    fn provider(id: i64, kind: ProviderKind) -> Provider {
        Provider { kind, groups: parse_groups(None), ..of_somebody(id) }
    }

    fn caller(models: &[&str]) -> Caller {
        let anna = anybody(1, 1, Limits::default(), Limits::default());
        Caller { allowed_models: names(models), ..Caller::clone(&anna) }
    }

    fn found(providers: Vec<Provider>, caller: &Caller) -> Offer {
        let providers: Vec<_> = providers.into_iter().map(Arc::new).collect();
        let catalogue = Catalogue { providers: providers.into(), ..Catalogue::default() };
        offer(&catalogue, caller, Dialect::Anthropic, &BTreeSet::from([ProviderId(1)]))
    }

    fn served(model: &str) -> Offer {
        Offer::Served { provider: ProviderId(2), model: Arc::from(model), any: false, known: true }
    }

    fn guessed(model: &str, any: bool) -> Offer {
        Offer::Served { provider: ProviderId(2), model: Arc::from(model), any, known: false }
    }

    #[test]
    fn a_known_vendor_is_asked_for_a_model_of_its_own() {
        let at = |url: &str| {
            let url = Arc::from(url);
            let endpoints = Arc::from([Endpoint { id: EndpointId(2), url }]);
            Provider { endpoints, ..provider(2, ProviderKind::Claude) }
        };
        let anybody = caller(&[]);
        let deepseek = found(vec![at("https://api.deepseek.com/anthropic")], &anybody);
        assert_eq!(deepseek, served("deepseek-chat"), "and a client has to be told");
        let anthropic = found(vec![at("https://api.anthropic.com")], &anybody);
        let model = Arc::from("claude-haiku-4-5");
        let known = Offer::Served { provider: ProviderId(2), model, any: true, known: true };
        assert_eq!(anthropic, known);
        let unknown = found(vec![at("https://relay.example.com")], &anybody);
        assert_eq!(unknown, guessed("claude-haiku-4-5", true));
    }

    #[test]
    fn what_stands_in_the_way_is_named() {
        let anybody = caller(&[]);
        let claude = || provider(1, ProviderKind::Claude);
        assert_eq!(found(vec![provider(1, ProviderKind::Codex)], &anybody), Offer::NoProvider);
        let off = Provider { enabled: false, ..claude() };
        assert_eq!(found(vec![off], &anybody), Offer::AllOff);
        let elsewhere = Provider { groups: parse_groups(Some("vip")), ..claude() };
        assert_eq!(found(vec![elsewhere], &anybody), Offer::OtherGroups);
        let opus = Provider { allowed_models: patterns(&["opus"]), ..claude() };
        assert_eq!(found(vec![opus], &caller(&["sonnet"])), Offer::OtherModels);
    }

    #[test]
    fn a_model_is_chosen_that_the_provider_serves_and_the_user_may_ask_for() {
        let claude = || provider(2, ProviderKind::Claude);
        let listed = |models: &[&str]| Provider { allowed_models: patterns(models), ..claude() };
        let anything = guessed("claude-haiku-4-5", true);
        assert_eq!(found(vec![claude()], &caller(&[])), anything);
        assert_eq!(found(vec![listed(&["a", "b"])], &caller(&[])), served("a"));
        assert_eq!(found(vec![listed(&["a", "b"])], &caller(&["B"])), served("b"));
        let usual = listed(&["a", "claude-haiku-4-5"]);
        assert_eq!(found(vec![usual], &caller(&[])), served("claude-haiku-4-5"));
        let redirects = BTreeMap::from([(Arc::from("kimi"), Arc::from("k2"))]);
        let redirects = Arc::new(Redirects::kept(&redirects));
        let redirecting = Provider { redirects, ..claude() };
        assert_eq!(found(vec![redirecting], &caller(&[])), served("kimi"));
        let asks = caller(&["gpt-5", "claude-x"]);
        assert_eq!(found(vec![claude()], &asks), guessed("claude-x", false));
    }

    #[test]
    fn one_that_rests_is_looked_at_last() {
        let rests =
            Provider { allowed_models: patterns(&["a"]), ..provider(1, ProviderKind::Claude) };
        let well = Provider {
            allowed_models: patterns(&["b"]),
            priority: 9,
            ..provider(2, ProviderKind::Claude)
        };
        assert_eq!(found(vec![rests, well], &caller(&[])), served("b"));
    }
}
