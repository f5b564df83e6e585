//! Models that stand in for others, as keys and groups name them.

use switchyard_actors::domain::ids::{KeyId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::routing::fallback::Fallbacks;

use super::error::StoreError;
use super::sql::Store;
use super::tx::Tx;
use super::value::Value;
use crate::params;

/// A key and what stands in for its models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFallbacks {
    /// The key.
    pub key: KeyId,
    /// Its name.
    pub key_name: String,
    /// Whose it is.
    pub user: UserId,
    /// The user's name.
    pub user_name: String,
    /// What it names.
    pub rules: Fallbacks,
}

impl Store {
    /// Reads what keys name.
    pub async fn fallbacks_of_keys(&self) -> Result<Vec<KeyFallbacks>, StoreError> {
        let rows = self.query("fallbacks/of_keys", params![]).await?;
        rows.iter()
            .map(|row| {
                Ok(KeyFallbacks {
                    key: KeyId(row.int("id")?),
                    key_name: row.text("name")?.to_owned(),
                    user: UserId(row.int("user_id")?),
                    user_name: row.text("user_name")?.to_owned(),
                    rules: row.json("fallback_models")?,
                })
            })
            .collect()
    }

    /// Reads what groups name.
    pub async fn fallbacks_of_groups(&self) -> Result<Vec<(String, Fallbacks)>, StoreError> {
        let rows = self.query("fallbacks/of_groups", params![]).await?;
        rows.iter()
            .map(|row| Ok((row.text("name")?.to_owned(), row.json("fallback_models")?)))
            .collect()
    }
}

impl Tx {
    /// Says what stands in for the models of a key.
    pub async fn set_key_fallbacks(
        &mut self,
        key: KeyId,
        rules: &Fallbacks,
        now: Micros,
    ) -> Result<(), StoreError> {
        let params = params![key, column(rules)?, now];
        self.execute("fallbacks/set_of_key", params).await?;
        self.bump_callers().await
    }

    /// Says what stands in for the models of a group.
    pub async fn set_group_fallbacks(
        &mut self,
        group: &str,
        rules: &Fallbacks,
        now: Micros,
    ) -> Result<(), StoreError> {
        let params = params![group, column(rules)?, now];
        self.execute("fallbacks/set_of_group", params).await?;
        self.execute("catalogue/bump", params!["groups"]).await.map(drop)
    }
}

fn column(rules: &Fallbacks) -> Result<Value, StoreError> {
    if rules.0.is_empty() { Ok(Value::Null) } else { Value::json(rules) }
}
