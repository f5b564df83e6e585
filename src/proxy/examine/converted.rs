//! Examines an answer that is to be converted: by the provider's format, and before any of it goes out
//! it is known to have a form for the client, but for what streams.

use bytes::Bytes;
use switchyard_actors::domain::error_rules::Standing;
use switchyard_actors::domain::outcome::TryOutcome;
use tokio::time::{Instant, timeout_at};

use super::{
    Held, Ready, StreamReady, ask_of_good, broken, check, failed, frame_failure, hold_stream,
    hold_whole, late,
};
use crate::proxy::convert::Conversion;
use crate::proxy::convert::whole::{self, ANSWER_MAX, Folding, NoAnswer};
use crate::proxy::ending::Ending;
use crate::proxy::error_rules::Said;
use crate::proxy::failure::AttemptFailure;
use crate::proxy::flight::Flight;
use crate::proxy::forward::TryLimits;
use crate::proxy::inbound::{Inbound, Piece};
use crate::wire::convert::hub::{StreamError, TroubleKind};
use crate::wire::usage::{Form, TapReport, UsageTap};

/// What is said of an answer that cannot be held.
const TOO_LONG: &str = "the answer is too long to be converted";

/// Examines an answer with a good status.
pub(super) async fn examine(
    flight: &mut Flight,
    mut inbound: Inbound,
    kind: &str,
    deadline: Instant,
    limits: TryLimits,
) -> Result<Ready, AttemptFailure> {
    let streams = kind.starts_with("text/event-stream");
    let status = inbound.head().status().as_u16();
    if streams && flight.wants_stream() {
        let (first, form) = (limits.answer, Form::Sse);
        let held = hold_stream(flight, &mut inbound, deadline, first, form).await?;
        let (idle, ending, form) = (limits.idle, Ending::Protocol, Some(form));
        let (deadline, withhold_usage) = (None, false);
        let stream = StreamReady { inbound, held, form, idle, deadline, ending, withhold_usage };
        return Ok(Ready::Stream(Box::new(stream)));
    }
    let (body, report) = if streams {
        folded(flight, &mut inbound, deadline).await?
    } else {
        let Held::All(body) = hold_whole(&mut inbound, deadline, ANSWER_MAX).await? else {
            return Err(failed(TOO_LONG).inferred(502).final_here());
        };
        let report = check(flight, kind, status, &body)?;
        let converted = whole::converted(conversion(flight)?, &body);
        (converted.map_err(|why| no_answer(why, status))?, report)
    };
    let (inbound, report) = (Box::new(inbound), Box::new(report));
    Ok(Ready::Whole { inbound, body: Bytes::from(body), report })
}

/// Reads a stream for a client that wants a whole answer.
async fn folded(
    flight: &mut Flight,
    inbound: &mut Inbound,
    deadline: Instant,
) -> Result<(Vec<u8>, TapReport), AttemptFailure> {
    let dialect = flight.upstream_dialect();
    let mut tap = UsageTap::new(dialect, Form::Sse);
    let mut folding = Folding::new(dialect);
    let status = inbound.head().status().as_u16();
    let mut length = 0;
    loop {
        let bytes = match timeout_at(deadline, inbound.next()).await {
            Err(_) => return Err(late("the answer was not complete in time")),
            Ok(Piece::Broken(text)) => return Err(broken(text)),
            Ok(Piece::End) => break,
            Ok(Piece::Bytes(bytes)) => bytes,
        };
        length += bytes.len();
        if length > ANSWER_MAX {
            return Err(failed(TOO_LONG).inferred(502).final_here());
        }
        if let Some(error) = tap.push(&bytes).error {
            let standing = Standing::Error { stands_for: error.status };
            let said = Said { status, standing, body: bytes };
            return Err(frame_failure(&error).saying(said));
        }
        if folding.push(&bytes) {
            break;
        }
    }
    let conversion = conversion(flight)?;
    let answer = folding.end(conversion).map_err(|why| no_answer(why, status))?;
    let body = whole::for_client(conversion, &answer).map_err(|why| no_answer(why, status))?;
    // The stream is not kept: what it said stands in the client's answer.
    if flight.catalogue.error_rules.look_at_good(status) {
        ask_of_good(flight, status, &[Bytes::copy_from_slice(&body)])?;
    }
    Ok((body, tap.finish()))
}

fn conversion(flight: &mut Flight) -> Result<&mut Conversion, AttemptFailure> {
    let conversion = flight.attempt.as_mut().and_then(|attempt| attempt.conversion.as_deref_mut());
    conversion.ok_or_else(|| failed("the try has no conversion").inferred(500))
}

fn no_answer(why: NoAnswer, real: u16) -> AttemptFailure {
    match why {
        NoAnswer::Broken(text) => failed(&text).inferred(502),
        NoAnswer::Trouble(StreamError { kind, message, .. }) => {
            let (outcome, status) = match kind {
                TroubleKind::BadRequest | TroubleKind::ContextLength => {
                    (TryOutcome::ClientFault, 400)
                }
                TroubleKind::RateLimit | TroubleKind::Quota => (TryOutcome::Overloaded, 429),
                TroubleKind::Overloaded => (TryOutcome::Overloaded, 529),
                TroubleKind::Timeout => (TryOutcome::ProviderFault, 504),
                TroubleKind::Upstream => (TryOutcome::ProviderFault, 502),
            };
            let standing = Standing::Error { stands_for: status };
            let said = Said { status: real, standing, body: Bytes::from(message.clone()) };
            AttemptFailure::of(outcome, message).inferred(status).saying(said)
        }
    }
}
