//! Users as rows. Reading and changing one belong in one transaction, so writers use [`Tx`].

use switchyard_actors::domain::caller::Role;
use switchyard_actors::domain::ids::UserId;
use switchyard_actors::domain::instant::Micros;

use super::error::StoreError;
use super::limits::{self, StoredLimits};
use super::sql::Store;
use super::tx::Tx;
use super::value::{Row, Value};
use crate::params;

/// What people decide about a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFields {
    /// The name; it need not be unique.
    pub name: String,
    /// A note.
    pub note: Option<String>,
    /// What the user may do.
    pub role: Role,
    /// The groups, separated by commas.
    pub provider_group: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Switched on.
    pub is_enabled: bool,
    /// When the access ends.
    pub expires_at: Option<Micros>,
    /// Requests a minute.
    pub rpm: Option<i64>,
    /// Limits of money and sessions.
    pub limits: StoredLimits,
    /// Clients that may be used; empty is any.
    pub allowed_clients: Vec<String>,
    /// Models that may be used; empty is any.
    pub allowed_models: Vec<String>,
    /// Clients that may not be used, whatever else says.
    pub blocked_clients: Vec<String>,
    /// Models that may not be used, whatever else says.
    pub blocked_models: Vec<String>,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRecord {
    /// The id.
    pub id: UserId,
    /// What people decided.
    pub fields: UserFields,
    /// When it was made.
    pub created_at: Micros,
    /// When it was last changed.
    pub updated_at: Micros,
}

impl Store {
    /// Reads users, admins first, then by id, from after `last`.
    pub async fn users_page(
        &self,
        last: Option<&UserRecord>,
        limit: u32,
    ) -> Result<Vec<UserRecord>, StoreError> {
        let (role, id) = last.map_or(("", 0), |user| (role_name(user.fields.role), user.id.0));
        self.query("users/page", params![role, id, limit]).await?.iter().map(read).collect()
    }

    /// Finds users whose name, note or a tag holds a text, in the same order; an empty text is in all
    /// of them.
    pub async fn users_holding(
        &self,
        part: &str,
        after: Option<(Role, UserId)>,
        limit: u32,
    ) -> Result<Vec<UserRecord>, StoreError> {
        let (role, id) = after.map_or(("", 0), |(role, id)| (role_name(role), id.0));
        let exact = (!part.is_empty()).then(|| holding(part));
        let lower = exact.as_ref().map(|_| holding(&part.to_lowercase()));
        let params = params![role, id, exact.as_deref(), lower.as_deref(), limit];
        self.query("users/search", params).await?.iter().map(read).collect()
    }

    /// Reads a user that is not deleted.
    pub async fn user(&self, id: UserId) -> Result<Option<UserRecord>, StoreError> {
        self.query_opt("users/get", params![id]).await?.as_ref().map(read).transpose()
    }
}

impl Tx {
    /// Reads a user that is not deleted and holds the row until the transaction ends.
    pub async fn lock_user(&mut self, id: UserId) -> Result<Option<UserRecord>, StoreError> {
        self.query_opt("users/lock", params![id]).await?.as_ref().map(read).transpose()
    }

    /// Adds a user.
    pub async fn add_user(&mut self, user: &UserFields, now: Micros) -> Result<UserId, StoreError> {
        let mut params = columns(user)?;
        params.extend(params![now]);
        self.query_one("users/add", params).await?.int("id").map(UserId)
    }

    /// Changes a user.
    pub async fn edit_user(
        &mut self,
        id: UserId,
        user: &UserFields,
        now: Micros,
    ) -> Result<(), StoreError> {
        let mut params = params![id];
        params.extend(columns(user)?);
        params.extend(params![now]);
        self.execute("users/edit", params).await.map(drop)
    }

    /// Sets a user's groups.
    pub async fn set_user_group(
        &mut self,
        id: UserId,
        group: Option<&str>,
        now: Micros,
    ) -> Result<(), StoreError> {
        self.execute("users/set_group", params![id, group, now]).await.map(drop)
    }

    /// Hides a user for good.
    pub async fn remove_user(&mut self, id: UserId, now: Micros) -> Result<(), StoreError> {
        self.execute("users/remove", params![id, now]).await.map(drop)
    }

    /// Says that callers have changed; part of every transaction that changes one.
    pub async fn bump_callers(&mut self) -> Result<(), StoreError> {
        self.execute("catalogue/bump", params!["callers"]).await.map(drop)
    }
}

/// Writes the pattern of `LIKE` for texts that hold a part.
fn holding(part: &str) -> String {
    let mut pattern = String::with_capacity(part.len() + 2);
    pattern.push('%');
    for letter in part.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

fn columns(user: &UserFields) -> Result<Vec<Value>, StoreError> {
    let limits = &user.limits;
    Ok(params![
        user.name.as_str(),
        user.name.to_lowercase(),
        user.note.as_deref(),
        role_name(user.role),
        user.provider_group.as_deref(),
        Value::json(&user.tags)?,
        user.is_enabled,
        user.expires_at,
        user.rpm,
        limits.concurrent_sessions,
        limits.spend_5h,
        limits.daily,
        limits.weekly,
        limits.monthly,
        limits.total,
        limits::mode(limits.daily_mode),
        limits.daily_reset_minute,
        Value::json(&user.allowed_clients)?,
        Value::json(&user.allowed_models)?,
        Value::json(&user.blocked_clients)?,
        Value::json(&user.blocked_models)?
    ])
}

fn read(row: &Row) -> Result<UserRecord, StoreError> {
    let owned = |column| Ok::<_, StoreError>(row.opt_text(column)?.map(str::to_owned));
    let fields = UserFields {
        name: row.text("name")?.to_owned(),
        note: owned("note")?,
        role: role(row.text("role")?),
        provider_group: owned("provider_group")?,
        tags: row.json("tags")?,
        is_enabled: row.flag("is_enabled")?,
        expires_at: row.opt_instant("expires_at")?,
        rpm: row.opt_int("limit_rpm")?,
        limits: limits::read(row)?,
        allowed_clients: row.json("allowed_clients")?,
        allowed_models: row.json("allowed_models")?,
        blocked_clients: row.json("blocked_clients")?,
        blocked_models: row.json("blocked_models")?,
    };
    Ok(UserRecord {
        id: UserId(row.int("id")?),
        fields,
        created_at: row.instant("created_at")?,
        updated_at: row.instant("updated_at")?,
    })
}

pub(super) fn role(name: &str) -> Role {
    if name == "admin" { Role::Admin } else { Role::User }
}

const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Admin => "admin",
        Role::User => "user",
    }
}
