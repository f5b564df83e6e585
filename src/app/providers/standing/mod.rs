//! How each provider stands, for people: in the order in which they are chosen, with what keeps one
//! back, what it carries, and what is left of its limits.

mod addresses;
pub(super) mod breaker;
mod limits;
mod proxy;
mod traffic;

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use switchyard_actors::domain::caller::parse_groups;
use switchyard_actors::domain::dialect::ProviderKind;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::own_header;
use switchyard_actors::domain::proxy::ProxyUse;
use switchyard_actors::domain::routing::pattern::Pattern;
use switchyard_actors::domain::routing::redirects::Redirects;

pub use addresses::{AddressStanding, Left};
pub use breaker::{Breaker, Trouble};
pub use limits::{LimitUse, Window};
pub use proxy::ProxyStanding;
pub use traffic::{Sums, Traffic};

use super::credential::{self, CredentialTrouble};
use super::headers;
use crate::app::shape::Moment;
use crate::app::{AppContext, AppError};
use crate::store::{Row, StoreError, StoredEndpoint, own_headers, schedule};

/// How far back a last call is looked for.
const LAST_CALL: Duration = Duration::from_hours(7 * 24);

/// Whether a provider is chosen at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It is.
    Ready,
    /// It was switched off.
    Disabled,
    /// It is outside its hours.
    OffDuty,
    /// Its breaker is open.
    Open,
    /// Its breaker lets a few requests try.
    HalfOpen,
    /// The vendor asked to be left alone.
    Cooling,
    /// Others go first for some seconds.
    Resting,
    /// It has no address, or all of them are switched off.
    NoEndpoint,
    /// The address of its proxy cannot be used, and it is never asked directly instead.
    BadProxy,
}

impl State {
    /// Returns what it says of the breaker and the pauses beside it.
    #[must_use]
    pub const fn circuit(self) -> &'static str {
        match self {
            Self::Open | Self::HalfOpen | Self::Cooling | Self::Resting => self.name(),
            Self::Ready | Self::Disabled | Self::OffDuty | Self::NoEndpoint | Self::BadProxy => {
                "closed"
            }
        }
    }

    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Disabled => "disabled",
            Self::OffDuty => "off-duty",
            Self::Open => "open",
            Self::HalfOpen => "half-open",
            Self::Cooling => "cooling",
            Self::Resting => "resting",
            Self::NoEndpoint => "no-endpoint",
            Self::BadProxy => "bad-proxy",
        }
    }
}

/// How one provider stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The provider.
    pub id: ProviderId,
    /// Its name.
    pub name: String,
    /// How it is spoken to.
    pub kind: ProviderKind,
    /// Its addresses in order; the first is the base URL.
    pub urls: Vec<String>,
    /// Its groups; never empty.
    pub groups: Vec<String>,
    /// Lower goes first.
    pub priority: i64,
    /// Its share within its tier.
    pub weight: i64,
    /// Factor on the list price, as a decimal.
    pub multiplier: String,
    /// Whether it is chosen.
    pub state: State,
    /// Patterns of its models and redirects that cannot be read, and stand for no model.
    pub unreadable: Vec<String>,
    /// Its own headers that cannot go out, and are left out of every request.
    pub unsent_headers: Vec<String>,
    /// Its breaker.
    pub breaker: Breaker,
    /// How its addresses are, when it has several or its own is switched off.
    pub addresses: Vec<AddressStanding>,
    /// The models that it said lately it does not have, and until when that is remembered.
    pub lacks: Vec<(Arc<str>, Micros)>,
    /// Why its Google credential lets no request in just now.
    pub credential: Option<CredentialTrouble>,
    /// What its vendor said last is left of its limits.
    pub left: Option<Left>,
    /// Its proxy, when it has a usable one.
    pub proxy: Option<ProxyStanding>,
    /// What it cost and carried since midnight.
    pub today: Sums,
    /// What it carried in the last 24 hours.
    pub traffic: Traffic,
    /// What is used of those limits that it has.
    pub limits: Vec<LimitUse>,
    /// Sessions at once: now, and at most where there is a limit.
    pub sessions: (usize, Option<i64>),
    /// The last call: when, and the model asked for.
    pub last: Option<(Micros, Option<String>)>,
}

/// Returns how all providers stand, in the order of selection: those that are switched off last, a
/// lower priority first, then a greater weight.
pub async fn standings(app: &AppContext) -> Result<Vec<Standing>, AppError> {
    let now = app.clock.now();
    let rows = app.store.providers().await?;
    let mut endpoints = app.store.all_endpoints().await?;
    let mut limits = limits::all(app, &rows, now).await?;
    let today = traffic::today(app, now).await?;
    let mut traffic = traffic::last_day(app, now).await?;
    let mut last = HashMap::new();
    for one in app.store.last_of_providers(now.minus(LAST_CALL)).await? {
        last.insert(one.provider, (one.at, one.model));
    }
    let addresses = addresses::Look::new(app);
    let mut all = Vec::with_capacity(rows.len());
    for row in &rows {
        let id = ProviderId(row.int("id")?);
        let endpoints = endpoints.remove(&id).unwrap_or_default();
        let breaker = breaker::of(app, id, row, now)?;
        all.push(Standing {
            state: state(row, &endpoints, &breaker, &app.moment())?,
            addresses: addresses.of(app, &endpoints),
            lacks: app.live.lacks(id, now),
            credential: credential::trouble(app, id),
            left: addresses::left(app, id),
            proxy: proxy::of(app, id, row)?,
            today: today.get(&id).copied().unwrap_or_default(),
            traffic: traffic.remove(&id).unwrap_or_default(),
            limits: limits.remove(&id).unwrap_or_default(),
            sessions: sessions(app, id, row, now)?,
            last: last.remove(&id),
            ..plain(id, row, endpoints, breaker)?
        });
    }
    all.sort_by_key(|one| {
        (one.state == State::Disabled, one.priority, Reverse(one.weight), one.id)
    });
    Ok(all)
}

fn plain(
    id: ProviderId,
    row: &Row,
    endpoints: Vec<StoredEndpoint>,
    breaker: Breaker,
) -> Result<Standing, StoreError> {
    let kind = ProviderKind::parse(row.text("kind")?);
    let groups = parse_groups(row.opt_text("group_tag")?);
    Ok(Standing {
        id,
        name: row.text("name")?.to_owned(),
        kind: kind.ok_or_else(|| StoreError::row("kind", "out of range"))?,
        urls: endpoints.into_iter().map(|one| one.url).collect(),
        groups: groups.iter().map(ToString::to_string).collect(),
        priority: row.int("priority")?,
        weight: row.int("weight")?,
        multiplier: row.decimal("cost_multiplier")?.normalize().to_string(),
        state: State::Ready,
        unreadable: unreadable(row)?,
        unsent_headers: unsent(row)?,
        breaker,
        addresses: Vec::new(),
        lacks: Vec::new(),
        credential: None,
        left: None,
        proxy: None,
        today: Sums::default(),
        traffic: Traffic::default(),
        limits: Vec::new(),
        sessions: (0, None),
        last: None,
    })
}

fn sessions(
    app: &AppContext,
    id: ProviderId,
    row: &Row,
    now: Micros,
) -> Result<(usize, Option<i64>), StoreError> {
    let most = row.opt_int("limit_concurrent_sessions")?.filter(|most| *most > 0);
    Ok((app.live.sessions(Some(id), now), most))
}

fn unreadable(row: &Row) -> Result<Vec<String>, StoreError> {
    let models: Vec<Pattern> = row.json("allowed_models")?;
    let redirects = Redirects::kept(&row.json("model_redirects")?);
    let bad = models.iter().chain(redirects.patterns()).filter(|pattern| !pattern.is_readable());
    Ok(bad.map(ToString::to_string).collect())
}

fn unsent(row: &Row) -> Result<Vec<String>, StoreError> {
    let headers = own_headers(row)?;
    let bad = headers.iter().filter(|(name, value)| own_header::fault(name, value).is_some());
    Ok(bad.map(|(name, _)| headers::shown(name)).collect())
}

/// The first thing that keeps a provider back, as selection looks at them.
fn state(
    row: &Row,
    endpoints: &[StoredEndpoint],
    breaker: &Breaker,
    moment: &Moment,
) -> Result<State, StoreError> {
    let hours = schedule(row)?;
    let is_lost = ProxyUse::of(row.opt_text("proxy_url")?, false).is_unusable();
    Ok(match () {
        () if !row.flag("is_enabled")? => State::Disabled,
        () if hours.is_some_and(|hours| !hours.is_open(moment.now, &moment.zone)) => State::OffDuty,
        () if !endpoints.iter().any(|one| one.enabled) => State::NoEndpoint,
        () if is_lost => State::BadProxy,
        () => breaker.state,
    })
}
