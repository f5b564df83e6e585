//! Reads from the body what routing, limits and the row need, without keeping a second copy.

use bytes::Bytes;
use switchyard_actors::domain::dialect::{Dialect, Operation};

use super::failure::Failure;
use super::flight::Flight;
use super::worker::Shared;
use crate::wire::request::{BodyError, RequestFacts, facts};

/// Reads the facts of a flight's body.
///
/// # Errors
/// A body that is not what its route says; the sentence names the place.
pub async fn inspect(flight: &mut Flight) -> Result<(), Failure> {
    let route = &flight.arrival.route;
    let bytes = flight.body.as_ref().map(|body| body.bytes.clone()).unwrap_or_default();
    let read = read(&flight.worker.shared, route.dialect, route.operation, bytes).await?;
    let read =
        read.map_err(|error| Failure::BadRequest { status: 400, message: error.to_string() })?;
    flight.facts = Some(read);
    let allowed = &flight.caller.allowed_models;
    let model = flight.model();
    if !allowed.is_empty() && !model.is_empty() {
        let may = allowed.iter().any(|name| name.eq_ignore_ascii_case(model));
        if !may {
            let message = format!("model {model} is not among the models this user may use");
            return Err(Failure::BadRequest { status: 400, message });
        }
    }
    Ok(())
}

/// Scans here when the body is small, away from the worker when it is not.
async fn read(
    shared: &Shared,
    dialect: Dialect,
    operation: Operation,
    bytes: Bytes,
) -> Result<Result<RequestFacts, BodyError>, Failure> {
    if bytes.len() <= shared.config.offload_above {
        return Ok(facts(dialect, operation, &bytes));
    }
    let _place = shared.offload.acquire().await.map_err(|_| Failure::Internal)?;
    tokio::task::spawn_blocking(move || facts(dialect, operation, &bytes))
        .await
        .map_err(|_| Failure::Internal)
}
