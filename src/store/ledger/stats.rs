//! Figures for people: today's use by key and model, last uses, an overview, latencies.

use switchyard_actors::domain::ids::{KeyId, ProviderId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::money::Nano;

use super::slots::{first_id, slot_at};
use crate::params;
use crate::store::error::StoreError;
use crate::store::sql::Store;
use crate::store::value::{Row, Value};

/// How much a key used a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyModel {
    /// The key.
    pub key: KeyId,
    /// The model; empty where none was named.
    pub model: String,
    /// Requests.
    pub requests: i64,
    /// Their cost.
    pub cost: Nano,
}

/// A key's last request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLast {
    /// The key.
    pub key: KeyId,
    /// When.
    pub at: Micros,
    /// Who served it.
    pub provider_name: Option<String>,
}

/// A provider's last request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderLast {
    /// The provider.
    pub provider: ProviderId,
    /// When.
    pub at: Micros,
    /// The model asked for.
    pub model: Option<String>,
}

/// What ended at a provider since an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderSums {
    /// The provider.
    pub provider: ProviderId,
    /// Requests.
    pub requests: i64,
    /// Those with a status of 400 or more.
    pub errors: i64,
    /// Their cost.
    pub cost: Nano,
}

/// Everything since an instant, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    /// Requests.
    pub requests: i64,
    /// Those with a status of 400 or more.
    pub errors: i64,
    /// Those whose usage is unknown.
    pub unmetered: i64,
    /// Those whose price is unknown.
    pub unpriced: i64,
    /// Their cost.
    pub cost: Nano,
    /// Their time in all.
    pub duration_ms: i64,
}

/// One bucket of a provider's latency histogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LatencyBucket {
    /// The provider.
    pub provider: ProviderId,
    /// The bucket; see [`super::bucket_ceiling`].
    pub bucket: i64,
    /// Requests in it.
    pub requests: i64,
}

/// How far an installation has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Installed {
    /// Providers that are not deleted.
    pub providers: i64,
    /// Those that are switched on.
    pub enabled: i64,
    /// Users that are not deleted.
    pub users: i64,
    /// The start of the first slot with a request.
    pub first_slot: Option<Micros>,
}

/// A provider by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderName {
    /// The provider.
    pub provider: ProviderId,
    /// Its name.
    pub name: String,
    /// It is switched on.
    pub enabled: bool,
}

impl Store {
    /// Lists the providers that are not deleted, in the order in which they are asked.
    pub async fn provider_names(&self) -> Result<Vec<ProviderName>, StoreError> {
        let rows = self.query("stats/provider_names", params![]).await?;
        rows.iter()
            .map(|row| {
                Ok(ProviderName {
                    provider: ProviderId(row.int("id")?),
                    name: row.text("name")?.to_owned(),
                    enabled: row.flag("is_enabled")?,
                })
            })
            .collect()
    }

    /// Tells how far the installation has come.
    pub async fn installed(&self) -> Result<Installed, StoreError> {
        let row = self.query_one("stats/installed", params![]).await?;
        Ok(Installed {
            providers: row.int("providers")?,
            enabled: row.int("enabled")?,
            users: row.int("users")?,
            first_slot: row.opt_instant("first_slot")?,
        })
    }

    /// Counts requests without a price since the slot around `since`, by model.
    pub async fn unpriced_models(&self, since: Micros) -> Result<Vec<(String, i64)>, StoreError> {
        let rows = self.query("stats/unpriced_models", params![slot_at(since)]).await?;
        rows.iter().map(|row| Ok((row.text("model")?.to_owned(), row.int("unpriced")?))).collect()
    }

    /// Returns what keys used since the slot around `since`, by model.
    pub async fn key_models(&self, since: Micros) -> Result<Vec<KeyModel>, StoreError> {
        let rows = self.query("stats/key_models", params![slot_at(since)]).await?;
        rows.iter().map(key_model).collect()
    }

    /// Returns what some keys used since the slot around `since`, by model.
    pub async fn models_of_keys(
        &self,
        keys: &[KeyId],
        since: Micros,
    ) -> Result<Vec<KeyModel>, StoreError> {
        let params = params![Value::json(keys)?, slot_at(since)];
        let rows = self.query("stats/models_of_keys", params).await?;
        rows.iter().map(key_model).collect()
    }

    /// Returns the last request of each key that has one.
    pub async fn last_of_keys(&self) -> Result<Vec<KeyLast>, StoreError> {
        let rows = self.query("stats/key_last", params![]).await?;
        rows.iter().map(key_last).collect()
    }

    /// Returns the last request of each of some keys that has one.
    pub async fn last_of_these(&self, keys: &[KeyId]) -> Result<Vec<KeyLast>, StoreError> {
        let rows = self.query("stats/last_of_keys", params![Value::json(keys)?]).await?;
        rows.iter().map(key_last).collect()
    }

    /// Returns the last request since `since` of each provider that has one.
    pub async fn last_of_providers(&self, since: Micros) -> Result<Vec<ProviderLast>, StoreError> {
        let rows = self.query("stats/provider_last", params![first_id(since)]).await?;
        rows.iter()
            .map(|row| {
                Ok(ProviderLast {
                    provider: ProviderId(row.int("provider_id")?),
                    at: row.instant("started_at")?,
                    model: row.opt_text("model")?.map(str::to_owned),
                })
            })
            .collect()
    }

    /// Adds up what ended at each provider since the slot around `since`.
    pub async fn provider_sums(&self, since: Micros) -> Result<Vec<ProviderSums>, StoreError> {
        let rows = self.query("stats/providers", params![slot_at(since)]).await?;
        rows.iter()
            .map(|row| {
                Ok(ProviderSums {
                    provider: ProviderId(row.int("provider_id")?),
                    requests: row.int("requests")?,
                    errors: row.int("errors")?,
                    cost: row.money("cost")?,
                })
            })
            .collect()
    }

    /// Adds up everything since the slot around `since`.
    pub async fn overview(&self, since: Micros) -> Result<Overview, StoreError> {
        let row = self.query_one("stats/overview", params![slot_at(since)]).await?;
        Ok(Overview {
            requests: row.int("requests")?,
            errors: row.int("errors")?,
            unmetered: row.int("unmetered")?,
            unpriced: row.int("unpriced")?,
            cost: row.money("cost")?,
            duration_ms: row.int("duration_ms")?,
        })
    }

    /// Returns latency histograms of providers between two instants; `first_content` measures to
    /// the first content, else to the end.
    pub async fn latencies(
        &self,
        from: Micros,
        to: Micros,
        first_content: bool,
    ) -> Result<Vec<LatencyBucket>, StoreError> {
        let measure = if first_content { "first_content" } else { "duration" };
        let params = params![slot_at(from), slot_at(to), measure];
        let rows = self.query("rollups/latencies", params).await?;
        rows.iter()
            .map(|row| {
                Ok(LatencyBucket {
                    provider: ProviderId(row.int("provider_id")?),
                    bucket: row.int("bucket")?,
                    requests: row.int("requests")?,
                })
            })
            .collect()
    }
}

fn key_model(row: &Row) -> Result<KeyModel, StoreError> {
    Ok(KeyModel {
        key: KeyId(row.int("key_id")?),
        model: row.text("model")?.to_owned(),
        requests: row.int("requests")?,
        cost: row.money("cost")?,
    })
}

fn key_last(row: &Row) -> Result<KeyLast, StoreError> {
    Ok(KeyLast {
        key: KeyId(row.int("key_id")?),
        at: row.instant("started_at")?,
        provider_name: row.opt_text("provider_name")?.map(str::to_owned),
    })
}
