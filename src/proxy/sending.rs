//! Sends the prepared request of a try: over HTTP, or, for a client at a socket whose provider takes
//! them, over a socket.

use std::sync::Arc;

use actix_web::HttpRequest;
use switchyard_actors::domain::outcome::TryOutcome;

use super::attempt_failure::AttemptFailure;
use super::errand::{self, Errand, Purpose};
use super::failure::Failure;
use super::flight::Flight;
use super::forward::{Stop, TryLimits, silent};
use super::prepare::Prepared;
use super::socket::upstream;
use crate::upstream::proxy::ProxyCause;
use crate::upstream::send::{Outbound, SendLimits};
use crate::upstream::{Reply, SendFailure};

/// Sends a request; returns the head of its answer, or why there is none.
///
/// # Errors
/// The try is over without a sending that failed.
pub async fn send(
    flight: &mut Flight,
    request: &HttpRequest,
    prepared: Prepared,
    limits: TryLimits,
) -> Result<Result<Reply, SendFailure>, Stop> {
    if flight.link.is_some() {
        // Boxed, as all that is rare: every request has room for the largest of its ways.
        let reply = Box::pin(upstream::ask(flight, &prepared, limits)).await?;
        if let Some(reply) = reply {
            return Ok(reply);
        }
    }
    Ok(by_http(flight, request, prepared, limits).await?)
}

/// Sends a prepared request by the way of its provider.
async fn by_http(
    flight: &mut Flight,
    request: &HttpRequest,
    prepared: Prepared,
    limits: TryLimits,
) -> Result<Result<Reply, SendFailure>, Failure> {
    let Some(attempt) = &flight.attempt else { return Err(Failure::Internal) };
    let provider = Arc::clone(&attempt.provider);
    let upload = flight.worker.shared.config.timeouts.upload;
    let out = Outbound {
        method: request.method().clone(),
        url: &prepared.url,
        headers: prepared.headers,
        segments: &prepared.segments,
    };
    let send_limits = SendLimits { first_byte: limits.answer, upload, by: limits.by };
    let (purpose, request) = (Purpose::Relay, flight.arrival.id);
    let errand = Errand { provider: &provider, purpose, request, out, limits: send_limits };
    let passed = errand::send_to(&flight.worker, errand).await;
    if let Some(attempt) = &mut flight.attempt {
        attempt.proxy_fault = passed.proxy_fault;
    }
    Ok(passed.reply)
}

/// A proxy that fails for every address is not asked for the next one, and one that would fail the
/// same way a moment later is not asked again.
fn behind_proxy(failure: AttemptFailure, cause: &ProxyCause) -> AttemptFailure {
    let everywhere = !cause.is_of_the_address();
    let failure = AttemptFailure { everywhere, ..failure.inferred(502) };
    if cause.lasts() { failure.final_here() } else { failure }
}

/// Says what a request that got no answer is taken for.
pub fn unsent(failure: &SendFailure, limits: TryLimits) -> AttemptFailure {
    let text = failure.to_string();
    let failed = |outcome| AttemptFailure::of(outcome, text.as_str());
    match failure {
        SendFailure::FirstByte(silent_for) => {
            let late = failed(TryOutcome::ProviderFault).inferred(524).final_here();
            silent(AttemptFailure { address_is_silent: true, ..late }, *silent_for, limits)
        }
        SendFailure::OutOfTime => failed(TryOutcome::CutShort).inferred(524).final_here(),
        SendFailure::Malformed(_) => failed(TryOutcome::ProviderFault).inferred(502),
        SendFailure::Refused(_) | SendFailure::Upload(_) => {
            failed(TryOutcome::TransportFault).inferred(502).final_here()
        }
        SendFailure::Connect(_) | SendFailure::Broken(_) => {
            failed(TryOutcome::TransportFault).inferred(502)
        }
        SendFailure::Proxy(fault) => behind_proxy(failed(TryOutcome::TransportFault), &fault.cause),
    }
}
