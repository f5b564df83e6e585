//! Asks which session a request belongs to; never a reason to refuse.

use std::sync::Arc;

use actix_web::HttpRequest;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::session_manager::Resolve;

use super::flight::Flight;
use super::headers;
use crate::wire::session::hints;

/// Resolves the session and returns the provider it is kept on.
pub async fn resolve(flight: &mut Flight, request: &HttpRequest) -> Option<ProviderId> {
    let facts = flight.facts.as_ref()?;
    let header = |name: &str| headers::text(request.headers(), name);
    let resolved = flight
        .worker
        .sessions
        .resolve(Resolve {
            caller: Arc::clone(&flight.caller),
            hints: hints(header, facts),
            now: flight.arrival.at,
            fallback: flight.arrival.id,
        })
        .await;
    flight.session = Some(resolved.session);
    resolved.bound
}
