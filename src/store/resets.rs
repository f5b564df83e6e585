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

impl Store {
    /// Returns whose spend was reset since an instant, the first one first.
    pub async fn resets(&self, since: Micros) -> Result<Vec<Reset>, StoreError> {
        let params = params![since, None::<&str>, None::<i64>];
        self.query("resets/list", params).await?.iter().map(read).collect()
    }

    /// Tells whether a user's or key's spend was ever reset.
    pub async fn is_reset(&self, owner: &Dimension) -> Result<bool, StoreError> {
        let id = match owner {
            Dimension::User(user) => user.0,
            Dimension::Key(key) => key.0,
            Dimension::Provider(provider) => provider.0,
            Dimension::Group(_) | Dimension::Tag(_) => return Ok(false),
        };
        let params = params![Micros(0), Some(owner.owner().name()), Some(id)];
        Ok(self.query_opt("resets/list", params).await?.is_some())
    }
}

fn read(row: &Row) -> Result<Reset, StoreError> {
    let id = row.int("id")?;
    let owner = match row.text("owner")? {
        "user" => Dimension::User(UserId(id)),
        "key" => Dimension::Key(KeyId(id)),
        "provider" => Dimension::Provider(ProviderId(id)),
        _ => return Err(StoreError::row("owner", "unknown")),
    };
    Ok(Reset { owner, user: UserId(row.int("user_id")?), at: row.instant("at")? })
}
