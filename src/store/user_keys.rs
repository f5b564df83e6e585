//! Keys of users as rows. The text of a key is found by hash; where keys may be shown again it
//! stands sealed beside it.

use std::collections::{BTreeSet, HashMap};

use switchyard_actors::domain::caller::Role;
use switchyard_actors::domain::catalogue::KeyHash;
use switchyard_actors::domain::ids::{KeyId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::money::Nano;

use super::error::StoreError;
use super::ledger::first_id;
use super::limits::{self, StoredLimits};
use super::sql::Store;
use super::tx::Tx;
use super::users::role;
use super::value::{Row, Value};
use crate::params;

/// What people decide about a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyFields {
    /// The name.
    pub name: String,
    /// Switched on.
    pub is_enabled: bool,
    /// It may log in to the console and the management API.
    pub can_login: bool,
    /// When it ends.
    pub expires_at: Option<Micros>,
    /// The groups, separated by commas.
    pub provider_group: Option<String>,
    /// Limits of money and sessions.
    pub limits: StoredLimits,
    /// How long prompts are cached: `inherit`, `5m`, `1h`.
    pub cache_ttl: Option<String>,
    /// How much of its requests may be lost when they are converted: `lenient`, `strict`, `refuse`.
    pub loss_policy: Option<String>,
}

/// The stored word for a policy that nobody has set.
const INHERIT: &str = "inherit";

/// A key's text in the forms that are kept.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyText {
    /// SHA-256 of the text.
    pub hash: KeyHash,
    /// The first characters, fit for logs.
    pub prefix: String,
    /// The last characters.
    pub suffix: String,
    /// The whole text, sealed; `None` when it may not be shown again.
    pub sealed: Option<String>,
}

/// A key.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// The id.
    pub id: KeyId,
    /// Whose it is.
    pub user: UserId,
    /// What people decided.
    pub fields: KeyFields,
    /// Requests a minute.
    pub rpm: Option<i64>,
    /// The first characters.
    pub prefix: String,
    /// The last characters.
    pub suffix: String,
    /// The whole text, sealed.
    pub sealed: Option<String>,
    /// When it was made.
    pub created_at: Micros,
    /// When it was last changed.
    pub updated_at: Micros,
}

/// A key and its user, as far as a login needs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginKey {
    /// The key.
    pub id: KeyId,
    /// It is switched on.
    pub is_enabled: bool,
    /// It may do more than look at its own usage.
    pub can_login: bool,
    /// When it ends.
    pub expires_at: Option<Micros>,
    /// Its user is switched on.
    pub user_is_enabled: bool,
    /// When its user ends.
    pub user_expires_at: Option<Micros>,
    /// The user.
    pub user: UserId,
    /// The user's name.
    pub user_name: String,
    /// The user's note.
    pub user_note: Option<String>,
    /// What the user may do.
    pub role: Role,
}

impl LoginKey {
    /// Tells whether the key is valid now.
    #[must_use]
    pub fn is_valid(&self, now: Micros) -> bool {
        self.is_enabled && self.expires_at.is_none_or(|end| end > now)
    }

    /// Tells whether the key opens the management API now.
    #[must_use]
    pub fn may_log_in(&self, now: Micros) -> bool {
        self.can_login && self.is_valid(now)
    }

    /// Tells whether the key opens the console now. The management API lets a user who is switched
    /// off look on, by its contract; the console does not.
    #[must_use]
    pub fn may_enter(&self, now: Micros) -> bool {
        let is_over = self.user_expires_at.is_some_and(|end| end <= now);
        self.may_log_in(now) && self.user_is_enabled && !is_over
    }
}

/// Since when to add up what a key has spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpendWindows {
    /// The total's beginning, the month's and the week's; borders of slots.
    pub total: Micros,
    /// The month's beginning.
    pub monthly: Micros,
    /// The week's beginning.
    pub weekly: Micros,
    /// The day's beginning, to the microsecond.
    pub daily: Micros,
    /// The beginning of the five hours, to the microsecond.
    pub five_hours: Micros,
}

/// What a key has spent in each window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WindowSpend {
    /// In the last year.
    pub total: Nano,
    /// This month.
    pub monthly: Nano,
    /// This week.
    pub weekly: Nano,
    /// Today.
    pub daily: Nano,
    /// In five hours.
    pub five_hours: Nano,
}

impl Store {
    /// Reads the keys of some users, in the order of their making.
    pub async fn keys_of(&self, users: &[UserId]) -> Result<Vec<KeyRecord>, StoreError> {
        let rows = self.query("user_keys/of_users", params![Value::json(users)?]).await?;
        rows.iter().map(read).collect()
    }

    /// Names keys and their users, also those that are deleted: key name, then user name.
    pub async fn key_names(
        &self,
        keys: impl IntoIterator<Item = KeyId>,
    ) -> Result<HashMap<KeyId, (String, String)>, StoreError> {
        let keys: BTreeSet<KeyId> = keys.into_iter().collect();
        let rows = self.query("user_keys/names", params![Value::json(&keys)?]).await?;
        let named = rows.iter().map(|row| {
            let names = (row.text("key_name")?.to_owned(), row.text("user_name")?.to_owned());
            Ok((KeyId(row.int("key_id")?), names))
        });
        named.collect()
    }

    /// Reads a key that is not deleted.
    pub async fn user_key(&self, id: KeyId) -> Result<Option<KeyRecord>, StoreError> {
        self.query_opt("user_keys/get", params![id]).await?.as_ref().map(read).transpose()
    }

    /// Finds the key to log in with; neither it nor its user is deleted.
    pub async fn login_key(&self, hash: KeyHash) -> Result<Option<LoginKey>, StoreError> {
        let row = self.query_opt("user_keys/login_by_hash", params![hash]).await?;
        row.as_ref().map(read_login).transpose()
    }

    /// Finds the key of a login of former times; neither it nor its user is deleted.
    pub async fn login_key_by_id(&self, id: KeyId) -> Result<Option<LoginKey>, StoreError> {
        let row = self.query_opt("user_keys/login_by_id", params![id]).await?;
        row.as_ref().map(read_login).transpose()
    }

    /// Adds up what a key has spent.
    pub async fn key_spend(
        &self,
        key: KeyId,
        since: SpendWindows,
    ) -> Result<WindowSpend, StoreError> {
        let params = params![key, since.total, since.monthly, since.weekly];
        let slots = self.query_one("spend/of_key_slots", params).await?;
        let first = first_id(since.daily.min(since.five_hours));
        let params = params![key, first, since.daily, since.five_hours];
        let rows = self.query_one("spend/of_key_rows", params).await?;
        Ok(WindowSpend {
            total: slots.money("total")?,
            monthly: slots.money("monthly")?,
            weekly: slots.money("weekly")?,
            daily: rows.money("daily")?,
            five_hours: rows.money("five_hours")?,
        })
    }

    /// Adds up what a user's keys have spent since the border of a slot.
    pub async fn user_spend(&self, user: UserId, since: Micros) -> Result<Nano, StoreError> {
        self.query_one("spend/of_user_slots", params![user, since]).await?.money("cost")
    }
}

impl Tx {
    /// Reads the keys of a user, in the order of their making.
    pub async fn keys_of(&mut self, user: UserId) -> Result<Vec<KeyRecord>, StoreError> {
        let rows = self.query("user_keys/of_users", params![Value::json(&[user])?]).await?;
        rows.iter().map(read).collect()
    }

    /// Adds a key.
    pub async fn add_key(
        &mut self,
        user: UserId,
        key: &KeyFields,
        text: &KeyText,
        now: Micros,
    ) -> Result<KeyId, StoreError> {
        let mut params = params![user];
        params.extend(columns(key));
        params.extend(params![
            text.hash,
            text.prefix.as_str(),
            text.suffix.as_str(),
            text.sealed.as_deref(),
            now
        ]);
        self.query_one("user_keys/add", params).await?.int("id").map(KeyId)
    }

    /// Changes a key.
    pub async fn edit_key(
        &mut self,
        id: KeyId,
        key: &KeyFields,
        now: Micros,
    ) -> Result<(), StoreError> {
        let mut params = params![id];
        params.extend(columns(key));
        params.extend(params![now]);
        self.execute("user_keys/edit", params).await.map(drop)
    }

    /// Hides a key for good and ends its logins.
    pub async fn remove_key(&mut self, id: KeyId, now: Micros) -> Result<(), StoreError> {
        self.execute("console_sessions/revoke_key", params![id, now]).await?;
        self.execute("user_keys/remove", params![id, now]).await.map(drop)
    }
}

fn columns(key: &KeyFields) -> Vec<Value> {
    let limits = &key.limits;
    params![
        key.name.as_str(),
        key.name.to_lowercase(),
        key.is_enabled,
        key.can_login,
        key.expires_at,
        key.provider_group.as_deref(),
        limits.concurrent_sessions,
        limits.spend_5h,
        limits.daily,
        limits.weekly,
        limits.monthly,
        limits.total,
        limits::mode(limits.daily_mode),
        limits.daily_reset_minute,
        key.cache_ttl.as_deref(),
        key.loss_policy.as_deref().unwrap_or(INHERIT)
    ]
}

fn read(row: &Row) -> Result<KeyRecord, StoreError> {
    let owned = |column| Ok::<_, StoreError>(row.opt_text(column)?.map(str::to_owned));
    let fields = KeyFields {
        name: row.text("name")?.to_owned(),
        is_enabled: row.flag("is_enabled")?,
        can_login: row.flag("can_login")?,
        expires_at: row.opt_instant("expires_at")?,
        provider_group: owned("provider_group")?,
        limits: limits::read(row)?,
        cache_ttl: owned("cache_ttl_preference")?,
        loss_policy: owned("loss_policy")?.filter(|word| word != INHERIT),
    };
    Ok(KeyRecord {
        id: KeyId(row.int("id")?),
        user: UserId(row.int("user_id")?),
        fields,
        rpm: row.opt_int("limit_rpm")?,
        prefix: row.text("prefix")?.to_owned(),
        suffix: row.text("suffix")?.to_owned(),
        sealed: owned("sealed_key")?,
        created_at: row.instant("created_at")?,
        updated_at: row.instant("updated_at")?,
    })
}

fn read_login(row: &Row) -> Result<LoginKey, StoreError> {
    Ok(LoginKey {
        id: KeyId(row.int("id")?),
        is_enabled: row.flag("is_enabled")?,
        can_login: row.flag("can_login")?,
        expires_at: row.opt_instant("expires_at")?,
        user_is_enabled: row.flag("user_is_enabled")?,
        user_expires_at: row.opt_instant("user_expires_at")?,
        user: UserId(row.int("user_id")?),
        user_name: row.text("user_name")?.to_owned(),
        user_note: row.opt_text("user_note")?.map(str::to_owned),
        role: role(row.text("role")?),
    })
}
