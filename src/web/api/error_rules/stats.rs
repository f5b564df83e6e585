//! How many rules are in force.

use std::sync::Arc;

use serde::Serialize;
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::error_rules::MatchType;

use crate::app::{AppError, error_rules};
use crate::web::api::Api;

/// How many rules are in force.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stats {
    contains_count: usize,
    exact_count: usize,
    regex_count: usize,
    total_count: usize,
    catalogue: i64,
}

/// Counts the rules that requests are judged by now.
pub(super) async fn stats(api: &Api) -> Result<Stats, AppError> {
    let catalogue = catalogue(api).await?;
    let rules = catalogue.error_rules.rules();
    let count = |kind| rules.iter().filter(|rule| rule.match_type == kind).count();
    Ok(Stats {
        contains_count: count(MatchType::Contains),
        exact_count: count(MatchType::Exact),
        regex_count: count(MatchType::Regex),
        total_count: rules.len(),
        catalogue: catalogue.version,
    })
}

/// Returns the catalogue in force; where no server runs, one with the rules of the database.
async fn catalogue(api: &Api) -> Result<Arc<Catalogue>, AppError> {
    if let Some(published) = &api.catalogue {
        return Ok(published.load());
    }
    let error_rules = Arc::new(error_rules::compiled(&api.app, None).await?);
    Ok(Arc::new(Catalogue { error_rules, ..Catalogue::default() }))
}
