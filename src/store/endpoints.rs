//! The addresses of a provider: their order and their switches.

use std::collections::HashMap;

use switchyard_actors::domain::ids::{EndpointId, ProviderId};
use switchyard_actors::domain::instant::Micros;

use super::error::StoreError;
use super::sql::Store;
use super::tx::Tx;
use super::value::Row;
use crate::params;

/// One address of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEndpoint {
    /// Its id.
    pub id: EndpointId,
    /// Its base URL.
    pub url: String,
    /// It may be tried.
    pub enabled: bool,
}

/// An address with whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedEndpoint {
    /// The provider.
    pub provider: ProviderId,
    /// The provider's name.
    pub name: String,
    /// Its base URL.
    pub url: String,
    /// It may be tried.
    pub enabled: bool,
}

fn stored(row: &Row) -> Result<StoredEndpoint, StoreError> {
    Ok(StoredEndpoint {
        id: EndpointId(row.int("id")?),
        url: row.text("url")?.to_owned(),
        enabled: row.flag("is_enabled")?,
    })
}

impl Store {
    /// Reads the addresses of a provider in their order.
    pub async fn endpoints(&self, provider: ProviderId) -> Result<Vec<StoredEndpoint>, StoreError> {
        let rows = self.query("providers/endpoints", params![provider]).await?;
        rows.iter().map(stored).collect()
    }

    /// Reads the addresses of all providers that are not deleted, each provider's in their order.
    pub async fn all_endpoints(
        &self,
    ) -> Result<HashMap<ProviderId, Vec<StoredEndpoint>>, StoreError> {
        let mut all: HashMap<ProviderId, Vec<StoredEndpoint>> = HashMap::new();
        for row in self.query("providers/all_endpoints", params![]).await? {
            all.entry(ProviderId(row.int("provider_id")?)).or_default().push(stored(&row)?);
        }
        Ok(all)
    }
}

impl Tx {
    /// Reads an address of a provider that is not deleted.
    pub async fn endpoint(&mut self, id: EndpointId) -> Result<Option<OwnedEndpoint>, StoreError> {
        let row = self.query_opt("providers/endpoint", params![id]).await?;
        row.map(|row| {
            Ok(OwnedEndpoint {
                provider: ProviderId(row.int("provider_id")?),
                name: row.text("name")?.to_owned(),
                url: row.text("url")?.to_owned(),
                enabled: row.flag("is_enabled")?,
            })
        })
        .transpose()
    }

    /// Switches an address on or off.
    pub async fn switch_endpoint(
        &mut self,
        id: EndpointId,
        enabled: bool,
        now: Micros,
    ) -> Result<(), StoreError> {
        self.execute("providers/switch_endpoint", params![id, enabled, now]).await.map(drop)
    }

    /// Puts addresses in place of those that are there. One that stays keeps its id and its switch,
    /// wherever it stands now; one that is named twice is there twice.
    pub async fn set_provider_urls(
        &mut self,
        id: ProviderId,
        urls: &[String],
        now: Micros,
    ) -> Result<(), StoreError> {
        let rows = self.query("providers/endpoints", params![id]).await?;
        let mut there: Vec<StoredEndpoint> = rows.iter().map(stored).collect::<Result<_, _>>()?;
        for (position, url) in (0_u32..).zip(urls) {
            if let Some(at) = there.iter().position(|one| one.url == *url) {
                let kept = there.remove(at).id;
                self.execute("providers/move_endpoint", params![kept, position, now]).await?;
            } else {
                self.execute("providers/add_endpoint", params![id, position, url, now]).await?;
            }
        }
        for gone in there {
            self.execute("providers/remove_endpoint", params![gone.id]).await?;
        }
        Ok(())
    }
}
