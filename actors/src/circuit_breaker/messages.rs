//! What one may ask and tell the `CircuitBreakerRegistry`.

use std::sync::Arc;

use actix::prelude::Message;
use serde::Serialize;

use crate::domain::breaker::{Cause, Change, Transition};
use crate::domain::breaker_view::BreakerView;
use crate::domain::ids::ProviderId;
use crate::domain::instant::Micros;
use crate::ports::BreakerNews;

/// Told: a breaker changed.
impl Message for Transition {
    type Result = ();
}

/// How are all breakers that ever had trouble?
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "Vec<ProviderBreaker>")]
pub struct Views;

/// One breaker with its story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProviderBreaker {
    /// Its state.
    pub view: BreakerView,
    /// Its last change and when that was, as far as the registry was told.
    pub last_change: Option<(Change, Micros)>,
    /// The last failures, the latest first.
    pub causes: Vec<Cause>,
}

/// Told: changes that arise here go to other nodes through this from now on.
#[derive(Clone, Message)]
#[rtype(result = "()")]
pub struct PublishTo(pub Arc<dyn BreakerNews>);

/// Close a provider's breaker, and those of its addresses. Answers whether it was not closed before.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "bool")]
pub struct Reset {
    /// The provider.
    pub provider: ProviderId,
    /// When.
    pub now: Micros,
}

/// Asks for the tallies.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "CircuitBreakerRegistryView")]
pub struct Observe;

/// What the registry was told since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CircuitBreakerRegistryView {
    /// Breakers that opened.
    pub opened: u64,
    /// Breakers that closed by good probes.
    pub closed: u64,
    /// Breakers that an operator closed.
    pub reset: u64,
}
