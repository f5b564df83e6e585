//! What there is to filter by.

use crate::app::{AppContext, AppError};

/// Lists the models that were ever asked for, by name.
pub async fn models(app: &AppContext) -> Result<Vec<String>, AppError> {
    Ok(app.store.ledger_models().await?)
}

/// Lists the statuses that were ever given, rising.
pub async fn status_codes(app: &AppContext) -> Result<Vec<i64>, AppError> {
    Ok(app.store.ledger_statuses().await?)
}
