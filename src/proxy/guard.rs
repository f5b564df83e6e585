//! Refuses a request in which its caller says what may not be said here.

use std::sync::Arc;

use actix_web::HttpRequest;
use serde_json::json;
use switchyard_actors::domain::blocked;
use switchyard_actors::domain::words::{Found, Words};

use super::away::{before_a_try, by_turns};
use super::failure::Failure;
use super::filter::is_for;
use super::flight::Flight;
use super::inspect;
use crate::wire::spoken;

/// Looks for words that may not be sent, in the body as it came. Where no word is set this costs a
/// look at a list.
///
/// # Errors
/// A word was found.
pub async fn words(flight: &mut Flight, request: &HttpRequest) -> Result<(), Failure> {
    let words = &flight.catalogue.words;
    if words.is_empty() || !is_for(flight.arrival.route.operation) {
        return Ok(());
    }
    let is_json = flight.facts.as_ref().is_some_and(|facts| facts.body.is_some());
    let form = inspect::form(request).filter(|_| !is_json).map(str::to_owned);
    if !is_json && form.is_none() {
        return Ok(());
    }
    let bytes = flight.body.as_ref().map(|body| body.bytes.clone()).unwrap_or_default();
    let (dialect, words) = (flight.arrival.route.dialect, Arc::clone(words));
    let length = bytes.len();
    let look = move |words: &Words| match form {
        Some(kind) => spoken::find_in_form(&kind, &bytes, words),
        None => spoken::find(dialect, &bytes, words),
    };
    // Boxed, as all that is rare.
    let found = Box::pin(find(flight, length, look, words)).await?;
    let Some(found) = found else { return Ok(()) };
    let reason = json!({ "word": found.word, "matchType": found.kind }).to_string();
    flight.notes.push(blocked::note(blocked::SENSITIVE_WORD, &reason).into());
    Err(Failure::Word(found))
}

/// Looks here when that is done quickly, away from the worker when it is not.
async fn find(
    flight: &Flight,
    length: usize,
    look: impl FnOnce(&Words) -> Option<Found> + Send + 'static,
    words: Arc<Words>,
) -> Result<Option<Found>, Failure> {
    let above = flight.worker.shared.config.offload_above.min(words.quick_up_to());
    by_turns(flight, before_a_try(flight), (above, length), move || look(&words)).await
}
