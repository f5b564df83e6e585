//! Asks the rules on a request's way: here where that is quick, away from the worker where it is not. A rule
//! that could not be asked decides nothing.

use std::sync::Arc;

use bytes::Bytes;
use switchyard_actors::domain::error_rules::Standing;

use crate::proxy::away::{SHORTEST_LOOK, by_turns};
use crate::proxy::failure::{AttemptFailure, Failure};
use crate::proxy::flight::Flight;
use crate::proxy::forward::time_left;

/// The note of a request whose rules were not asked, since that took too long.
pub const NOT_ASKED: &str = "error rules: not asked in time";

/// Judges a failed try by the rules. Where none fits it stays as it is, and where they could not be asked in
/// time, which is noted.
pub async fn judge(flight: &mut Flight, failure: AttemptFailure) -> AttemptFailure {
    let rules = &flight.catalogue.error_rules;
    let Some(said) = &failure.said else { return failure };
    let length = said.body.len() + failure.message.as_deref().map_or(0, str::len);
    let here_up_to = rules.quick_up_to(said.status, said.standing);
    if length <= here_up_to {
        return super::judged(rules, failure);
    }
    let (rules, asked) = (Arc::clone(rules), failure.clone());
    let work = move || super::judged(&rules, asked);
    // Boxed, as all that is rare.
    let judged = Box::pin(in_time(flight, (here_up_to, length), work)).await;
    judged.unwrap_or(AttemptFailure { said: None, ..failure })
}

/// Asks the rules about an answer that seems good, before its client sees any of it. Where no rule
/// names its status, which is the rule, nothing is looked at; where they cannot be asked in time it is
/// good, and that is noted.
///
/// # Errors
/// A rule takes it for an error.
pub async fn ask_of_good(
    flight: &mut Flight,
    status: u16,
    held: &[Bytes],
) -> Result<(), AttemptFailure> {
    let rules = &flight.catalogue.error_rules;
    if !rules.look_at_good(status) {
        return Ok(());
    }
    let body = super::beginning(held);
    let (here_up_to, length) = (rules.quick_up_to(status, Standing::Good), body.len());
    if length <= here_up_to {
        return super::good(rules, status, &body);
    }
    let rules = Arc::clone(rules);
    let work = move || super::good(&rules, status, &body);
    // Boxed, as all that is rare.
    Box::pin(in_time(flight, (here_up_to, length), work)).await.unwrap_or(Ok(()))
}

async fn in_time<T: Send + 'static>(
    flight: &mut Flight,
    size: (usize, usize),
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let asked = by_turns(flight, time_left(flight).max(SHORTEST_LOOK), size, work).await;
    if let Err(failure) = &asked {
        failure.count(&flight.worker.shared.metrics);
        let is_noted = flight.notes.iter().any(|note| **note == *NOT_ASKED);
        let late = matches!(failure, Failure::Shed(_)) && !is_noted;
        flight.notes.extend(late.then(|| NOT_ASKED.into()));
    }
    asked.ok()
}
