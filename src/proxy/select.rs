//! Asks for a provider that was not tried yet.

use std::sync::Arc;

use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::provider_pool::Choose;

use super::failure::Failure;
use super::flight::Flight;

/// Chooses the next provider and starts a try at it.
///
/// # Errors
/// Nobody is left; the exclusions are logged, the client is told only whether waiting helps.
pub async fn select(flight: &mut Flight, bound: Option<ProviderId>) -> Result<(), Failure> {
    let shared = &flight.worker.shared;
    let model = Some(flight.model()).filter(|model| !model.is_empty()).map(Arc::from);
    let choose = Choose {
        caller: Arc::clone(&flight.caller),
        dialect: flight.arrival.route.dialect,
        operation: flight.arrival.route.operation,
        model,
        catalogue: Arc::clone(&flight.catalogue),
        bound,
        tried: flight.tried(),
        seed: shared.luck.seed(),
        now: shared.clock.now(),
    };
    match flight.worker.pool.choose(choose).await {
        Ok(chosen) => {
            flight.start_attempt(chosen);
            Ok(())
        }
        Err(none) => {
            tracing::info!(
                request.id = %flight.arrival.id,
                excluded = ?none.decision.excluded,
                "no provider can serve this request"
            );
            Err(Failure::NoProvider {
                all_cooling: none.all_cooling,
                retry_after: none.retry_after,
            })
        }
    }
}
