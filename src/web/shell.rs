//! What every handler of the shell may need, shared by all workers.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use switchyard_actors::clock::{Clock, Luck, RequestIds};
use switchyard_actors::domain::ids::RequestId;
use switchyard_actors::ports::BoxFuture;

use super::client_ip;
use super::console::Templates;
use super::login::Throttle;
use crate::metrics::Metrics;
use crate::process::{Activity, AdminToken, Readiness};
use crate::settings::Settings;

/// Brings the gauges up to date before they are printed.
pub type Refresh = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// What every handler of the shell may need.
pub struct Shell {
    /// The settings.
    pub settings: Arc<Settings>,
    /// Whether requests may come.
    pub readiness: Arc<Readiness>,
    /// The figures.
    pub metrics: Arc<Metrics>,
    /// The answers in flight.
    pub activity: Activity,
    /// The administrator's token.
    pub admin_token: Arc<AdminToken>,
    /// Counts tokens that open nothing by address, together with the management API.
    pub guesses: Arc<Throttle>,
    /// The pages.
    pub pages: Arc<Templates>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Luck for request ids.
    pub luck: Arc<dyn Luck>,
    /// The process's request ids; the relay mints from the same.
    pub request_ids: Arc<RequestIds>,
    /// Everything here is a sample: every page says so.
    pub demo: bool,
    /// Brings gauges up to date.
    pub refresh: Refresh,
}

impl Shell {
    /// Mints a request id.
    #[must_use]
    pub fn mint(&self) -> RequestId {
        self.request_ids.mint(self.clock.now(), self.luck.seed())
    }

    /// Finds the client's address behind the proxies that are trusted.
    #[must_use]
    pub fn client_ip(&self, request: &HttpRequest) -> Option<IpAddr> {
        self.client_ip_of(request.peer_addr().map(|peer| peer.ip()), request.headers())
    }

    /// Finds the client's address from a peer and headers.
    #[must_use]
    pub fn client_ip_of(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        Some(client_ip::of_headers(peer?, headers, &self.settings.server.trusted_proxies))
    }

    /// Tells whether the peer is a proxy whose headers are believed.
    #[must_use]
    pub fn trusts(&self, peer: Option<IpAddr>) -> bool {
        let trusted = &self.settings.server.trusted_proxies;
        peer.is_some_and(|peer| trusted.iter().any(|network| network.contains(peer)))
    }
}

#[cfg(test)]
impl Shell {
    /// Makes a shell that has started, with what `pairs` set in the environment.
    pub(crate) fn for_tests(pairs: &[(&str, &str)]) -> Arc<Self> {
        use crate::process::admin_token::{Established, TokenOrigin};
        use crate::settings::Sources;
        use switchyard_actors::clock::{SystemClock, SystemLuck};
        use switchyard_actors::domain::secret::Secret;

        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment = pairs.iter().map(own).collect();
        let settings = Settings::load(&Sources { environment, ..Sources::default() }).unwrap();
        let token = Established { secret: Secret::new("secret"), origin: TokenOrigin::Settings };
        let readiness = Readiness::default();
        readiness.started();
        Arc::new(Self {
            settings: Arc::new(settings),
            readiness: Arc::new(readiness),
            metrics: Arc::new(Metrics::new().unwrap()),
            activity: Activity::default(),
            admin_token: Arc::new(AdminToken::new(&token, std::path::Path::new("."))),
            guesses: Arc::default(),
            pages: Arc::new(Templates::new().unwrap()),
            clock: Arc::new(SystemClock),
            luck: Arc::new(SystemLuck),
            request_ids: Arc::new(RequestIds::default()),
            demo: false,
            refresh: Arc::new(|| Box::pin(async {})),
        })
    }
}
