//! Refuses a request in which its caller says what may not be said here.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;
use switchyard_actors::domain::blocked;
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::words::{Found, Words};

use super::away::{before_a_try, by_turns};
use super::failure::Failure;
use super::filter::is_for;
use super::flight::Flight;
use crate::wire::spoken;

/// Looks for words that may not be sent, in the body as it came. Where no word is set this costs a
/// look at a list.
///
/// # Errors
/// A word was found.
pub async fn words(flight: &mut Flight) -> Result<(), Failure> {
    let words = &flight.catalogue.words;
    let is_json = flight.facts.as_ref().is_some_and(|facts| facts.body.is_some());
    if words.is_empty() || !is_json || !is_for(flight.arrival.route.operation) {
        return Ok(());
    }
    let bytes = flight.body.as_ref().map(|body| body.bytes.clone()).unwrap_or_default();
    let (dialect, words) = (flight.arrival.route.dialect, Arc::clone(words));
    // Boxed, as all that is rare.
    let found = Box::pin(find(flight, dialect, bytes, words)).await?;
    let Some(found) = found else { return Ok(()) };
    let reason = json!({ "word": found.word, "matchType": found.kind }).to_string();
    flight.notes.push(blocked::note(blocked::SENSITIVE_WORD, &reason).into());
    Err(Failure::Word(found))
}

/// Looks here when that is done quickly, away from the worker when it is not.
async fn find(
    flight: &Flight,
    dialect: Dialect,
    bytes: Bytes,
    words: Arc<Words>,
) -> Result<Option<Found>, Failure> {
    let above = flight.worker.shared.config.offload_above.min(words.quick_up_to());
    let size = (above, bytes.len());
    let work = move || spoken::find(dialect, &bytes, &words);
    by_turns(flight, before_a_try(flight), size, work).await
}
