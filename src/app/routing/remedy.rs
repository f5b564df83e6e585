//! What would let a provider serve that does not: one sentence for each reason, for operators.

use std::sync::Arc;

use switchyard_actors::domain::decision::Exclusion;
use switchyard_actors::domain::provider::Provider;
use switchyard_actors::provider_pool::eligibility::Wanted;

/// Says what would end a reason.
#[must_use]
pub fn remedy(reason: Exclusion, provider: &Provider, wanted: &Wanted<'_>) -> String {
    match reason {
        Exclusion::Disabled => "switch the provider on".to_owned(),
        Exclusion::Group => format!(
            "the key sees {}, the provider is of {}: give one of them a group of the other",
            listed(&wanted.caller.groups),
            listed(&provider.groups)
        ),
        Exclusion::Format => format!(
            "a provider of kind {} serves {} clients only where requests are converted \
             (ENABLE_FORMAT_CONVERSION)",
            provider.kind.name(),
            wanted.dialect
        ),
        Exclusion::Model => {
            let model = wanted.model.unwrap_or_default();
            format!("add {model}, or a pattern it fits, to the provider's models or redirects")
        }
        Exclusion::Client => format!(
            "the client counts as {}: change the provider's lists of client programs",
            wanted.client.name()
        ),
        Exclusion::Schedule => "wait until the provider's hours begin, or change them".to_owned(),
        Exclusion::CircuitOpen => {
            "wait for the breaker's next probe, or reset it once the provider is well".to_owned()
        }
        Exclusion::ProbesOut => {
            "wait: requests are probing whether the provider is well again".to_owned()
        }
        Exclusion::Cooling => "wait: the provider asked for a pause".to_owned(),
        Exclusion::SpendLimit => {
            "raise the provider's spend limit, or wait until its window begins anew".to_owned()
        }
        Exclusion::RateLimit => {
            "raise the provider's limit of requests or tokens a minute, or wait a moment".to_owned()
        }
        Exclusion::ConcurrencyLimit => {
            "raise the provider's concurrency limit, or wait for a place".to_owned()
        }
        Exclusion::Tried => "it has failed in this request already".to_owned(),
        Exclusion::NoEndpoint => "give the provider an address that is switched on".to_owned(),
        Exclusion::LacksModel => format!(
            "wait, or get {} for its account and reset it; if it never has the model, take that out \
             of the provider's models",
            wanted.model.unwrap_or_default()
        ),
        Exclusion::Unpriced => {
            "set a price for the model that the provider is sent, or serve requests without one"
                .to_owned()
        }
        Exclusion::Proxy => "mend the address of the provider's proxy, or remove it".to_owned(),
    }
}

fn listed(groups: &[Arc<str>]) -> String {
    groups.join(", ")
}
