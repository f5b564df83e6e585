//! All of a try that comes before its first byte goes out.

use actix_web::HttpRequest;
use bytes::Bytes;
use switchyard_actors::domain::decision::REFUSED_HERE;

use super::codex;
use super::credential;
use super::crossing;
use super::failure::Failure;
use super::filter;
use super::flight::Flight;
use super::forward::{Stop, TryLimits, try_limits};
use super::prepare::{Prepared, prepare};
use super::rectify;
use crate::metrics::Shed;

/// A try that is about to be made.
pub struct Due {
    /// What is sent.
    pub prepared: Prepared,
    /// What can be mended of its body.
    pub mendable: Vec<Bytes>,
    /// How long it may take.
    pub limits: TryLimits,
}

/// Does all that.
///
/// # Errors
/// The try cannot be made, or we refuse to make it.
pub async fn get_ready(
    flight: &mut Flight,
    request: &HttpRequest,
    providers: u32,
) -> Result<Due, Stop> {
    flight.begin_marks();
    match prepared(flight, request, providers).await {
        Err(Stop::Refuse(refusal)) => {
            flight.take_marks_back();
            flight.note_untried(REFUSED_HERE, &refusal.message());
            Err(Stop::Unsent(refusal))
        }
        Err(Stop::Failed(failure)) => {
            flight.take_marks_back();
            Err(Stop::Failed(failure))
        }
        ready => ready,
    }
}

async fn prepared(flight: &mut Flight, request: &HttpRequest, providers: u32) -> Result<Due, Stop> {
    credential::ready(flight).await?;
    let mut prepared = if crossing::is_due(flight) {
        // Boxed, as all that is rare: every request has room for the largest of its ways.
        Box::pin(crossing::prepare(flight)).await?
    } else {
        prepare(flight, request).await?
    };
    codex::adapt(flight, &mut prepared).await?;
    let mendable = rectify::mendable(&mut prepared);
    let prepared = filter::at_try(flight, prepared).await?;
    let Some(attempt) = &flight.attempt else { return Err(Failure::Internal.into()) };
    let limits = try_limits(flight, attempt, providers);
    journal_opened(flight)?;
    Ok(Due { prepared, mendable, limits })
}

/// Writes the journal's first record before the first byte goes out: a request that reached a
/// vendor leaves a trace whatever happens to this process.
fn journal_opened(flight: &mut Flight) -> Result<(), Failure> {
    if flight.worker.journal.refuse() {
        return Err(Failure::Shed(Shed::Journal));
    }
    if !flight.asked {
        let opened = flight.opened();
        let written = flight.worker.journal.opened(&opened);
        written.map_err(|error| {
            tracing::error!(request.id = %opened.id, %error, "the journal refuses records");
            Failure::Shed(Shed::Journal)
        })?;
    }
    flight.asked = true;
    flight.marks_before = None;
    if let Some(attempt) = &mut flight.attempt {
        attempt.sent = true;
    }
    Ok(())
}
