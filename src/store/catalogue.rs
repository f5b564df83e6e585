//! Loads the catalogue: only sections whose version has risen are read again (D8).

use std::collections::HashMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use switchyard_actors::clock::Clock;
use switchyard_actors::domain::caller::Caller;
use switchyard_actors::domain::catalogue::{Catalogue, Group, KeyHash, LiveSettings, PriceBook};
use switchyard_actors::domain::ids::PriceId;
use switchyard_actors::domain::limits::Limits;
use switchyard_actors::domain::map::Map;
use switchyard_actors::domain::price::{ModelPrice, PriceSource};
use switchyard_actors::domain::provider::Provider;
use switchyard_actors::domain::proxy::ProxyUse;
use switchyard_actors::domain::words::Words;
use switchyard_actors::ports::{BoxFuture, CatalogueSource, PortError};
use tokio::sync::Mutex;

use super::crypto::Cipher;
use super::error::StoreError;
use super::rows;
use super::sql::Store;
use super::value::Row;
use crate::params;

/// Reads a price object; `None` when it says nothing that can be billed.
pub type PriceReader = fn(PriceId, &str, PriceSource, &str) -> Option<ModelPrice>;

/// The setting behind [`LiveSettings::bill_original_model`].
pub const BILL_ORIGINAL_MODEL: &str = "bill_original_model";
/// The setting behind [`LiveSettings::time_zone`].
pub const TIME_ZONE: &str = "time_zone";
/// The setting behind [`LiveSettings::allow_global_usage_view`].
pub const ALLOW_GLOBAL_USAGE_VIEW: &str = "allow_global_usage_view";

/// The version of each section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SectionVersions {
    /// Users and keys.
    pub callers: i64,
    /// Groups.
    pub groups: i64,
    /// Prices.
    pub prices: i64,
    /// Providers and their endpoints.
    pub providers: i64,
    /// Request filters.
    pub request_filters: i64,
    /// Words that are refused.
    pub sensitive_words: i64,
    /// Settings.
    pub settings: i64,
    /// Error rules.
    pub error_rules: i64,
}

impl SectionVersions {
    /// Returns the catalogue's version: it rises with every change of any section.
    #[must_use]
    pub const fn total(&self) -> i64 {
        self.callers
            + self.groups
            + self.prices
            + self.providers
            + self.request_filters
            + self.sensitive_words
            + self.settings
            + self.error_rules
    }
}

impl Store {
    /// Reads the version of each section; cheap, for polling.
    pub async fn versions(&self) -> Result<SectionVersions, StoreError> {
        let mut versions = SectionVersions::default();
        for row in self.query("catalogue/versions", params![]).await? {
            let version = row.int("version")?;
            match row.text("section")? {
                "callers" => versions.callers = version,
                "groups" => versions.groups = version,
                "prices" => versions.prices = version,
                "providers" => versions.providers = version,
                "request_filters" => versions.request_filters = version,
                "sensitive_words" => versions.sensitive_words = version,
                "settings" => versions.settings = version,
                "error_rules" => versions.error_rules = version,
                _ => {}
            }
        }
        Ok(versions)
    }
}

/// Loads catalogues and remembers the last one. Loads wait for each other.
pub struct CatalogueLoader {
    store: Store,
    cipher: Cipher,
    read_price: PriceReader,
    defaults: LiveSettings,
    clock: Option<Arc<dyn Clock>>,
    last: Mutex<Option<(SectionVersions, Arc<Catalogue>)>>,
}

impl CatalogueLoader {
    /// Makes a loader; `defaults` hold where an admin has set nothing.
    #[must_use]
    pub const fn new(
        store: Store,
        cipher: Cipher,
        read_price: PriceReader,
        defaults: LiveSettings,
    ) -> Self {
        Self { store, cipher, read_price, defaults, clock: None, last: Mutex::const_new(None) }
    }

    /// Notes when sections are read that tell it.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Returns the catalogue as it is now; the same `Arc` as last time when nothing has changed,
    /// and the same sections where they have not. After an error the last one stays in force.
    pub async fn load(&self) -> Result<Arc<Catalogue>, StoreError> {
        let mut last = self.last.lock().await;
        // Versions first: what changes while rows are read is read again next time.
        let now = self.store.versions().await?;
        let (was, old) = match last.as_ref() {
            Some((was, old)) if *was == now => return Ok(Arc::clone(old)),
            Some((was, old)) => (*was, Arc::clone(old)),
            None => (SectionVersions::default(), Arc::default()),
        };
        let mut new = Catalogue { version: now.total(), ..Catalogue::clone(&old) };
        if was.callers != now.callers {
            new.callers = Arc::new(self.callers().await?);
        }
        if was.providers != now.providers {
            new.providers = self.providers().await?.into();
        }
        if was.groups != now.groups {
            new.groups = Arc::new(self.groups().await?);
            new.tags = Arc::new(self.tags().await?);
        }
        if was.prices != now.prices {
            new.prices = Arc::new(self.prices().await?);
        }
        if was.settings != now.settings {
            new.settings = Arc::new(self.settings().await?);
        }
        if was.error_rules != now.error_rules {
            new.error_rules = Arc::new(self.store.error_rule_book().await?);
        }
        if was.sensitive_words != now.sensitive_words {
            new.words = Arc::new(self.words().await?);
        }
        if was.request_filters != now.request_filters {
            new.filters = Arc::new(self.store.running_filters().await?);
        }
        let new = Arc::new(new);
        *last = Some((now, Arc::clone(&new)));
        Ok(new)
    }

    async fn callers(&self) -> Result<Map<KeyHash, Arc<Caller>>, StoreError> {
        let rows = self.store.query("catalogue/callers", params![]).await?;
        let read = rows.iter().filter_map(|row| sound("key", row, "key_id", rows::caller(row)));
        Ok(read.map(|(hash, caller)| (hash, Arc::new(caller))).collect())
    }

    async fn providers(&self) -> Result<Vec<Arc<Provider>>, StoreError> {
        let mut endpoints: HashMap<i64, Vec<_>> = HashMap::new();
        for row in self.store.query("catalogue/endpoints", params![]).await? {
            endpoints.entry(row.int("provider_id")?).or_default().push(rows::endpoint(&row)?);
        }
        let mut providers = Vec::new();
        for row in self.store.query("catalogue/providers", params![]).await? {
            let own = endpoints.remove(&row.int("id")?).unwrap_or_default();
            let read = rows::provider(&row, own, &self.cipher);
            let read = sound("provider", &row, "id", read);
            providers.extend(
                read.inspect(say_of_proxy)
                    .inspect(say_of_patterns)
                    .inspect(say_of_headers)
                    .map(Arc::new),
            );
        }
        Ok(providers)
    }

    async fn groups(&self) -> Result<Map<Arc<str>, Group>, StoreError> {
        let rows = self.store.query("catalogue/groups", params![]).await?;
        rows.iter()
            .map(|row| {
                let said = !row.text("cost_multiplier")?.is_empty();
                let factor = said.then(|| row.decimal("cost_multiplier")).transpose()?;
                let limits = rows::limits(row, "")?;
                let group = Group { factor, limits, fallbacks: row.json("fallback_models")? };
                Ok((Arc::from(row.text("name")?), group))
            })
            .collect()
    }

    /// Limits of tags are set beside those of groups and share their section.
    async fn tags(&self) -> Result<Map<Arc<str>, Limits>, StoreError> {
        let rows = self.store.query("catalogue/tags", params![]).await?;
        rows.iter().map(|row| Ok((Arc::from(row.text("name")?), rows::limits(row, "")?))).collect()
    }

    async fn prices(&self) -> Result<PriceBook, StoreError> {
        let mut winners: HashMap<String, (PriceSource, Row)> = HashMap::new();
        for row in self.store.query("catalogue/prices", params![]).await? {
            let Some(source) = PriceSource::parse(row.text("source")?) else { continue };
            let model = row.text("model")?.to_owned();
            if winners.get(&model).is_none_or(|(other, _)| *other < source) {
                winners.insert(model, (source, row));
            }
        }
        let mut book = PriceBook::default();
        for (model, (source, row)) in winners {
            let id = PriceId(row.int("id")?);
            if let Some(price) = (self.read_price)(id, &model, source, row.text("body")?) {
                book.models.insert(Arc::from(model), Arc::new(price));
            }
        }
        Ok(book)
    }

    async fn words(&self) -> Result<Words, StoreError> {
        let words = self.store.compiled_words().await?;
        let now = self.clock.as_ref().map(|clock| clock.now());
        Ok(match now {
            Some(now) => words.loaded_at(now),
            None => words,
        })
    }

    async fn settings(&self) -> Result<LiveSettings, StoreError> {
        let mut settings = self.defaults.clone();
        for row in self.store.settings().await? {
            match row.text("key")? {
                BILL_ORIGINAL_MODEL => replace(&mut settings.bill_original_model, &row),
                ALLOW_GLOBAL_USAGE_VIEW => replace(&mut settings.allow_global_usage_view, &row),
                TIME_ZONE => replace(&mut settings.time_zone, &row),
                _ => {}
            }
        }
        Ok(settings)
    }
}

impl std::fmt::Debug for CatalogueLoader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CatalogueLoader").field("store", &self.store).finish_non_exhaustive()
    }
}

impl CatalogueSource for CatalogueLoader {
    fn load(
        &self,
        have: Option<Arc<Catalogue>>,
    ) -> BoxFuture<'_, Result<Arc<Catalogue>, PortError>> {
        Box::pin(async move {
            let now = Self::load(self).await?;
            Ok(have.filter(|have| have.version == now.version).unwrap_or(now))
        })
    }
}

/// Takes a setting over when it can be read; else the default stays, and the log says so.
fn replace<T: DeserializeOwned>(setting: &mut T, row: &Row) {
    match row.opt_json("value") {
        Ok(Some(value)) => *setting = value,
        Ok(None) => {}
        Err(error) => {
            tracing::warn!(key = row.text("key").unwrap_or_default(), %error, "a setting is unreadable");
        }
    }
}

/// A provider whose proxy cannot be used is never chosen: whoever looks for it finds the reason.
fn say_of_proxy(provider: &Provider) {
    if let ProxyUse::Unusable(why) = provider.proxy {
        tracing::warn!(
            event = "proxy.unusable",
            provider.id = provider.id.0,
            error = %why,
            "the address of a provider's proxy cannot be used: the provider is never chosen"
        );
    }
}

/// A pattern that cannot be read stands for no model: fewer models are served, or redirected.
fn say_of_patterns(provider: &Provider) {
    for pattern in provider.unreadable() {
        tracing::error!(
            event = "pattern.unreadable",
            provider.id = provider.id.0,
            %pattern,
            "a pattern of a provider's models or redirects cannot be read: it stands for no model"
        );
    }
}

/// A header that no request can hold is left out of all of them.
fn say_of_headers(provider: &Provider) {
    for header in provider.unsent_headers() {
        let header = header.escape_debug();
        tracing::warn!(
            event = "header.unsent",
            provider.id = provider.id.0,
            %header,
            "a provider's own header {header} cannot be sent: requests go out without it"
        );
    }
}

/// Leaves out a row that cannot be read, and says so: one bad row must not hold up all others.
fn sound<T>(what: &str, row: &Row, id: &str, read: Result<T, StoreError>) -> Option<T> {
    read.inspect_err(|error| {
        let id = row.int(id).unwrap_or_default();
        tracing::error!(what, id, %error, "the {what} {id} is unreadable and is left out");
    })
    .ok()
}
