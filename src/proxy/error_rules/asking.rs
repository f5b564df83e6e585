//! Asks the rules on a request's way: here where that is quick, away from the worker where it is not. A rule
//! that could not be asked decides nothing.

use std::sync::Arc;

use bytes::Bytes;
use switchyard_actors::domain::error_rules::Standing;

use crate::proxy::away::by_turns;
use crate::proxy::failure::AttemptFailure;
use crate::proxy::flight::Flight;

/// Judges a failed try by the rules; where none fits it stays as it is.
pub async fn judge(flight: &Flight, failure: AttemptFailure) -> AttemptFailure {
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
    let judged = Box::pin(by_turns(flight, here_up_to, length, work)).await;
    judged.unwrap_or(AttemptFailure { said: None, ..failure })
}

/// Asks the rules about an answer that seems good, before its client sees any of it. Where no rule
/// names its status, which is the rule, nothing is looked at.
///
/// # Errors
/// A rule takes it for an error.
pub async fn ask_of_good(
    flight: &Flight,
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
    Box::pin(by_turns(flight, here_up_to, length, work)).await.unwrap_or(Ok(()))
}
