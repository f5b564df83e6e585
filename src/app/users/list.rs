//! Lists users with their keys and what those did today.

use std::collections::HashMap;

use serde_json::json;
use switchyard_actors::domain::caller::Role;
use switchyard_actors::domain::ids::{KeyId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::window;

use crate::app::{Actor, ActorKind, AppContext, AppError};
use crate::store::{KeyLast, KeyModel, KeyRecord, UserRecord};

/// Users that are read at once.
const PAGE: u32 = 200;

/// A user with its keys, in the order of their making.
#[derive(Clone)]
pub struct UserWithKeys {
    /// The user.
    pub user: UserRecord,
    /// Its keys and what they did today.
    pub keys: Vec<(KeyRecord, KeyToday)>,
}

/// What a key did today, and when it was last used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyToday {
    /// What was used by model, the most used first.
    pub models: Vec<KeyModel>,
    /// The last request ever.
    pub last: Option<KeyLast>,
}

impl KeyToday {
    /// Returns what it all cost.
    #[must_use]
    pub fn cost(&self) -> Nano {
        self.models.iter().map(|model| model.cost).sum()
    }

    /// Returns how many requests there were.
    #[must_use]
    pub fn requests(&self) -> i64 {
        self.models.iter().map(|model| model.requests).sum()
    }
}

/// How keys are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// Whole, where they may be shown again.
    Whole,
    /// Their ends only.
    Masked,
}

/// Lists the users that somebody may see: all for an admin, themselves for others. Where this
/// shows whole keys, it is noted in the audit log.
pub async fn list(
    context: &AppContext,
    actor: &Actor,
    show: Keys,
) -> Result<Vec<UserWithKeys>, AppError> {
    let users = visible(context, actor).await?;
    let mut activity = Activity::today(context).await?;
    let mut listed = Vec::with_capacity(users.len());
    let mut shown = 0;
    for page in users.chunks(PAGE as usize) {
        let ids: Vec<UserId> = page.iter().map(|user| user.id).collect();
        let mut keys: HashMap<UserId, Vec<KeyRecord>> = HashMap::new();
        for mut key in context.store.keys_of(&ids).await? {
            if show == Keys::Masked {
                // What is not there cannot be opened further on.
                key.sealed = None;
            }
            keys.entry(key.user).or_default().push(key);
        }
        for user in page {
            let own = keys.remove(&user.id).unwrap_or_default();
            shown += own.len();
            let keys = own.into_iter().map(|key| activity.of(key)).collect();
            listed.push(UserWithKeys { user: user.clone(), keys });
        }
    }
    if show == Keys::Whole && context.key_reveal && shown > 0 {
        note_reveal(context, actor, shown).await?;
    }
    Ok(listed)
}

async fn visible(context: &AppContext, actor: &Actor) -> Result<Vec<UserRecord>, AppError> {
    let mut users = Vec::new();
    if actor.role != Role::Admin {
        let ActorKind::User(id) = actor.kind else { return Ok(users) };
        users.extend(context.store.user(id).await?);
        return Ok(users);
    }
    loop {
        let page = context.store.users_page(users.last(), PAGE).await?;
        let is_last = page.len() < PAGE as usize;
        users.extend(page);
        if is_last {
            return Ok(users);
        }
    }
}

async fn note_reveal(context: &AppContext, actor: &Actor, keys: usize) -> Result<(), AppError> {
    let detail = json!({ "keys": keys, "by": "list of users" });
    let entry = actor.did(context.clock.now(), "key.reveal", ("users", 0, "users"), detail);
    context.store.note(&entry).await?;
    Ok(())
}

/// What keys did today.
pub(super) struct Activity {
    models: HashMap<KeyId, Vec<KeyModel>>,
    last: HashMap<KeyId, KeyLast>,
}

impl Activity {
    /// Reads that of all keys.
    async fn today(context: &AppContext) -> Result<Self, AppError> {
        let models = context.store.key_models(midnight(context)).await?;
        Ok(Self::new(models, context.store.last_of_keys().await?))
    }

    /// Reads that of some keys.
    pub(super) async fn of_these(context: &AppContext, keys: &[KeyId]) -> Result<Self, AppError> {
        let models = context.store.models_of_keys(keys, midnight(context)).await?;
        Ok(Self::new(models, context.store.last_of_these(keys).await?))
    }

    fn new(found: Vec<KeyModel>, last: Vec<KeyLast>) -> Self {
        let mut models: HashMap<KeyId, Vec<KeyModel>> = HashMap::new();
        for model in found {
            models.entry(model.key).or_default().push(model);
        }
        Self { models, last: last.into_iter().map(|last| (last.key, last)).collect() }
    }

    pub(super) fn of(&mut self, key: KeyRecord) -> (KeyRecord, KeyToday) {
        let mut models = self.models.remove(&key.id).unwrap_or_default();
        models.sort_by(|a, b| b.requests.cmp(&a.requests).then_with(|| a.model.cmp(&b.model)));
        let last = self.last.remove(&key.id);
        (key, KeyToday { models, last })
    }
}

fn midnight(context: &AppContext) -> Micros {
    window::day(&(context.zone)(), context.clock.now(), 0).start
}
