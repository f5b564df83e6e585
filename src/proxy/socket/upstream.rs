//! Responses over WebSocket, the provider's side: a client at a socket is served over one, too, where
//! its provider takes them. The socket stays open between turns, so that the provider remembers the
//! last response. Whatever fails before the first event falls back to HTTP and is nobody's fault.

use std::rc::Rc;
use std::sync::Arc;

use awc::http::header::{HeaderMap, HeaderName, HeaderValue};
use switchyard_actors::domain::decision::OVER_HTTP;
use switchyard_actors::domain::dialect::{Operation, ProviderKind};
use switchyard_actors::domain::outcome::TryOutcome;
use switchyard_actors::domain::proxy::ProxyUse;
use tokio::time::Instant;

use super::exchange::{Exchange, Stop};
use super::session::code::TOO_BIG;
use crate::proxy::failure::AttemptFailure;
use crate::proxy::flight::Flight;
use crate::proxy::forward::TryLimits;
use crate::proxy::prepare::Prepared;
use crate::upstream::socket::is_possible;
use crate::upstream::{Egress, Reply, SendFailure};

/// What the row says of an answer that came over a socket.
pub const ATTEMPTED: &str = "responses_ws_attempted";

/// Asks over a socket where client and provider do; `None` leaves it to HTTP. A provider that said nothing for
/// as long as it may has failed as one over HTTP.
///
/// # Errors
/// The request is too long for the provider's sockets: its client hears that in the same way.
pub async fn ask(
    flight: &mut Flight,
    prepared: &Prepared,
    limits: TryLimits,
) -> Result<Option<Result<Reply, SendFailure>>, AttemptFailure> {
    if let Some(link) = &flight.link {
        // What another provider closed with is its own matter.
        link.take_close();
    }
    let Some(exchange) = exchange(flight, prepared, limits) else { return Ok(None) };
    match exchange.run().await {
        Ok(begun) => {
            flight.notes.push(Arc::from(ATTEMPTED));
            Ok(Some(Ok(exchange.reply(begun))))
        }
        Err(Stop::TooBig) => {
            exchange.link.close_with(exchange.turn, TOO_BIG);
            let text = "the upstream says that the message is too long";
            Err(AttemptFailure::of(TryOutcome::ClientFault, text).inferred(413).final_here())
        }
        Err(Stop::Late(silent_for)) => Ok(Some(Err(SendFailure::FirstByte(silent_for)))),
        Err(Stop::Gone(text) | Stop::Failed(text)) => {
            tracing::debug!(request.id = %flight.arrival.id, error = %text, "served over HTTP");
            note_fallback(flight, text);
            Ok(None)
        }
    }
}

fn note_fallback(flight: &mut Flight, text: String) {
    // The selection is told with the try itself.
    let decision = flight.attempt.as_mut().and_then(|attempt| attempt.decision.take());
    let link = flight.link(OVER_HTTP, None, Some(Arc::from(text)));
    flight.chain.extend(link);
    if let Some(attempt) = &mut flight.attempt {
        attempt.decision = decision;
        attempt.started = Instant::now();
    }
}

fn exchange(flight: &Flight, prepared: &Prepared, limits: TryLimits) -> Option<Exchange> {
    let link = flight.link.clone()?;
    let shared = &flight.worker.shared;
    let attempt = flight.attempt.as_ref()?;
    let provider = Arc::clone(&attempt.provider);
    let proxy = match &provider.proxy {
        ProxyUse::None => None,
        ProxyUse::Through { proxy, .. } => Some(Arc::clone(proxy)),
        ProxyUse::Unusable(_) => return None,
    };
    let allow_private = shared.config.allow_private || provider.allow_private;
    let egress = Egress { allow_private, proxy };
    let may = shared.config.socket.upstream
        && provider.kind == ProviderKind::Codex
        && flight.arrival.route.operation == Operation::Generate
        && is_possible(&egress, &prepared.url)
        && !flight.worker.sockets.knows(&prepared.url);
    may.then(|| Exchange {
        worker: Rc::clone(&flight.worker),
        headers: headers(&prepared.headers, &link.beta),
        turn: link.turn(),
        link,
        provider,
        egress,
        url: prepared.url.clone(),
        segments: prepared.segments.clone(),
        limits,
    })
}

/// Makes the headers of a handshake out of those of a `POST`.
fn headers(of_post: &HeaderMap, beta: &HeaderValue) -> HeaderMap {
    let mut headers = of_post.clone();
    for name in ["content-type", "accept", "accept-encoding"] {
        headers.remove(name);
    }
    headers.append(HeaderName::from_static("openai-beta"), beta.clone());
    headers
}
