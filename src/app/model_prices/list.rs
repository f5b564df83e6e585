//! Lists the price in force of each model.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::app::{AppContext, AppError, time};

/// A model's price as the management API shows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// The version.
    pub id: i64,
    /// The model.
    pub model_name: String,
    /// The price object, to the letter as it was given.
    pub price_data: Box<RawValue>,
    /// When the model got its first price.
    pub created_at: String,
    /// When this version came.
    pub updated_at: String,
    /// Where it came from: `manual`, `synced` or `seed`.
    pub source: &'static str,
}

/// Lists the price in force of each model, by name.
pub async fn list(app: &AppContext) -> Result<Vec<Listed>, AppError> {
    let mut listed = Vec::new();
    for price in app.store.current_prices().await? {
        let price_data = RawValue::from_string(price.body);
        listed.push(Listed {
            id: price.id,
            model_name: price.model,
            price_data: price_data.map_err(|error| AppError::Internal(error.to_string()))?,
            created_at: time::iso(price.created_at),
            updated_at: time::iso(price.updated_at),
            source: price.source.name(),
        });
    }
    Ok(listed)
}

/// Tells whether any model has a price.
pub async fn has_any(app: &AppContext) -> Result<bool, AppError> {
    Ok(app.store.has_prices().await?)
}
