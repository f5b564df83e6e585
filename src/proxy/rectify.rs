//! One more try with a mended body, where an upstream refused what other vendors let pass.
//!
//! Nothing is mended before it was refused, and no provider gets a mended body twice: when it refuses
//! that too, the next provider is asked with what the client sent. What was mended once is mended anew in
//! the body of each later try at that provider, before its wishes and the filters of a try: they hold.

use std::sync::Arc;

use bytes::Bytes;
use switchyard_actors::domain::dialect::Operation;
use switchyard_actors::domain::error_rules::Standing;
use switchyard_actors::domain::outcome::TryOutcome;
use switchyard_actors::domain::provider::Provider;

use super::away::away;
use super::config::Rectifiers;
use super::failure::{AttemptFailure, Failure};
use super::flight::Flight;
use super::prepare::Prepared;
use crate::wire::edit;
use crate::wire::mend::{self, Bounds, Mend};

/// Takes a refusal up: when it is of a kind that can be mended, and there is something to mend in what
/// was sent, the next try at this provider gets the mended body. The failure says so. Where there is no room
/// to look for it, the failure stays what it is.
pub async fn take_up(
    flight: &mut Flight,
    sent: Vec<Bytes>,
    failure: AttemptFailure,
) -> AttemptFailure {
    let what = match recognised(flight, &failure) {
        Some(what) if is_worth_it(flight, sent, what).await => what,
        _ => {
            let was_mended =
                flight.attempt.as_ref().is_some_and(|attempt| attempt.mended.is_some());
            let is_final = was_mended && is_refusal(&failure);
            return if is_final { failure.final_here() } else { failure };
        }
    };
    let name = what.name();
    if let Some(attempt) = &mut flight.attempt {
        flight.notes.push(Arc::from(format!("{name}: provider {}", attempt.provider.id)));
        attempt.mended = Some(what);
    }
    AttemptFailure { mended: Some(name), ..failure }
}

/// Tells whether there is something to mend in what was sent; where there is no room to look, there is not.
async fn is_worth_it(flight: &Flight, sent: Vec<Bytes>, what: Mend) -> bool {
    let found = has_what_mends(flight, sent, what).await;
    found.inspect_err(|failure| failure.count(&flight.worker.shared.metrics)).unwrap_or(false)
}

/// Tells whether there is something to mend in what was sent.
async fn has_what_mends(flight: &Flight, sent: Vec<Bytes>, what: Mend) -> Result<bool, Failure> {
    let Some(attempt) = &flight.attempt else { return Ok(false) };
    let (dialect, bounds) = (attempt.provider.kind.dialect(), bounds(flight, &attempt.provider));
    let body = flight.joined(sent).await?;
    let length = body.len();
    let look = move || !mend::mend(what, dialect, bounds, &body).is_empty();
    away(&flight.worker.shared, length, look).await
}

fn recognised(flight: &Flight, failure: &AttemptFailure) -> Option<Mend> {
    let attempt = flight.attempt.as_ref().filter(|attempt| attempt.mended.is_none())?;
    let operation = flight.arrival.route.operation;
    if !matches!(operation, Operation::Generate | Operation::CountTokens) {
        return None;
    }
    if !is_refusal(failure) && failure.status != Some(404) {
        return None;
    }
    let dialect = attempt.provider.kind.dialect();
    // What was said in another format than the client's has no answer for it, but its words.
    let said = failure.answer.as_ref().map(|answer| answer.body.clone());
    let refused = || failure.said.as_ref().filter(|said| said.standing == Standing::Refused);
    let said = said.or_else(|| refused().map(|said| said.body.clone())).unwrap_or_default();
    let what = mend::recognise(dialect, failure.message.as_deref().unwrap_or_default(), &said)?;
    let is_meant = is_refusal(failure) || what.is_missed();
    (is_meant && flight.worker.shared.config.rectifiers.allow(what)).then_some(what)
}

/// Returns what a mended body must keep to.
fn bounds(flight: &Flight, provider: &Provider) -> Bounds {
    Bounds {
        counts: flight.arrival.route.operation == Operation::CountTokens,
        room: provider.preferences.max_tokens.map(u64::from),
    }
}

/// Tells whether the upstream refused the request itself; some relays say so with a status or a type
/// of their own.
fn is_refusal(failure: &AttemptFailure) -> bool {
    failure.outcome == TryOutcome::ClientFault || matches!(failure.status, Some(400 | 422))
}

/// Mends the body of a try, once this provider has refused one like it.
///
/// # Errors
/// An edit does not fit the body, which is our fault; or there is no room for its copy.
pub async fn mend_again(flight: &mut Flight, prepared: &mut Prepared) -> Result<(), Failure> {
    let mended = flight.attempt.as_ref().and_then(|attempt| attempt.mended);
    match mended {
        // Boxed, as all that is rare: every request has room for the largest of its ways.
        Some(what) => Box::pin(mend_so(flight, prepared, what)).await,
        None => Ok(()),
    }
}

async fn mend_so(flight: &mut Flight, prepared: &mut Prepared, what: Mend) -> Result<(), Failure> {
    let Some(attempt) = &flight.attempt else { return Ok(()) };
    let (dialect, bounds) = (attempt.provider.kind.dialect(), bounds(flight, &attempt.provider));
    let body = flight.joined(std::mem::take(&mut prepared.segments)).await?;
    let read = body.clone();
    let find = move || mend::mend(what, dialect, bounds, &read);
    let edits = away(&flight.worker.shared, body.len(), find).await?;
    if !edits.is_empty() {
        flight.edits.push(what.name());
    }
    prepared.segments = edit::apply(&body, edits).map_err(|_| Failure::Internal)?;
    Ok(())
}

/// Returns what can be mended of a body should it be refused: what it was before the provider's wishes
/// and the filters of a try.
pub fn mendable(prepared: &mut Prepared) -> Vec<Bytes> {
    prepared.plain.take().map_or_else(|| prepared.segments.clone(), |plain| vec![plain])
}

impl AttemptFailure {
    /// Returns what the chain tells: the upstream's words, and what was done about them.
    #[must_use]
    pub fn told(&self) -> Option<Arc<str>> {
        let Some(mended) = self.mended else { return self.message.clone() };
        let said = self.message.as_deref().unwrap_or_default();
        Some(Arc::from(format!("{said} ({mended}, asked once more)")))
    }
}

impl Rectifiers {
    /// Tells whether the operator lets bodies be mended so.
    #[must_use]
    pub const fn allow(&self, what: Mend) -> bool {
        match what {
            Mend::ThinkingEffort => self.thinking_effort,
            Mend::ThinkingBudget => self.thinking_budget,
            Mend::ThinkingSignature => self.thinking_signature,
            Mend::FunctionIds => self.function_ids,
            Mend::CallSignature => self.call_signature,
            Mend::Reasoning => self.reasoning,
            Mend::BareInput => self.bare_input,
        }
    }
}
