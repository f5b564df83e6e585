//! The addresses of a provider that has several or has switched its own off, and what its vendor said is left of its limits.

use std::collections::HashMap;

use switchyard_actors::domain::allowance::Allowances;
use switchyard_actors::domain::breaker_view::{BreakerState, BreakerView};
use switchyard_actors::domain::ids::{EndpointId, ProviderId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::shared::probes::Probed;

use crate::app::AppContext;
use crate::store::StoredEndpoint;
use crate::wire::url::bare;

/// How one of several addresses is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressStanding {
    /// Its base URL, as it may be shown.
    pub url: String,
    /// It may be tried.
    pub enabled: bool,
    /// Its breaker, and until when that is open.
    pub breaker: (BreakerState, Option<Micros>),
    /// What its last check has found.
    pub probed: Option<Probed>,
}

/// What a vendor said last, and when.
pub type Left = (Micros, Allowances);

/// Looks at the addresses of providers.
pub(super) struct Look {
    views: HashMap<EndpointId, BreakerView>,
}

impl Look {
    pub(super) fn new(app: &AppContext) -> Self {
        let handle = app.live.breakers.as_ref();
        let views = handle.map(|handle| handle.breakers().endpoint_views()).unwrap_or_default();
        Self { views: views.into_iter().collect() }
    }

    /// Returns how the addresses of a provider are; nothing where there is one and it may be tried.
    pub(super) fn of(&self, app: &AppContext, stored: &[StoredEndpoint]) -> Vec<AddressStanding> {
        if let [one] = stored
            && one.enabled
        {
            return Vec::new();
        }
        let standing = stored.iter().map(|one| {
            let view = self.views.get(&one.id);
            AddressStanding {
                url: bare(&one.url),
                enabled: one.enabled,
                breaker: view
                    .map_or((BreakerState::Closed, None), |view| (view.state, view.open_until)),
                probed: app.live.probes.as_ref().and_then(|probes| probes.of(one.id)),
            }
        });
        standing.collect()
    }
}

/// Returns what a provider's vendor said last.
pub(super) fn left(app: &AppContext, provider: ProviderId) -> Option<Left> {
    app.live.remaining.as_ref()?.of(provider)
}
