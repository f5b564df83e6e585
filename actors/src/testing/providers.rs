//! Providers for tests.

use std::num::NonZeroU32;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::domain::caller::parse_groups;
use crate::domain::credential::Access;
use crate::domain::dialect::ProviderKind;
use crate::domain::ids::{EndpointId, ProviderId};
use crate::domain::limits::Limits;
use crate::domain::loss_policy::LossPolicy;
use crate::domain::provider::{BreakerConfig, Endpoint, Provider, Timeouts};
use crate::domain::proxy::ProxyUse;
use crate::domain::routing::client::ClientList;
use crate::domain::secret::Secret;

/// Makes a Claude provider of the default groups `a` and `default`.
#[must_use]
pub fn provider(id: i64) -> Provider {
    Provider {
        id: ProviderId(id),
        name: Arc::from(format!("p{id}")),
        vendor: Arc::from("example.com"),
        kind: ProviderKind::Claude,
        enabled: true,
        endpoints: Arc::from([Endpoint {
            id: EndpointId(id),
            url: Arc::from("https://api.example.com"),
        }]),
        key: Secret::new("sk"),
        access: Access::Key,
        groups: parse_groups(Some("a,default")),
        priority: 0,
        group_priorities: Arc::default(),
        weight: NonZeroU32::MIN,
        multiplier: Decimal::ONE,
        allowed_models: Arc::from([]),
        redirects: Arc::default(),
        clients: ClientList::default(),
        schedule: None,
        custom_headers: Arc::from([]),
        limits: Limits::default(),
        timeouts: Timeouts::default(),
        breaker: BreakerConfig::default(),
        max_attempts: None,
        allow_private: false,
        preserve_client_ip: false,
        proxy: ProxyUse::None,
        never_sticky: false,
        loss_policy: LossPolicy::default(),
        preferences: Arc::default(),
    }
}
