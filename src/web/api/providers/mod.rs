//! Operations on providers.

mod add_provider;
mod batch_reset_provider_circuits;
mod edit_provider;
mod edit_provider_endpoint;
mod get_breakers;
mod get_provider_endpoints;
mod get_provider_limit_usage;
mod get_providers;
mod get_providers_health_status;
mod remove_provider;
mod reset_provider_circuit;
mod reset_provider_total_usage;
mod schema;

use super::Routes;

/// Adds the operations.
pub fn routes(routes: &mut Routes<'_, '_>) {
    routes
        .action::<get_providers::GetProviders>()
        .action::<add_provider::AddProvider>()
        .action::<edit_provider::EditProvider>()
        .action::<remove_provider::RemoveProvider>()
        .action::<get_providers_health_status::GetProvidersHealthStatus>()
        .action::<reset_provider_circuit::ResetProviderCircuit>()
        .action::<get_provider_limit_usage::GetProviderLimitUsage>()
        .action::<get_breakers::GetBreakers>()
        .action::<batch_reset_provider_circuits::BatchResetProviderCircuits>()
        .action::<get_provider_endpoints::GetProviderEndpoints>()
        .action::<edit_provider_endpoint::EditProviderEndpoint>()
        .action::<reset_provider_total_usage::ResetProviderTotalUsage>();
}
