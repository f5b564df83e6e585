//! Settings that admins change while the program runs, and facts that go with the database.

use serde::Serialize;
use serde::de::DeserializeOwned;
use switchyard_actors::domain::instant::Micros;

use super::error::StoreError;
use super::sql::{Batch, Store};
use super::value::{Row, Value};
use crate::params;

impl Store {
    /// Reads a setting; `None` when it was never set.
    pub async fn setting<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let row = self.query_opt("settings/get", params![key]).await?;
        row.map_or(Ok(None), |row| row.opt_json("value"))
    }

    /// Reads all settings: `key`, `value`, `updated_at`.
    pub async fn settings(&self) -> Result<Vec<Row>, StoreError> {
        self.query("settings/all", params![]).await
    }

    /// Sets settings and bumps the catalogue.
    pub async fn put_settings<T: Serialize>(
        &self,
        pairs: &[(&str, T)],
        now: Micros,
    ) -> Result<(), StoreError> {
        let mut batch = Batch::new();
        for (key, value) in pairs {
            batch.push("settings/put", params![*key, Value::json(value)?, now]);
        }
        batch.push("catalogue/bump", params!["settings"]);
        self.apply(batch).await.map(drop)
    }

    /// Takes a setting back to its default and bumps the catalogue.
    pub async fn remove_setting(&self, key: &str) -> Result<(), StoreError> {
        let batch = Batch::new()
            .with("settings/remove", params![key])
            .with("catalogue/bump", params!["settings"]);
        self.apply(batch).await.map(drop)
    }

    /// Reads a fact about the database: the admin token's hash, the price feed's entity tag, ...
    pub async fn fact(&self, key: &str) -> Result<Option<String>, StoreError> {
        let row = self.query_opt("meta/get", params![key]).await?;
        row.map_or(Ok(None), |row| Ok(Some(row.text("value")?.to_owned())))
    }

    /// Sets a fact about the database.
    pub async fn put_fact(&self, key: &str, value: &str) -> Result<(), StoreError> {
        self.execute("meta/put", params![key, value]).await.map(drop)
    }

    /// Notes a fact unless it is known, and returns what holds now: of two nodes, one is first.
    pub async fn settle_fact(&self, key: &str, value: &str) -> Result<String, StoreError> {
        self.execute("meta/add", params![key, value]).await?;
        let row = self.query_one("meta/get", params![key]).await?;
        Ok(row.text("value")?.to_owned())
    }
}
