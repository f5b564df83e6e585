//! Counting tokens: a side request that costs nothing and is no request in anybody's limits. It has a
//! bound of its own, and an answer also where no provider has one: then a marked estimate.

pub mod bound;

use actix_web::HttpRequest;
use bytes::Bytes;
use switchyard_actors::domain::dialect::Operation;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::provider::Provider;
use switchyard_actors::provider_pool::eligibility::{Condition, Wanted, judge};

use super::examine::{Made, Ready};
use super::failure::Failure;
use super::flight::Flight;
use super::forward;
use crate::proxy::away::away;
use crate::wire::{counting, tokens};

/// What a row says of a count that no provider made.
const NOTE: &str = "count: estimated";

/// Lets a count in.
///
/// # Errors
/// Its key counts too often.
pub fn admit(flight: &Flight) -> Result<(), Failure> {
    if !is_count(flight) {
        return Ok(());
    }
    let shared = &flight.worker.shared;
    let wait = shared.counting.admit(flight.caller.key, flight.arrival.at);
    wait.map_or(Ok(()), |wait| Err(Failure::CountsTooOften(wait)))
}

/// Forwards a request; a count that nobody makes is estimated.
///
/// # Errors
/// Nobody could answer, or the client's request is at fault.
pub async fn forward(
    flight: &mut Flight,
    request: &HttpRequest,
    bound: Option<ProviderId>,
) -> Result<Ready, Failure> {
    match forward::forward(flight, request, bound).await {
        Err(failure) if is_count(flight) && may_estimate(flight, &failure) => {
            Box::pin(estimate(flight)).await
        }
        other => other,
    }
}

fn is_count(flight: &Flight) -> bool {
    flight.arrival.route.operation == Operation::CountTokens
}

/// Tells whether an estimate is of use where counting has failed: not for a question that is wrong,
/// nor for whom nobody would serve anyway.
fn may_estimate(flight: &Flight, failure: &Failure) -> bool {
    match failure {
        // A question that no counter can be asked is still as long as it is.
        Failure::Exhausted(_) | Failure::Unfit(_) => true,
        // Relays without a counter have their own ways of saying so, and what names no error judges no question.
        Failure::ClientFault(last) => {
            last.doubt.is_some() || matches!(last.status, Some(404 | 405))
        }
        Failure::NoProvider { .. } => {
            flight.catalogue.providers.iter().any(|one| fits(flight, one))
        }
        _ => false,
    }
}

/// Tells whether a provider fits a request for an answer, however it is just now.
fn fits(flight: &Flight, provider: &Provider) -> bool {
    let settings = &flight.catalogue.settings;
    let zone = settings.zone();
    let wanted = Wanted {
        caller: &flight.caller,
        dialect: flight.arrival.route.dialect,
        operation: Operation::Generate,
        converts: flight.worker.shared.config.convert,
        model: Some(flight.model()).filter(|model| !model.is_empty()),
        client: &flight.client,
        tried: &[],
        now: flight.arrival.at,
        zone: &zone,
    };
    judge(&wanted, provider, Condition::default).is_none()
}

/// Estimates here when the body is small, away from the worker when it is not.
async fn estimate(flight: &mut Flight) -> Result<Ready, Failure> {
    let body = flight.body.as_ref().map(|body| body.bytes.clone()).unwrap_or_default();
    let shared = &flight.worker.shared;
    let model = flight.model().to_owned();
    let count = away(shared, body.len(), move || tokens::estimate(&model, &body)).await?;
    flight.notes.push(NOTE.into());
    // What went out in the tries before is no matter of this answer.
    flight.edits.clear();
    flight.upstream_model = None;
    let body = Bytes::from(counting::answer(flight.arrival.route.dialect, count));
    Ok(Ready::Made(Box::new(Made { body, report: None, estimated: true })))
}
