//! One conversation, from its rows in the ledger.

use std::sync::Arc;

use switchyard_actors::domain::ids::{KeyId, ProviderId, SessionId, UserId};
use switchyard_actors::domain::instant::Micros;

use super::list::{Sums, provider_names};
use super::{own, unknown};
use crate::app::{Actor, AppContext, AppError};

/// A conversation as the ledger knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
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
    /// When the first request came.
    pub first_at: Micros,
    /// When the last one ended.
    pub last_at: Micros,
    /// What its requests add up to.
    pub sums: Sums,
    /// The providers with their names, in the order of their first request.
    pub providers: Vec<(ProviderId, String)>,
    /// The client's name for itself.
    pub user_agent: Option<Arc<str>>,
}

/// Finds a conversation.
///
/// # Errors
/// There is none, or it is not theirs to see: both are told alike.
pub async fn details(
    app: &AppContext,
    actor: &Actor,
    session: &SessionId,
) -> Result<Details, AppError> {
    let own = own(actor)?;
    let mut parts = app.store.session_parts(&[session], Micros(0)).await?;
    parts.retain(|part| own.is_none_or(|user| part.user == user));
    let Some(first) = parts.first() else { return Err(unknown()) };
    let mut sums = Sums::default();
    for part in &parts {
        sums.add(part);
    }
    let names = provider_names(app).await?;
    let with_name = |id: &ProviderId| {
        let name = names.get(id).cloned();
        (*id, name.unwrap_or_else(|| format!("#{id}")))
    };
    let people = app.store.key_names([first.key]).await?;
    let (key_name, user_name) = people.get(&first.key).cloned().unwrap_or_default();
    Ok(Details {
        session: session.clone(),
        user: first.user,
        user_name,
        key: first.key,
        key_name,
        first_at: first.started_at,
        last_at: parts.iter().map(|part| part.ended_at).max().unwrap_or(first.ended_at),
        providers: sums.providers.iter().map(with_name).collect(),
        user_agent: parts.iter().find_map(|part| part.user_agent.clone()),
        sums,
    })
}
