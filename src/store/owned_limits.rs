//! The limits of keys, users, groups, tags and providers, read and set in one form.

use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::ids::{KeyId, ProviderId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::{LimitOwner, Limits};

use super::error::StoreError;
use super::sql::Store;
use super::tx::Tx;
use super::value::{Row, Value};
use super::{limits, rows};
use crate::params;

/// Somebody and their limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedLimits {
    /// Who it is.
    pub owner: Dimension,
    /// The user, or the key's user; 0, which is nobody, for all others.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their limits.
    pub limits: Limits,
}

impl Store {
    /// Reads the limits of everybody, or of one kind of owner.
    pub async fn limits(&self, of: Option<LimitOwner>) -> Result<Vec<OwnedLimits>, StoreError> {
        let params = params![of.map(LimitOwner::name), None::<i64>, None::<&str>];
        self.query("limits/list", params).await?.iter().map(read).collect()
    }

    /// Reads the limits of one owner; `None` when it has no row.
    pub async fn limits_of(&self, owner: &Dimension) -> Result<Option<OwnedLimits>, StoreError> {
        let row = self.query_opt("limits/list", one(owner)).await?;
        row.as_ref().map(read).transpose()
    }
}

impl Tx {
    /// Reads the limits of one owner; `None` when it has no row.
    pub async fn limits_of(
        &mut self,
        owner: &Dimension,
    ) -> Result<Option<OwnedLimits>, StoreError> {
        let row = self.query_opt("limits/list", one(owner)).await?;
        row.as_ref().map(read).transpose()
    }

    /// Sets all limits of one owner, and says that the catalogue has changed.
    pub async fn set_limits(
        &mut self,
        owner: &Dimension,
        limits: &Limits,
        now: Micros,
    ) -> Result<(), StoreError> {
        let (statement, section): (&'static str, &str) = match owner {
            Dimension::Key(_) => ("limits/set_of_key", "callers"),
            Dimension::User(_) => ("limits/set_of_user", "callers"),
            Dimension::Group(_) => ("limits/set_of_group", "groups"),
            Dimension::Tag(_) => ("limits/set_of_tag", "groups"),
            Dimension::Provider(_) => ("limits/set_of_provider", "providers"),
        };
        let mut values = match (id(owner), owner.name()) {
            (Some(id), _) => params![id],
            (None, name) => params![name.map(AsRef::<str>::as_ref)],
        };
        values.extend(columns(limits));
        values.extend(params![now]);
        self.execute(statement, values).await?;
        self.execute("catalogue/bump", params![section]).await.map(drop)
    }
}

const fn id(owner: &Dimension) -> Option<i64> {
    match owner {
        Dimension::Key(key) => Some(key.0),
        Dimension::User(user) => Some(user.0),
        Dimension::Provider(provider) => Some(provider.0),
        Dimension::Group(_) | Dimension::Tag(_) => None,
    }
}

fn one(owner: &Dimension) -> Vec<Value> {
    let name = owner.name().map(AsRef::<str>::as_ref);
    params![Some(owner.owner().name()), id(owner), name]
}

fn columns(limits: &Limits) -> Vec<Value> {
    let count = |number: Option<u32>| number.map(i64::from);
    params![
        count(limits.rpm),
        count(limits.tpm),
        count(limits.concurrent_sessions),
        count(limits.concurrent_requests),
        limits.spend_5h,
        limits.daily,
        limits.weekly,
        limits.monthly,
        limits.total,
        limits::mode(limits.five_hour_mode),
        limits::mode(limits.daily_mode),
        limits.daily_reset_minute
    ]
}

fn read(row: &Row) -> Result<OwnedLimits, StoreError> {
    let (id, name) = (row.int("id")?, row.text("name")?);
    let owner = match row.text("owner")? {
        "key" => Dimension::Key(KeyId(id)),
        "user" => Dimension::User(UserId(id)),
        "group" => Dimension::Group(name.into()),
        "tag" => Dimension::Tag(name.into()),
        _ => Dimension::Provider(ProviderId(id)),
    };
    let user = UserId(row.int("user_id")?);
    Ok(OwnedLimits { owner, user, name: name.to_owned(), limits: rows::limits(row, "")? })
}
