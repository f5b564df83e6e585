//! Price versions: never changed, only followed by newer ones. Bodies keep their text exactly.

use std::collections::BTreeMap;
use std::sync::Arc;

use switchyard_actors::clock::Clock;
use switchyard_actors::domain::ids::PriceId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::price::PriceSource;
use switchyard_actors::ports::{BoxFuture, PortError, PriceStore, SheetEntry};

use super::error::StoreError;
use super::sql::{Batch, Store};
use super::tx::Tx;
use crate::params;

/// A model's price in force, with its object as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentPrice {
    /// The version.
    pub id: i64,
    /// The model.
    pub model: String,
    /// Where it came from.
    pub source: PriceSource,
    /// The price object's text.
    pub body: String,
    /// When the model got its first price.
    pub created_at: Micros,
    /// When this version came.
    pub updated_at: Micros,
}

/// One version of a price, in force or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceVersion {
    /// The model.
    pub model: String,
    /// Where it came from.
    pub source: PriceSource,
    /// The price object's text.
    pub body: String,
    /// When it came.
    pub created_at: Micros,
}

impl Store {
    /// Returns one version of a price.
    pub async fn price_version(&self, id: PriceId) -> Result<Option<PriceVersion>, StoreError> {
        let row = self.query_opt("prices/version", params![id.0]).await?;
        let Some(row) = row else { return Ok(None) };
        let Some(source) = PriceSource::parse(row.text("source")?) else { return Ok(None) };
        Ok(Some(PriceVersion {
            model: row.text("model")?.to_owned(),
            source,
            body: row.text("body")?.to_owned(),
            created_at: row.instant("created_at")?,
        }))
    }

    /// Returns the price in force of each model, by name.
    pub async fn current_prices(&self) -> Result<Vec<CurrentPrice>, StoreError> {
        let mut prices: Vec<CurrentPrice> = Vec::new();
        for row in self.query("prices/current", params![]).await? {
            let model = row.text("model")?;
            let Some(source) = PriceSource::parse(row.text("source")?) else { continue };
            // The winner comes first.
            if prices.last().is_some_and(|last| last.model == model) {
                continue;
            }
            prices.push(CurrentPrice {
                id: row.int("id")?,
                model: model.to_owned(),
                source,
                body: row.text("body")?.to_owned(),
                created_at: row.instant("first_created_at")?,
                updated_at: row.instant("created_at")?,
            });
        }
        Ok(prices)
    }

    /// Adds versions of a source and bumps the catalogue, in one transaction.
    pub async fn add_prices(
        &self,
        entries: &[SheetEntry],
        source: PriceSource,
        now: Micros,
    ) -> Result<(), StoreError> {
        let batch = additions(entries, source, now);
        self.apply(batch).await.map(drop)
    }

    /// Tells whether any model has a price.
    pub async fn has_prices(&self) -> Result<bool, StoreError> {
        Ok(self.query_opt("prices/any", params![]).await?.is_some())
    }

    /// Takes a manual price away: the synced one holds again.
    pub async fn remove_manual_price(&self, model: &str, now: Micros) -> Result<(), StoreError> {
        let manual = PriceSource::Manual.name();
        let batch = Batch::new()
            .with("prices/add", params![model, manual, "{}", true, now])
            .with("catalogue/bump", params!["prices"]);
        self.apply(batch).await.map(drop)
    }

    /// Returns the newest synced entry of each model, or its seed.
    pub async fn synced_prices(&self) -> Result<Vec<SheetEntry>, StoreError> {
        let mut models: BTreeMap<String, (PriceSource, String)> = BTreeMap::new();
        for row in self.query("prices/synced", params![]).await? {
            let Some(source) = PriceSource::parse(row.text("source")?) else { continue };
            let model = row.text("model")?;
            if models.get(model).is_none_or(|(other, _)| *other < source) {
                models.insert(model.to_owned(), (source, row.text("body")?.to_owned()));
            }
        }
        Ok(models.into_iter().map(|(model, (_, json))| SheetEntry { model, json }).collect())
    }
}

impl Tx {
    /// Adds versions of a source and bumps the catalogue.
    pub async fn add_prices(
        &mut self,
        entries: &[SheetEntry],
        source: PriceSource,
        now: Micros,
    ) -> Result<(), StoreError> {
        self.apply(additions(entries, source, now)).await.map(drop)
    }
}

fn additions(entries: &[SheetEntry], source: PriceSource, now: Micros) -> Batch {
    let mut batch = Batch::new();
    for entry in entries {
        let (model, body) = (entry.model.as_str(), entry.json.as_str());
        batch.push("prices/add", params![model, source.name(), body, false, now]);
    }
    if !batch.is_empty() {
        batch.push("catalogue/bump", params!["prices"]);
    }
    batch
}

/// The price sync's view of the store.
pub struct StoredPrices {
    store: Store,
    clock: Arc<dyn Clock>,
}

impl StoredPrices {
    /// Makes the view; the clock dates new versions.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }
}

impl PriceStore for StoredPrices {
    fn synced(&self) -> BoxFuture<'_, Result<Vec<SheetEntry>, PortError>> {
        Box::pin(async move { Ok(self.store.synced_prices().await?) })
    }

    fn store<'a>(
        &'a self,
        changed: &'a [SheetEntry],
        seed: bool,
    ) -> BoxFuture<'a, Result<(), PortError>> {
        let source = if seed { PriceSource::Seed } else { PriceSource::Synced };
        let now = self.clock.now();
        Box::pin(async move { Ok(self.store.add_prices(changed, source, now).await?) })
    }
}
