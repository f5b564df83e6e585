//! Lists the conversations under way with what they have used so far.

use std::collections::HashMap;
use std::sync::Arc;

use switchyard_actors::domain::counters::SeatView;
use switchyard_actors::domain::ids::{KeyId, ProviderId, SessionId, UserId};
use switchyard_actors::domain::instant::Micros;

use super::own;
use crate::app::{Actor, AppContext, AppError};
use crate::store::{SessionPart, SessionTotals, StoreError};

/// A conversation under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveSession {
    /// Its name.
    pub session: SessionId,
    /// Its user.
    pub user: UserId,
    /// The user's name.
    pub user_name: String,
    /// Its key.
    pub key: KeyId,
    /// The key's name.
    pub key_name: String,
    /// Which provider each model is kept on, the latest first.
    pub bindings: Vec<ModelBinding>,
    /// Requests that run.
    pub in_flight: u32,
    /// Its first use, as far as this process knows.
    pub started_at: Micros,
    /// Its last use.
    pub last_seen_at: Micros,
    /// What its requests that have ended add up to.
    pub sums: Sums,
}

/// The provider that a model of a session is kept on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelBinding {
    /// The model asked for.
    pub model: Option<Arc<str>>,
    /// The provider.
    pub provider: ProviderId,
    /// Its name; `None` when it was removed.
    pub name: Option<String>,
}

/// Models and providers of a session that are named at most: clients write what they like for a model.
const MOST_NAMES: usize = 50;

/// Which sessions of a list are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// So many are left out first.
    pub skip: usize,
    /// So many at most.
    pub most: usize,
}

/// What requests add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Tokens, money and time.
    pub totals: SessionTotals,
    /// The providers that were asked last, in the order of their first request; 50 at most.
    pub providers: Vec<ProviderId>,
    /// The models asked for, in the same order; 50 at most.
    pub models: Vec<Arc<str>>,
    /// They speak the Responses API.
    pub is_responses: bool,
}

impl Sums {
    /// Adds a part.
    pub fn add(&mut self, part: &SessionPart) {
        self.totals.add(&part.totals);
        self.is_responses |= part.is_responses;
        note(&mut self.providers, part.provider);
        note(&mut self.models, part.model.clone());
    }
}

fn note<T: PartialEq>(known: &mut Vec<T>, one: Option<T>) {
    if let Some(one) = one.filter(|one| known.len() < MOST_NAMES && !known.contains(one)) {
        known.push(one);
    }
}

/// Names of providers that were not removed.
pub type ProviderNames = HashMap<ProviderId, String>;

/// Lists a part of the sessions that somebody may see, the latest first; of this node, as limits count
/// them.
///
/// # Errors
/// They may see nothing, or the database cannot be asked.
pub async fn list(
    app: &AppContext,
    actor: &Actor,
    part: Part,
) -> Result<Vec<ActiveSession>, AppError> {
    let own = own(actor)?;
    let now = app.clock.now();
    let seats: Vec<_> =
        app.live.seats(own, now).into_iter().skip(part.skip).take(part.most).collect();
    let Some(first) = seats.iter().map(|(_, seat)| seat.started_at).min() else {
        return Ok(Vec::new());
    };
    let sessions: Vec<&SessionId> = seats.iter().map(|(_, seat)| &seat.session).collect();
    let parts = app
        .store
        .session_parts(&sessions, first.minus(app.live.lifetimes().longest_request))
        .await?;
    let mut sums: HashMap<&SessionId, Sums> = HashMap::new();
    for part in &parts {
        sums.entry(&part.session).or_default().add(part);
    }
    let names = provider_names(app).await?;
    let people = app.store.key_names(seats.iter().map(|(_, seat)| seat.key)).await?;
    let shown = seats.iter().map(|(user, seat)| {
        let sums = sums.remove(&seat.session).unwrap_or_default();
        let (key_name, user_name) = people.get(&seat.key).cloned().unwrap_or_default();
        ActiveSession {
            session: seat.session.clone(),
            user: *user,
            user_name,
            key: seat.key,
            key_name,
            bindings: bindings(seat, &names),
            in_flight: seat.open,
            started_at: seat.started_at,
            last_seen_at: seat.last_seen_at,
            sums,
        }
    });
    Ok(shown.collect())
}

/// Returns the names of all providers.
pub async fn provider_names(app: &AppContext) -> Result<ProviderNames, StoreError> {
    let names = app.store.provider_names().await?;
    Ok(names.into_iter().map(|one| (one.provider, one.name)).collect())
}

fn bindings(seat: &SeatView, names: &ProviderNames) -> Vec<ModelBinding> {
    let bindings = seat.bindings.iter().map(|binding| ModelBinding {
        model: binding.model.clone(),
        provider: binding.provider,
        name: names.get(&binding.provider).cloned(),
    });
    bindings.collect()
}
