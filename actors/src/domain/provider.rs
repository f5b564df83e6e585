//! A provider as selection and the relay see it.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::breaker_key::BreakerKey;
use super::credential::Access;
use super::dialect::ProviderKind;
use super::ids::{EndpointId, ProviderId};
use super::instant::Micros;
use super::limits::Limits;
use super::loss_policy::LossPolicy;
use super::own_header;
use super::preferences::Preferences;
use super::proxy::ProxyUse;
use super::routing::client::ClientList;
use super::routing::pattern::Pattern;
use super::routing::redirects::Redirects;
use super::routing::schedule::Schedule;
use super::secret::Secret;

/// One address of a provider, in the order they are tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The endpoint's id.
    pub id: EndpointId,
    /// The base URL, as the operator wrote it.
    pub url: Arc<str>,
}

/// Time limits of one provider. `None` is "no limit of its own": the defaults of D12 hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the first content of a stream.
    pub first_byte: Option<Duration>,
    /// Between two pieces of a stream.
    pub idle: Option<Duration>,
    /// The whole of an answer that is not a stream.
    pub total: Option<Duration>,
}

/// When a provider's breaker opens and closes. A threshold of 0 switches it off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerConfig {
    /// Failures in a row that open it; 0 is "never".
    pub threshold: u32,
    /// How long it stays open.
    pub open_for: Duration,
    /// Successes that close it again.
    pub half_open_successes: u32,
    /// Probes in flight at once while half open.
    pub probes: u32,
}

impl Default for BreakerConfig {
    fn default() -> Self {
        Self { threshold: 5, open_for: Duration::from_mins(30), half_open_successes: 2, probes: 1 }
    }
}

/// A provider: where requests go, with what credential, at what price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The provider's id.
    pub id: ProviderId,
    /// The operator's name for it; never shown to clients.
    pub name: Arc<str>,
    /// The vendor it belongs to: the site of its base URL unless named.
    pub vendor: Arc<str>,
    /// How it is spoken to.
    pub kind: ProviderKind,
    /// It may be chosen.
    pub enabled: bool,
    /// Its addresses in order; the first is the base URL.
    pub endpoints: Arc<[Endpoint]>,
    /// Its credential.
    pub key: Secret,
    /// How that is used.
    pub access: Access,
    /// Its groups; never empty.
    pub groups: Arc<[Arc<str>]>,
    /// Lower goes first.
    pub priority: i64,
    /// What goes before it for callers of these groups.
    pub group_priorities: Arc<BTreeMap<Arc<str>, i64>>,
    /// Its share within its tier.
    pub weight: NonZeroU32,
    /// Factor on the list price.
    pub multiplier: Decimal,
    /// Models it serves; empty means any.
    pub allowed_models: Arc<[Pattern]>,
    /// Which models are sent for others.
    pub redirects: Arc<Redirects>,
    /// Which client programs it serves.
    pub clients: ClientList,
    /// The hours in which it serves; `None` is always.
    pub schedule: Option<Schedule>,
    /// Headers added to each request.
    pub custom_headers: Arc<[(Arc<str>, Arc<str>)]>,
    /// Its spend and concurrency limits.
    pub limits: Limits,
    /// Its time limits.
    pub timeouts: Timeouts,
    /// Its breaker.
    pub breaker: BreakerConfig,
    /// Attempts before another provider is asked; `None` is the default.
    pub max_attempts: Option<u32>,
    /// It may resolve to private or loopback addresses (audited).
    pub allow_private: bool,
    /// The client's address is passed on.
    pub preserve_client_ip: bool,
    /// How it is reached.
    pub proxy: ProxyUse,
    /// No session is kept on it: each request is a draw of its own.
    pub never_sticky: bool,
    /// How much a request may lose that is converted for it.
    pub loss_policy: LossPolicy,
    /// What it wants in the bodies of requests.
    pub preferences: Arc<Preferences>,
}

impl Provider {
    /// Tells whether a breaker is the provider's, or that of one of its addresses.
    #[must_use]
    pub fn has(&self, key: BreakerKey) -> bool {
        let has_it = |endpoint| self.endpoints.iter().any(|one| one.id == endpoint);
        key.provider == self.id && key.endpoint.is_none_or(has_it)
    }

    /// Returns the configuration of the breakers of its addresses, which are about connections
    /// alone. They are off where the provider's own is.
    #[must_use]
    pub const fn endpoint_breaker(&self) -> BreakerConfig {
        let threshold = if self.breaker.threshold == 0 { 0 } else { 3 };
        BreakerConfig {
            threshold,
            open_for: Duration::from_mins(5),
            half_open_successes: 1,
            probes: 1,
        }
    }

    /// Tells whether the provider's list has the asked model, or the one that is sent for it.
    #[must_use]
    pub fn serves(&self, model: &str) -> bool {
        let lists = |name: &str| self.allowed_models.iter().any(|one| one.matches(name));
        self.allowed_models.is_empty()
            || lists(model)
            || self.redirects.target(model).is_some_and(lists)
    }

    /// Returns the model name to send for the asked one.
    #[must_use]
    pub fn redirect<'a>(&'a self, model: &'a str) -> &'a str {
        self.redirects.target(model).unwrap_or(model)
    }

    /// Returns the project that its requests are for, where its credential names one.
    #[must_use]
    pub fn project(&self) -> Option<&str> {
        self.access.google()?.project.as_deref()
    }

    /// Returns the models that the operator named outright: listed ones, and redirected ones that
    /// the list lets through.
    pub fn named_models(&self) -> impl Iterator<Item = &str> {
        let listed = self.allowed_models.iter().filter_map(Pattern::exact);
        let redirected = self.redirects.exact_names().filter(|name| self.serves(name));
        listed.chain(redirected)
    }

    /// Returns the patterns that cannot be read: they stand for no model, and somebody should know.
    pub fn unreadable(&self) -> impl Iterator<Item = &Pattern> {
        let all = self.allowed_models.iter().chain(self.redirects.patterns());
        all.filter(|pattern| !pattern.is_readable())
    }

    /// Returns the names of its own headers that cannot go out, and are left out of every request.
    pub fn unsent_headers(&self) -> impl Iterator<Item = &str> {
        let all = self.custom_headers.iter();
        all.filter(|(name, value)| own_header::fault(name, value).is_some())
            .map(|(name, _)| &**name)
    }

    /// Returns the priority that holds for a caller of these groups: the best one that is set for
    /// any of them, else the provider's own.
    #[must_use]
    pub fn priority_for(&self, groups: &[Arc<str>]) -> i64 {
        let set = groups.iter().filter_map(|group| self.group_priorities.get(group));
        set.min().copied().unwrap_or(self.priority)
    }

    /// Tells whether `now` is within the provider's hours.
    #[must_use]
    pub fn is_on_duty(&self, now: Micros, system: &TimeZone) -> bool {
        self.schedule.as_ref().is_none_or(|schedule| schedule.is_open(now, system))
    }
}
