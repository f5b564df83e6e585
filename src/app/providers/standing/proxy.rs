//! A provider's proxy, and how it did when it was last used.

use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::proxy::ProxyUse;
use switchyard_actors::shared::proxies::ProxyResult;

use crate::app::AppContext;
use crate::store::{Row, StoreError};

/// A provider's proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyStanding {
    /// Its address, without who we are there.
    pub address: String,
    /// When it fails, the provider is asked directly.
    pub or_direct: bool,
    /// How it did last; `None` of one that was not used since it was set or the program started.
    pub last: Option<ProxyResult>,
}

/// Returns how a provider's proxy is.
pub(super) fn of(
    app: &AppContext,
    provider: ProviderId,
    row: &Row,
) -> Result<Option<ProxyStanding>, StoreError> {
    let kept = (row.opt_text("proxy_url")?, row.flag("proxy_fallback_to_direct")?);
    let ProxyUse::Through { proxy, or_direct } = ProxyUse::of(kept.0, kept.1) else {
        return Ok(None);
    };
    let last = app.live.proxies.as_ref().and_then(|proxies| proxies.of(provider, &proxy));
    Ok(Some(ProxyStanding { address: proxy.to_string(), or_direct, last }))
}
