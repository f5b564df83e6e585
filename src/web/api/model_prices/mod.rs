//! Operations on prices of models.

mod fill_costs;
mod get_available_models;
mod get_model_prices;
mod has_price_table;
mod sync_litellm_prices;
mod upload_price_table;

use super::Routes;
use crate::app::shape::{Field, Rule};

/// Adds the operations.
pub fn routes(routes: &mut Routes<'_, '_>) {
    routes
        .action::<get_model_prices::GetModelPrices>()
        .action::<upload_price_table::UploadPriceTable>()
        .action::<sync_litellm_prices::SyncLiteLlmPrices>()
        .action::<get_available_models::GetAvailableModelsByProviderType>()
        .action::<has_price_table::HasPriceTable>()
        .action::<fill_costs::FillCosts>();
}

/// What a table changed.
fn report() -> Rule {
    let names = || Rule::list_of(Rule::TEXT);
    Rule::object([
        Field::required("added", names()),
        Field::required("updated", names()),
        Field::required("unchanged", names()),
        Field::required("failed", names()).about("Entries that are no price."),
        Field::required("total", Rule::INTEGER),
    ])
}
