//! What stands below a provider's name: its addresses, and what its vendor said is left.

use std::sync::Arc;

use serde::Serialize;
use switchyard_actors::domain::allowance::Allowance;
use switchyard_actors::domain::breaker_view::BreakerState;
use switchyard_actors::domain::instant::Micros;

use crate::app::providers::{AddressStanding, Left};
use crate::web::console::frame::Text;

/// One of several addresses.
#[derive(Clone, Debug, Serialize)]
pub struct AddressView {
    pub url: String,
    pub state: Text,
    /// Empty of one that is well.
    pub colour: &'static str,
    /// Until when it is passed over.
    pub until: Option<i64>,
    /// Why its last check failed.
    pub fault: Option<String>,
}

impl AddressView {
    /// Shows how an address is.
    pub fn of(address: &AddressStanding) -> Self {
        let fault = address.probed.as_ref().and_then(|probed| probed.fault.as_deref());
        let (id, colour) = match address.breaker.0 {
            _ if !address.enabled => ("providers-address-off", "unknown"),
            BreakerState::Open => ("providers-address-open", "bad"),
            BreakerState::HalfOpen => ("providers-address-half-open", "warn"),
            BreakerState::Closed if fault.is_some() => ("providers-address-failed", "warn"),
            BreakerState::Closed => match address.probed {
                Some(_) => ("providers-address-checked", ""),
                None => ("providers-address-well", ""),
            },
        };
        Self {
            url: address.url.clone(),
            state: Text::of(id),
            colour,
            until: address.breaker.1.map(|until| until.0),
            fault: fault.map(str::to_owned),
        }
    }
}

/// A model that it said lately it does not have.
#[derive(Clone, Debug, Serialize)]
pub struct LackView {
    pub text: Text,
    /// When it is asked for it again.
    pub until: i64,
}

impl LackView {
    /// Shows it.
    pub fn of((model, until): &(Arc<str>, Micros)) -> Self {
        let text = Text::of("providers-lacks").with("model", model.to_string());
        Self { text, until: until.0 }
    }
}

/// What a vendor said last is left of its limits.
#[derive(Clone, Debug, Serialize)]
pub struct LeftView {
    pub parts: Vec<Text>,
    pub at: i64,
}

impl LeftView {
    /// Shows it.
    pub fn of(left: &Left) -> Self {
        let (at, said) = left;
        let part = |of: Option<Allowance>, plain, bounded| {
            let of = of?;
            let whole = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
            let text = Text::of(if of.limit.is_some() { bounded } else { plain });
            let text = text.with("left", whole(of.remaining));
            Some(text.with("most", whole(of.limit.unwrap_or_default())))
        };
        let requests = part(said.requests, "providers-left-requests", "providers-left-requests-of");
        let tokens = part(said.tokens, "providers-left-tokens", "providers-left-tokens-of");
        Self { parts: requests.into_iter().chain(tokens).collect(), at: at.0 }
    }
}
