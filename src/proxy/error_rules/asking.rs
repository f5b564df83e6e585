//! Asks the rules on a request's way: here where that is quick, away from the worker where it is not. A rule
//! that could not be asked decides nothing.

use std::sync::Arc;

use bytes::Bytes;
use switchyard_actors::domain::error_rules::Standing;

use crate::proxy::away::by_turns_at_last;
use crate::proxy::failure::AttemptFailure;
use crate::proxy::flight::Flight;

/// Judges a failed try by the rules; where none fits it stays as it is.
pub async fn judge(flight: &Flight, failure: AttemptFailure) -> AttemptFailure {
    let rules = &flight.catalogue.error_rules;
    let quick = failure.said.as_ref().is_none_or(|said| {
        let length = said.body.len() + failure.message.as_deref().map_or(0, str::len);
        length <= rules.quick_up_to(said.status, said.standing)
    });
    if quick {
        return super::judged(rules, failure);
    }
    let (rules, asked) = (Arc::clone(rules), failure.clone());
    // Boxed, as all that is rare.
    let judged = Box::pin(by_turns_at_last(flight, move || super::judged(&rules, asked)));
    judged.await.unwrap_or(failure)
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
    if body.len() <= rules.quick_up_to(status, Standing::Good) {
        return super::good(rules, status, &body);
    }
    let rules = Arc::clone(rules);
    // Boxed, as all that is rare.
    let asked = Box::pin(by_turns_at_last(flight, move || super::good(&rules, status, &body)));
    asked.await.unwrap_or(Ok(()))
}
