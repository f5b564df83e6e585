//! From when on the costs of users, keys and providers count: every node learns it, and every later
//! start.

use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::ids::{KeyId, ProviderId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::sharing::Reset;

use super::error::StoreError;
use super::sql::{Store, Tx};
use super::value::Row;
use crate::params;

impl Tx {
    /// Notes from when on the costs of a user, key or provider count. Groups and tags have no cut:
    /// false for them.
    pub async fn reset_spend(&mut self, owner: &Dimension, at: Micros) -> Result<bool, StoreError> {
        let (statement, id): (&'static str, i64) = match owner {
            Dimension::User(user) => ("resets/set_of_user", user.0),
            Dimension::Key(key) => ("resets/set_of_key", key.0),
            Dimension::Provider(provider) => ("resets/set_of_provider", provider.0),
            Dimension::Group(_) | Dimension::Tag(_) => return Ok(false),
        };
        self.execute(statement, params![id, at]).await?;
        Ok(true)
    }
}

impl Tx {
    /// Returns whose spend was ever reset, the first one first.
    pub async fn resets(&mut self) -> Result<Vec<Reset>, StoreError> {
        self.query("resets/list", params![Micros(0)]).await?.iter().map(read).collect()
    }
}

impl Store {
    /// Returns whose spend was reset since an instant, the first one first.
    pub async fn resets(&self, since: Micros) -> Result<Vec<Reset>, StoreError> {
        self.query("resets/list", params![since]).await?.iter().map(read).collect()
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

fn read(row: &Row) -> Result<Reset, StoreError> {
    let owner = owner(row)?;
    Ok(Reset { owner, user: UserId(row.int("user_id")?), at: row.instant("at")? })
}

/// Reads whose a row is.
pub(super) fn owner(row: &Row) -> Result<Dimension, StoreError> {
    let id = row.int("id")?;
    match row.text("owner")? {
        "user" => Ok(Dimension::User(UserId(id))),
        "key" => Ok(Dimension::Key(KeyId(id))),
        "provider" => Ok(Dimension::Provider(ProviderId(id))),
        _ => Err(StoreError::row("owner", "unknown")),
    }
}
