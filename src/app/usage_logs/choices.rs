//! What there is to filter by, for somebody: names of users, keys and models, and statuses.

use switchyard_actors::domain::ids::{KeyId, UserId};

use super::browse::own;
use crate::app::{Actor, AppContext, AppError};

/// Users that are read at once.
const USERS_AT_ONCE: u32 = 200;
/// A list that is longer than this is no help; a filter still takes any id.
const USERS_SHOWN: usize = 1_000;
/// Names that clients invent are suggested so far.
const MODELS_SHOWN: usize = 500;

/// What there is to filter by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Users by name; `None` for who has no choice.
    pub users: Option<Vec<(UserId, String)>>,
    /// Keys of the user that is chosen.
    pub keys: Option<Vec<(KeyId, String)>>,
    /// Models that were asked for; none for others than admins: what others ask for is not everybody's
    /// to know.
    pub models: Vec<String>,
    /// Statuses that were given.
    pub statuses: Vec<i64>,
}

/// Returns what there is to filter by; keys are those of the chosen user, or of who asks.
///
/// # Errors
/// They may see nothing, or the database cannot be asked.
pub async fn choices(
    app: &AppContext,
    actor: &Actor,
    chosen: Option<UserId>,
) -> Result<Choices, AppError> {
    let own = own(actor)?;
    let everything = own.is_none();
    let keys = match own.or(chosen) {
        Some(user) => Some(keys(app, user).await?),
        None => None,
    };
    Ok(Choices {
        users: if everything { Some(users(app, chosen).await?) } else { None },
        keys,
        models: if everything { models(app).await? } else { Vec::new() },
        statuses: app.store.ledger_statuses().await?,
    })
}

async fn users(
    app: &AppContext,
    chosen: Option<UserId>,
) -> Result<Vec<(UserId, String)>, AppError> {
    let mut all = Vec::new();
    let mut last = None;
    loop {
        let page = app.store.users_page(last.as_ref(), USERS_AT_ONCE).await?;
        all.extend(page.iter().map(|user| (user.id, user.fields.name.clone())));
        last = page.into_iter().next_back();
        if last.is_none() || all.len() >= USERS_SHOWN {
            break;
        }
    }
    // Whoever is filtered by has a name, wherever they stand.
    if let Some(chosen) = chosen.filter(|chosen| !all.iter().any(|(id, _)| id == chosen))
        && let Some(user) = app.store.user(chosen).await?
    {
        all.push((user.id, user.fields.name));
    }
    Ok(all)
}

async fn keys(app: &AppContext, user: UserId) -> Result<Vec<(KeyId, String)>, AppError> {
    let keys = app.store.keys_of(&[user]).await?;
    Ok(keys.into_iter().map(|key| (key.id, key.fields.name)).collect())
}

async fn models(app: &AppContext) -> Result<Vec<String>, AppError> {
    let mut models = app.store.ledger_models().await?;
    models.truncate(MODELS_SHOWN);
    Ok(models)
}
