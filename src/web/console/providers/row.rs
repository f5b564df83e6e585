//! One line of the list.

use serde::Serialize;
use switchyard_actors::domain::instant::Micros;

use super::beside::{AddressView, LackView, LeftView};
use super::credential::TroubleView;
use super::said;
use crate::app::providers::{LimitUse, ProxyStanding, Standing, State};
use crate::web::console::frame::Text;

/// One provider on its line.
#[derive(Clone, Debug, Serialize)]
pub struct RowView {
    pub id: i64,
    pub name: String,
    pub kind: Text,
    /// The host of its base URL, with the port.
    pub host: String,
    /// Further addresses.
    pub more_urls: usize,
    pub state: Text,
    pub colour: &'static str,
    pub enabled: bool,
    pub why: Option<Why>,
    pub addresses: Vec<AddressView>,
    pub lacks: Vec<LackView>,
    pub credential: Option<TroubleView>,
    pub left: Option<LeftView>,
    pub proxy: Option<ProxyView>,
    /// There is something that a reset would end.
    pub resettable: bool,
    pub groups: Vec<String>,
    pub priority: i64,
    pub weight: i64,
    pub multiplier: String,
    /// Ten thousandths of all requests.
    pub share: Option<i64>,
    /// Ten thousandths of its own requests.
    pub error_share: Option<i64>,
    pub requests: i64,
    pub p95: Option<i64>,
    pub measured: i64,
    pub today_calls: i64,
    pub today_cost: i64,
    pub limits: Vec<LimitView>,
    pub sessions: usize,
    pub most_sessions: Option<i64>,
    pub last_at: Option<i64>,
    pub last_model: Option<String>,
}

/// Why it is kept back.
#[derive(Clone, Debug, Serialize)]
pub struct Why {
    pub text: Text,
    /// That of the state, but one that only failed lately is not well.
    pub colour: &'static str,
    /// The last failure.
    pub cause: Option<Text>,
    pub since: Option<i64>,
    pub until: Option<i64>,
}

/// The proxy that it is reached through.
#[derive(Clone, Debug, Serialize)]
pub struct ProxyView {
    pub through: Text,
    pub did: Text,
    pub colour: &'static str,
    pub at: Option<i64>,
    /// Why it failed.
    pub fault: Option<String>,
}

impl ProxyView {
    fn of(proxy: &ProxyStanding) -> Self {
        let fault = proxy.last.as_ref().and_then(|last| last.fault.as_deref());
        Self {
            through: said::through(proxy),
            did: said::proxy_did(proxy),
            colour: match fault {
                None => "",
                Some(_) if proxy.or_direct => "warn",
                Some(_) => "bad",
            },
            at: proxy.last.as_ref().map(|last| last.at.0),
            fault: fault.map(str::to_owned),
        }
    }
}

/// What is used of one limit.
#[derive(Clone, Debug, Serialize)]
pub struct LimitView {
    pub window: Text,
    pub spent: i64,
    pub most: i64,
    /// Ten thousandths.
    pub part: i64,
    /// `good`, `warn` from four fifths, `bad` when it is used up.
    pub colour: &'static str,
}

impl RowView {
    /// Shows how a provider stands.
    pub fn of(standing: &Standing) -> Self {
        let state = standing.state;
        let traffic = standing.traffic;
        let kept_back = matches!(state, State::Open | State::HalfOpen | State::Cooling);
        Self {
            id: standing.id.0,
            name: standing.name.clone(),
            kind: said::text("speaks", standing.kind.name()),
            host: standing.urls.first().map(|url| host(url)).unwrap_or_default(),
            more_urls: standing.urls.len().saturating_sub(1),
            state: said::state(state),
            colour: said::colour(state),
            enabled: state != State::Disabled,
            why: why(standing),
            addresses: standing.addresses.iter().map(AddressView::of).collect(),
            lacks: standing.lacks.iter().map(LackView::of).collect(),
            credential: standing.credential.as_ref().map(TroubleView::of),
            left: standing.left.as_ref().map(LeftView::of),
            proxy: standing.proxy.as_ref().map(ProxyView::of),
            resettable: kept_back || standing.breaker.failures > 0 || !standing.lacks.is_empty(),
            groups: standing.groups.clone(),
            priority: standing.priority,
            weight: standing.weight,
            multiplier: standing.multiplier.clone(),
            share: traffic.share,
            error_share: traffic.error_share,
            requests: traffic.sums.requests,
            p95: traffic.p95_first_content_ms.and_then(|ms| i64::try_from(ms).ok()),
            measured: traffic.measured,
            today_calls: standing.today.requests,
            today_cost: standing.today.cost.0,
            limits: standing.limits.iter().map(LimitView::of).collect(),
            sessions: standing.sessions.0,
            most_sessions: standing.sessions.1,
            last_at: standing.last.as_ref().map(|(at, _)| at.0),
            last_model: standing.last.as_ref().and_then(|(_, model)| model.clone()),
        }
    }
}

fn why(standing: &Standing) -> Option<Why> {
    let breaker = &standing.breaker;
    let is_ready = standing.state == State::Ready;
    let lists = said::lists(standing).filter(|_| is_ready);
    let headers = || said::headers(standing).filter(|_| is_ready);
    let text = lists.or_else(|| said::why(standing.state, breaker)).or_else(headers)?;
    let instant = |at: Option<Micros>| at.map(|at| at.0);
    let is_failing = breaker.failures > 0;
    Some(Why {
        text,
        colour: if standing.state == State::Ready { "warn" } else { said::colour(standing.state) },
        cause: breaker.troubles.first().filter(|_| is_failing).map(said::trouble),
        since: instant(breaker.since),
        until: instant(breaker.until),
    })
}

impl LimitView {
    fn of(used: &LimitUse) -> Self {
        let part = used.spent.0.saturating_mul(10_000) / used.most.0.max(1);
        Self {
            window: said::window(used.window),
            spent: used.spent.0,
            most: used.most.0,
            part,
            colour: match part {
                10_000.. => "bad",
                8_000.. => "warn",
                _ => "good",
            },
        }
    }
}

/// Returns the host of an address with its port; what is no address stands as it is.
fn host(url: &str) -> String {
    let parsed = url::Url::parse(url).ok();
    let host = parsed.as_ref().and_then(|url| {
        let host = url.host_str()?;
        Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    });
    host.unwrap_or_else(|| url.to_owned())
}
