//! A provider as it is going to be written: all properties, its addresses, and its key when that
//! changes.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Document, json};
use switchyard_actors::domain::dialect::ProviderKind;
use switchyard_actors::domain::instant::Micros;

use super::properties::PROPERTIES;
use super::{address, credential};
use crate::app::shape::Body;
use crate::app::{AppContext, AppError};
use crate::store::{PROVIDER_KEY, ProviderValues, Row, StoreError, Tx, Value};

/// Properties that may hold a password, and are shown in the audit log without it.
const ADDRESSES: [&str; 3] = ["proxy_url", "mcp_passthrough_url", "website_url"];

/// A provider's key as it is kept.
pub(super) struct SealedKey {
    pub(super) sealed: String,
    pub(super) prefix: String,
    pub(super) suffix: String,
}

impl SealedKey {
    /// Seals a new key, without what was pasted around it, if the kind of provider can use it.
    pub(super) fn new(app: &AppContext, kind: ProviderKind, key: &str) -> Result<Self, AppError> {
        let key = credential::taken(app, kind, key)?;
        let (prefix, suffix) = credential::ends(kind, &key);
        Ok(Self { sealed: app.cipher.seal(PROVIDER_KEY, &key)?, prefix, suffix })
    }

    /// Takes over the key of a row.
    pub(super) fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            sealed: row.text("sealed_key")?.to_owned(),
            prefix: row.text("key_prefix")?.to_owned(),
            suffix: row.text("key_suffix")?.to_owned(),
        })
    }
}

/// A provider as it is going to be written.
pub(super) struct Draft {
    /// The values of [`PROPERTIES`], in their order.
    values: Vec<Value>,
    /// Its addresses in order, the base URL first.
    pub(super) urls: Vec<String>,
    /// The address of its icon.
    favicon: Option<String>,
    pub(super) key: SealedKey,
}

impl Draft {
    /// Makes a new provider of a body.
    pub(super) fn new(app: &AppContext, body: &Body) -> Result<Self, AppError> {
        let mut values = Vec::with_capacity(PROPERTIES.len());
        for property in PROPERTIES {
            values.push(property.given(body)?.unwrap_or_else(|| property.first()));
        }
        let (sealed, prefix, suffix) = (String::new(), String::new(), String::new());
        let key = SealedKey { sealed, prefix, suffix };
        let mut draft = Self { values, urls: Vec::new(), favicon: None, key };
        let key = body.text("key").unwrap_or_default();
        draft.key = SealedKey::new(app, draft.kind(), key)?;
        draft.take_urls(body);
        draft.take_favicon(body);
        draft.trim();
        Ok(draft)
    }

    /// Takes a provider as it is.
    pub(super) fn of(row: &Row, urls: Vec<String>) -> Result<Self, StoreError> {
        let values = PROPERTIES.iter().map(|property| property.kept(row));
        Ok(Self {
            values: values.collect::<Result<_, _>>()?,
            urls,
            favicon: row.opt_text("favicon_url")?.map(str::to_owned),
            key: SealedKey::of(row)?,
        })
    }

    /// Changes what the body says; the rest stays.
    pub(super) fn change(&mut self, app: &AppContext, body: &Body) -> Result<(), AppError> {
        let former = self.kind();
        for (value, property) in self.values.iter_mut().zip(PROPERTIES) {
            if let Some(given) = property.given(body)? {
                *value = given;
            }
        }
        let kept = || app.cipher.open_sealed(PROVIDER_KEY, &self.key.sealed);
        if let Some(key) = body.text("key") {
            self.key = SealedKey::new(app, self.kind(), key)?;
        } else if let Some(key) = Some(()).filter(|()| self.kind() != former).and_then(|()| kept())
        {
            // What one kind can use may be of no use to another.
            self.key = SealedKey::new(app, self.kind(), key.reveal())?;
        }
        self.take_urls(body);
        self.take_favicon(body);
        self.trim();
        Ok(())
    }

    fn take_urls(&mut self, body: &Body) {
        let (base, further) = (body.text("url"), body.texts("endpoints"));
        let mut old = std::mem::take(&mut self.urls).into_iter();
        let old_base = old.next();
        self.urls.extend(base.map(str::to_owned).or(old_base));
        self.urls.extend(further.unwrap_or_else(|| old.collect()));
    }

    fn take_favicon(&mut self, body: &Body) {
        if body.has("website_url") {
            self.favicon = body.text("website_url").and_then(address::favicon);
        }
    }

    /// An empty text is none, and blanks around one are not meant.
    fn trim(&mut self) {
        for column in ["proxy_url", "active_time_zone", "vendor_name"] {
            let Some(bare) = self.text(column).map(|text| text.trim().to_owned()) else { continue };
            if let Some(value) = self.value_mut(column) {
                *value = if bare.is_empty() { Value::Null } else { Value::from(bare) };
            }
        }
    }

    /// Refuses addresses that cannot be called, and private ones unless the provider or the settings allow them.
    pub(super) fn check_urls(&self, app: &AppContext) -> Result<(), AppError> {
        address::check(&self.urls, app.live.allow_private_urls || self.allows_private())
    }

    fn kind(&self) -> ProviderKind {
        self.text("kind").and_then(ProviderKind::parse).unwrap_or(ProviderKind::Claude)
    }

    pub(super) fn name(&self) -> &str {
        self.text("name").unwrap_or_default()
    }

    /// Tells whether this provider itself may be at a private address.
    pub(super) fn allows_private(&self) -> bool {
        self.value("allow_private") == &Value::Int(1)
    }

    /// Reads a column that holds a document; nothing where it does not say.
    pub(super) fn document<T: DeserializeOwned + Default>(&self, column: &str) -> T {
        match self.value(column) {
            Value::Json(text) => serde_json::from_str(text).unwrap_or_default(),
            _ => T::default(),
        }
    }

    /// Reads a column that holds text.
    pub(super) fn text(&self, column: &str) -> Option<&str> {
        match self.value(column) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Tells whether another draft has other values in some columns.
    pub(super) fn differs(&self, other: &Self, columns: &[&str]) -> bool {
        columns.iter().any(|column| self.value(column) != other.value(column))
    }

    fn value(&self, column: &str) -> &Value {
        let place = PROPERTIES.iter().position(|property| property.column == column);
        place.and_then(|place| self.values.get(place)).unwrap_or(&Value::Null)
    }

    fn value_mut(&mut self, column: &str) -> Option<&mut Value> {
        let place = PROPERTIES.iter().position(|property| property.column == column)?;
        self.values.get_mut(place)
    }

    /// Returns the provider as it is written; its vendor is found, or made, on the way.
    pub(super) async fn values(
        &self,
        tx: &mut Tx,
        now: Micros,
    ) -> Result<ProviderValues<'_>, StoreError> {
        let named = self.text("vendor_name").map(str::to_lowercase);
        let site = || self.urls.first().and_then(|url| address::site(url));
        let vendor = match named.or_else(site) {
            Some(site) => Some(tx.vendor_of(&site, now).await?),
            None => None,
        };
        Ok(ProviderValues {
            name: self.name(),
            vendor,
            sealed_key: &self.key.sealed,
            key_prefix: &self.key.prefix,
            key_suffix: &self.key.suffix,
            favicon_url: self.favicon.as_deref(),
            columns: &self.values,
        })
    }

    /// Describes the provider for the audit log: everything but the key, passwords, and the values
    /// of headers.
    pub(super) fn story(&self) -> Map<String, Document> {
        let mut story = Map::new();
        for (property, value) in PROPERTIES.iter().zip(&self.values) {
            let mut shown = property.show(value);
            if ADDRESSES.contains(&property.column)
                && let Some(text) = shown.as_str()
            {
                shown = json!(address::without_credentials(text));
            }
            if property.column == "custom_headers"
                && let Some(headers) = shown.as_object()
            {
                shown = headers.keys().cloned().collect();
            }
            story.insert(property.asked.to_owned(), shown);
        }
        let urls: Vec<String> =
            self.urls.iter().map(|url| address::without_credentials(url)).collect();
        story.insert("urls".to_owned(), json!(urls));
        story
    }
}
