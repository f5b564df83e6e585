//! What runs beside the database and is asked or told by use cases; where no server runs (the
//! command line), nothing of it is there.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use switchyard_actors::circuit_breaker::CircuitBreakerHandle;
use switchyard_actors::credential_keeper::CredentialKeeperHandle;
use switchyard_actors::domain::breaker_view::{BreakerState, BreakerView};
use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::counters::{MeterView, SeatView, SessionEnd};
use switchyard_actors::domain::ids::{ProviderId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::Limits;
use switchyard_actors::domain::provider::Provider;
use switchyard_actors::domain::sharing::Reset;
use switchyard_actors::ports::Vendors;
use switchyard_actors::price_sync::PriceSyncHandle;
use switchyard_actors::provider_pool::eligibility::Condition;
use switchyard_actors::shared::counters::{Counters, FormerSpend, Lifetimes};
use switchyard_actors::shared::feed::Feed;
use switchyard_actors::shared::lacking::Lacking;
use switchyard_actors::shared::leases::Need;
use switchyard_actors::shared::probes::Probes;
use switchyard_actors::shared::proxies::Proxies;
use switchyard_actors::shared::remaining::Remaining;

use super::usage_logs::Underway;
use crate::upstream::issuer::place::Places;

/// Told of a provider that was edited or removed.
pub type ProviderHook = Arc<dyn Fn(ProviderId) + Send + Sync>;

/// Told of costs that became known after their requests had ended: the counters learn them.
pub type SpendHook = Arc<dyn Fn(Vec<FormerSpend>) + Send + Sync>;

/// Finds a provider as requests see it.
pub type FindProvider = Arc<dyn Fn(ProviderId) -> Option<Arc<Provider>> + Send + Sync>;

/// Tells how a provider is for a request that asks for a model.
pub type Look = Arc<dyn Fn(&Provider, &Need<'_>, Option<&str>) -> Condition + Send + Sync>;

/// The running parts that use cases know. Clones share them.
#[derive(Clone, Default)]
pub struct Live {
    /// The breakers.
    pub breakers: Option<CircuitBreakerHandle>,
    /// How the providers' proxies did last.
    pub proxies: Option<Arc<Proxies>>,
    /// What the last checks of addresses have found.
    pub probes: Option<Arc<Probes>>,
    /// What is left of the vendors' limits.
    pub remaining: Option<Arc<Remaining>>,
    /// Which providers lack a model.
    pub lacking: Option<Arc<Lacking>>,
    /// Tells how providers are.
    pub look: Option<Look>,
    /// Sessions and what is spent.
    pub counters: Option<Arc<Counters>>,
    /// What happens, for those who watch.
    pub feed: Option<Arc<Feed>>,
    /// The price sync; `None` also where it is switched off.
    pub prices: Option<PriceSyncHandle>,
    /// Told of edited and removed providers.
    pub on_provider_changed: Option<ProviderHook>,
    /// Told of costs that were booked late.
    pub on_late_spend: Option<SpendHook>,
    /// `ENABLE_FORMAT_CONVERSION`.
    pub converts: bool,
    /// `ALLOW_PRIVATE_PROVIDER_URLS`.
    pub allow_private_urls: bool,
    /// Asks vendors something beside the relay: tests, lists of models.
    pub vendors: Option<Arc<dyn Vendors>>,
    /// Gets the tokens of providers with credentials.
    pub credentials: Option<CredentialKeeperHandle>,
    /// Finds a provider as requests see it.
    pub provider: Option<FindProvider>,
    /// Where tokens may be got.
    pub token_places: Places,
    /// Knows which requests run, or are on their way into the database.
    pub underway: Option<Arc<Underway>>,
    /// `API_TEST_TIMEOUT_MS`: how long that may take.
    pub test_timeout: Duration,
}

impl Live {
    /// Ends sessions here; tells how many there were. Other nodes and later starts learn it from the
    /// database.
    pub fn end_sessions(&self, end: &SessionEnd) -> usize {
        self.counters.as_ref().map_or(0, |counters| counters.end_sessions(end))
    }

    /// Forgets here what somebody has spent. Other nodes and later starts learn it from the database.
    pub fn reset_spend(&self, reset: &Reset) {
        if let Some(counters) = &self.counters {
            counters.reset(reset);
        }
    }

    /// Returns the sessions that live, of one user or all, the latest first.
    #[must_use]
    pub fn seats(&self, of: Option<UserId>, now: Micros) -> Vec<(UserId, SeatView)> {
        self.counters.as_ref().map_or_else(Vec::new, |counters| counters.sessions(of, now))
    }

    /// Returns how long sessions and requests may last.
    #[must_use]
    pub fn lifetimes(&self) -> Lifetimes {
        self.counters.as_ref().map(|counters| counters.lifetimes()).unwrap_or_default()
    }

    /// Returns what a provider has used as the check sees it; `None` where nothing was metered here.
    #[must_use]
    pub fn provider_meter(
        &self,
        provider: ProviderId,
        limits: &Limits,
        zone: &TimeZone,
        now: Micros,
    ) -> Option<MeterView> {
        let of = Dimension::Provider(provider);
        self.counters.as_ref()?.known_common(&of, limits, zone, now)
    }

    /// Tells of a provider that was edited or removed.
    pub fn provider_changed(&self, provider: ProviderId) {
        if let Some(lacking) = &self.lacking {
            lacking.forget(provider);
        }
        if let Some(hook) = &self.on_provider_changed {
            hook(provider);
        }
    }

    /// Counts costs that were booked late.
    pub fn spent_late(&self, spent: Vec<FormerSpend>) {
        if let Some(hook) = &self.on_late_spend {
            hook(spent);
        }
    }

    /// Closes a provider's breaker and those of its addresses, and forgets which models it lacks;
    /// tells whether there was anything to close or to forget.
    pub async fn reset_breaker(&self, provider: ProviderId, now: Micros) -> bool {
        let lacked = !self.lacks(provider, now).is_empty();
        if let Some(lacking) = &self.lacking {
            lacking.forget(provider);
        }
        match &self.breakers {
            Some(breakers) => breakers.reset(provider, now).await || lacked,
            None => lacked,
        }
    }

    /// Returns the models that a provider lacks, and until when that is remembered.
    #[must_use]
    pub fn lacks(&self, provider: ProviderId, now: Micros) -> Vec<(Arc<str>, Micros)> {
        self.lacking.as_ref().map_or_else(Vec::new, |lacking| lacking.of(provider, now))
    }

    /// Returns the breakers that ever had trouble.
    #[must_use]
    pub fn breaker_views(&self) -> Vec<BreakerView> {
        self.breakers.as_ref().map(|handle| handle.breakers().views()).unwrap_or_default()
    }

    /// Returns the place in the live feed that a page follows from which is about to be made; empty
    /// where nothing can be followed.
    #[must_use]
    pub fn place(&self) -> String {
        self.feed.as_ref().map(|feed| feed.mark().to_string()).unwrap_or_default()
    }

    /// Counts the providers that are resting because they failed.
    #[must_use]
    pub fn open_breakers(&self) -> usize {
        let views = self.breaker_views();
        views.iter().filter(|view| view.state != BreakerState::Closed).count()
    }

    /// Counts the sessions that live: of one provider, or all.
    #[must_use]
    pub fn sessions(&self, of: Option<ProviderId>, now: Micros) -> usize {
        let Some(counters) = &self.counters else { return 0 };
        let sessions = counters.sessions(None, now);
        sessions.iter().filter(|(_, seat)| of.is_none() || seat.provider == of).count()
    }

    /// Counts the sessions that live: of one user, or all.
    #[must_use]
    pub fn sessions_of(&self, user: Option<UserId>, now: Micros) -> usize {
        self.counters.as_ref().map_or(0, |counters| counters.sessions(user, now).len())
    }

    /// Counts the requests that run: of one user, or all. `None` where no server runs.
    #[must_use]
    pub fn in_flight(&self, user: Option<UserId>, now: Micros) -> Option<u64> {
        let counters = self.counters.as_ref()?;
        let Some(user) = user else { return Some(counters.gauges(now).in_flight) };
        let running = counters.known(user, |tenant| u64::from(tenant.user.in_flight()));
        Some(running.unwrap_or(0))
    }
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live")
            .field("breakers", &self.breakers.is_some())
            .field("counters", &self.counters.is_some())
            .field("feed", &self.feed.is_some())
            .field("prices", &self.prices.is_some())
            .field("allow_private_urls", &self.allow_private_urls)
            .finish_non_exhaustive()
    }
}
