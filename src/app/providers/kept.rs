//! One provider as it is kept, for a form that changes it: every property by its name in requests.

use serde_json::{Map, Value as Document};
use switchyard_actors::domain::ids::ProviderId;

use super::credential::{self, KeySort};
use super::list;
use super::properties::PROPERTIES;
use crate::app::{AppContext, AppError};

/// One provider as it is kept; of its key nothing but what it is and the last characters.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The provider.
    pub id: ProviderId,
    /// Its name.
    pub name: String,
    /// Its addresses in order, the base URL first.
    pub urls: Vec<String>,
    /// The last characters of its key; empty of one that is short.
    pub key_end: String,
    /// What its key is.
    pub key: KeySort,
    /// Its properties as a request would say them.
    pub values: Map<String, Document>,
}

/// Returns a provider as it is kept.
///
/// # Errors
/// Says that there is no such provider.
pub async fn kept(app: &AppContext, provider: ProviderId) -> Result<Kept, AppError> {
    let row = app.store.provider(provider).await?.ok_or_else(list::unknown)?;
    let mut values = Map::new();
    for property in PROPERTIES {
        values.insert(property.asked.to_owned(), property.show(row.value(property.column)?));
    }
    Ok(Kept {
        id: provider,
        name: row.text("name")?.to_owned(),
        urls: app.store.provider_urls().await?.remove(&provider).unwrap_or_default(),
        key_end: row.text("key_suffix")?.to_owned(),
        key: credential::sort(app, &row)?,
        values,
    })
}
