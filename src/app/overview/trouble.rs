//! What is wrong, in the order of what hurts most.

use switchyard_actors::circuit_breaker::ProviderBreaker;
use switchyard_actors::domain::breaker::Change;
use switchyard_actors::domain::breaker_view::BreakerState;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::live::Lately;
use switchyard_actors::domain::window;

use super::outlook::outlook;
use crate::app::{AppContext, AppError};
use crate::store::ProviderName;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is no provider.
    NoProvider,
    /// There are providers, and all are switched off.
    AllOff,
    /// All providers that are switched on get no requests since they failed too often.
    AllResting,
    /// At least half of what should have been served in the last minutes failed.
    Failing(Lately),
    /// A provider gets no requests since it failed too often.
    Open(OpenBreaker),
    /// Requests of today have no price.
    Unpriced {
        /// How many.
        requests: i64,
        /// The models that they ask for.
        models: Vec<String>,
    },
}

/// A provider whose breaker is not closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenBreaker {
    /// The provider.
    pub provider: ProviderId,
    /// Its name.
    pub name: String,
    /// Since when; `None` when nobody remembers.
    pub since: Option<Micros>,
    /// When it may be probed; `None` while it is being probed.
    pub until: Option<Micros>,
    /// Failures in a row.
    pub failures: u32,
    /// The last failure in few words, such as `http 529`.
    pub cause: Option<String>,
}

/// Lists what is wrong.
pub(super) async fn troubles(app: &AppContext, now: Micros) -> Result<Vec<Trouble>, AppError> {
    let providers = app.store.provider_names().await?;
    let known = providers.iter().map(|provider| (provider.provider, provider.enabled));
    let mut troubles = Vec::from_iter(outlook(app, known, now));
    if let Some(breakers) = &app.live.breakers {
        let open = breakers.views().await;
        let open = open.iter().filter_map(|story| rest(story, &providers));
        troubles.extend(open.map(Trouble::Open));
    }
    let day = window::day(&(app.zone)(), now, 0);
    let unpriced = app.store.unpriced_models(day.start).await?;
    if !unpriced.is_empty() {
        let requests = unpriced.iter().fold(0, |sum: i64, (_, count)| sum.saturating_add(*count));
        let models = unpriced.into_iter().map(|(model, _)| model).collect();
        troubles.push(Trouble::Unpriced { requests, models });
    }
    Ok(troubles)
}

fn rest(story: &ProviderBreaker, providers: &[ProviderName]) -> Option<OpenBreaker> {
    let view = &story.view;
    if view.state == BreakerState::Closed {
        return None;
    }
    // One that was deleted or switched off troubles nobody.
    let provider =
        providers.iter().find(|known| known.provider == view.provider && known.enabled)?;
    let opened = story.last_change.filter(|(change, _)| *change == Change::Opened);
    let cause = story.causes.first();
    Some(OpenBreaker {
        provider: view.provider,
        name: provider.name.clone(),
        since: opened.map(|(_, at)| at).or(view.last_failure_at),
        until: view.open_until,
        failures: view.failures,
        cause: cause.map(|cause| {
            cause.detail.as_deref().unwrap_or_else(|| cause.outcome.name()).to_owned()
        }),
    })
}
