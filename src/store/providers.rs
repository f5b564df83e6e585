//! Providers as rows: their columns are declared once, with the rules of what they may hold, where
//! people decide about them (`app::providers`), so here they pass as values.

use std::collections::HashMap;

use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;

use super::endpoints::StoredEndpoint;
use super::error::StoreError;
use super::sql::Store;
use super::tx::Tx;
use super::value::{Row, Value};
use crate::params;

/// A provider as it is written.
#[derive(Clone, Copy, Debug)]
pub struct ProviderValues<'a> {
    /// The name, for finding it without regard to case.
    pub name: &'a str,
    /// The vendor's row.
    pub vendor: Option<i64>,
    /// The key, sealed for [`super::PROVIDER_KEY`].
    pub sealed_key: &'a str,
    /// The key's first characters.
    pub key_prefix: &'a str,
    /// The key's last characters.
    pub key_suffix: &'a str,
    /// The address of its icon.
    pub favicon_url: Option<&'a str>,
    /// All other columns in the order of `providers/insert`.
    pub columns: &'a [Value],
}

impl Store {
    /// Reads all providers that are not deleted, the newest first: the columns of `providers/list`.
    pub async fn providers(&self) -> Result<Vec<Row>, StoreError> {
        self.query("providers/list", params![]).await
    }

    /// Reads a provider that is not deleted: the columns of `providers/get`.
    pub async fn provider(&self, id: ProviderId) -> Result<Option<Row>, StoreError> {
        self.query_opt("providers/get", params![id]).await
    }

    /// Lists the providers that are not deleted.
    pub async fn provider_ids(&self) -> Result<Vec<ProviderId>, StoreError> {
        let rows = self.query("providers/ids", params![]).await?;
        rows.iter().map(|row| row.int("id").map(ProviderId)).collect()
    }

    /// Reads the base URLs of all providers that are not deleted, each provider's in their order, also
    /// of addresses that are switched off.
    pub async fn provider_urls(&self) -> Result<HashMap<ProviderId, Vec<String>>, StoreError> {
        let all = self.all_endpoints().await?.into_iter();
        let urls = |stored: Vec<StoredEndpoint>| stored.into_iter().map(|one| one.url).collect();
        Ok(all.map(|(provider, stored)| (provider, urls(stored))).collect())
    }
}

impl Tx {
    /// Reads a provider that is not deleted, with its addresses, and holds the row until the
    /// transaction ends.
    pub async fn lock_provider(
        &mut self,
        id: ProviderId,
    ) -> Result<Option<(Row, Vec<String>)>, StoreError> {
        if self.query_opt("providers/lock", params![id]).await?.is_none() {
            return Ok(None);
        }
        let row = self.query_one("providers/get", params![id]).await?;
        let urls = self.query("providers/endpoints", params![id]).await?;
        let urls: Result<_, StoreError> =
            urls.iter().map(|row| Ok(row.text("url")?.to_owned())).collect();
        Ok(Some((row, urls?)))
    }

    /// Adds a provider.
    pub async fn add_provider(
        &mut self,
        provider: &ProviderValues<'_>,
        now: Micros,
    ) -> Result<ProviderId, StoreError> {
        let row = self.query_one("providers/insert", params(provider, now)).await?;
        row.int("id").map(ProviderId)
    }

    /// Changes a provider.
    pub async fn edit_provider(
        &mut self,
        id: ProviderId,
        provider: &ProviderValues<'_>,
        now: Micros,
    ) -> Result<(), StoreError> {
        let mut params = params(provider, now);
        params.push(Value::from(id));
        self.execute("providers/update", params).await.map(drop)
    }

    /// Hides a provider for good; its row stays for the ledger.
    pub async fn remove_provider(&mut self, id: ProviderId, now: Micros) -> Result<(), StoreError> {
        self.execute("providers/remove", params![id, now]).await.map(drop)
    }

    /// Finds the vendor of a site; it is made when it is met for the first time.
    pub async fn vendor_of(&mut self, site: &str, now: Micros) -> Result<i64, StoreError> {
        self.execute("vendors/add", params![site, now]).await?;
        self.query_one("vendors/find", params![site]).await?.int("id")
    }

    /// Says that providers have changed; part of every transaction that changes one.
    pub async fn bump_providers(&mut self) -> Result<(), StoreError> {
        self.execute("catalogue/bump", params!["providers"]).await.map(drop)
    }
}

fn params(provider: &ProviderValues<'_>, now: Micros) -> Vec<Value> {
    let mut params = params![
        provider.name.to_lowercase(),
        provider.vendor,
        provider.sealed_key,
        provider.key_prefix,
        provider.key_suffix,
        provider.favicon_url,
        now,
    ];
    params.extend_from_slice(provider.columns);
    params
}
