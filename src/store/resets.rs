//! From when on the costs of users, keys, providers, groups and tags count: every node learns it, and
//! every later start.

use std::sync::Arc;

use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::ids::{KeyId, ProviderId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::sharing::Reset;

use super::error::StoreError;
use super::sql::Store;
use super::tx::Tx;
use super::value::Row;
use crate::params;

const LIST: &str = "resets/list";

impl Tx {
    /// Notes from when on the costs of an owner count; a group or tag for which nothing was
    /// ever set has no row, and no cut.
    pub async fn reset_spend(&mut self, owner: &Dimension, at: Micros) -> Result<(), StoreError> {
        let (statement, params) = match owner {
            Dimension::User(user) => ("resets/set_of_user", params![user.0, at]),
            Dimension::Key(key) => ("resets/set_of_key", params![key.0, at]),
            Dimension::Provider(provider) => ("resets/set_of_provider", params![provider.0, at]),
            Dimension::Group(name) => ("resets/set_of_group", params![name.as_ref(), at]),
            Dimension::Tag(name) => ("resets/set_of_tag", params![name.as_ref(), at]),
        };
        self.execute(statement, params).await.map(drop)
    }

    /// Returns whose spend was ever reset, the first one first.
    pub async fn resets(&mut self) -> Result<Vec<Reset>, StoreError> {
        list(&self.query(LIST, params![Micros(0)]).await?)
    }
}

impl Store {
    /// Returns whose spend was reset since an instant, the first one first.
    pub async fn resets(&self, since: Micros) -> Result<Vec<Reset>, StoreError> {
        list(&self.query(LIST, params![since]).await?)
    }

    /// Tells whether a user's or key's spend was ever reset.
    pub async fn is_reset(&self, owner: &Dimension) -> Result<bool, StoreError> {
        let params = match owner {
            Dimension::User(user) => params![Some(user.0), None::<i64>],
            Dimension::Key(key) => params![None::<i64>, Some(key.0)],
            Dimension::Provider(_) | Dimension::Group(_) | Dimension::Tag(_) => return Ok(false),
        };
        Ok(self.query_opt("resets/find", params).await?.is_some())
    }
}

fn list(rows: &[Row]) -> Result<Vec<Reset>, StoreError> {
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Reset, StoreError> {
    let name = || row.text("name").map(Arc::from);
    let owner = match row.text("owner")? {
        "group" => Dimension::Group(name()?),
        "tag" => Dimension::Tag(name()?),
        _ => owner(row)?,
    };
    Ok(Reset { owner, user: UserId(row.int("user_id")?), at: row.instant("at")? })
}

/// Reads whose a row is: a user's, a key's or a provider's.
pub(super) fn owner(row: &Row) -> Result<Dimension, StoreError> {
    let id = row.int("id")?;
    match row.text("owner")? {
        "user" => Ok(Dimension::User(UserId(id))),
        "key" => Ok(Dimension::Key(KeyId(id))),
        "provider" => Ok(Dimension::Provider(ProviderId(id))),
        _ => Err(StoreError::row("owner", "unknown")),
    }
}
