//! Makes the answer of the client out of an upstream's answer that was found good.

use std::sync::Arc;
use std::task::{Context, Waker};

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};
use awc::http::header::HeaderMap;
use bytes::Bytes;
use switchyard_actors::domain::outcome::{RowOutcome, TryOutcome};

use super::body::{PIECE, RelayBody, Whole};
use super::convert::{self, Conversion};
use super::examine::{Made, Ready, StreamReady};
use super::failure::{Failure, UpstreamAnswer};
use super::flight::Flight;
use super::headers;
use super::inbound::Inbound;
use super::line::Line;
use super::live::{Live, with_report};
use super::settle::End;
use crate::wire::usage::{Form, TapReport};

/// Tells the client that a number is a guess of ours.
const ESTIMATE: HeaderName = HeaderName::from_static("x-switchyard-estimate");
/// Tells the client what its request has lost on the way, where the operator wants that.
const LOSSES: HeaderName = HeaderName::from_static("x-switchyard-losses");
/// Tells the client the id of its request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-switchyard-request-id");

/// Commits an answer.
pub fn respond(mut flight: Box<Flight>, ready: Ready, client: Option<Line>) -> HttpResponse {
    match ready {
        Ready::Whole { inbound, body, report } => {
            whole(&mut flight, inbound, (body, *report), client)
        }
        Ready::Stream(stream) => streamed(*flight, *stream, client),
        Ready::Made(made) => self::made(&mut flight, *made, client),
    }
}

/// A whole answer: the row is written first, then the bytes are released.
fn whole(
    flight: &mut Flight,
    inbound: Box<Inbound>,
    (body, report): (Bytes, TapReport),
    client: Option<Line>,
) -> HttpResponse {
    let status = inbound.head().status();
    flight.committed(status.as_u16());
    flight.bytes_out = Some(body.len() as u64);
    flight.first_content_ms = flight.first_byte_ms;
    let end = End::of(RowOutcome::Success, status.as_u16(), TryOutcome::Success);
    let end = with_report(end, report);
    // Made before the end: what the try was is forgotten then.
    let mut answer = head(flight, status, &inbound.headers());
    flight.worker.drainer.say_goodbye(inbound);
    let sending = Sending::of(flight, body, client);
    flight.settle(end);
    sending.by(&mut answer)
}

/// An answer of ours: the row is written first, too.
fn made(flight: &mut Flight, made: Made, client: Option<Line>) -> HttpResponse {
    let Made { body, report, estimated } = made;
    flight.committed(200);
    flight.bytes_out = Some(body.len() as u64);
    flight.first_content_ms = flight.first_byte_ms;
    let end = End::of(RowOutcome::Success, 200, TryOutcome::Success);
    let end = match report {
        Some(report) => with_report(end, report),
        None => end,
    };
    // Made before the end: what the try has lost is on the row then.
    let mut answer = head(flight, StatusCode::OK, &HeaderMap::new());
    tell_losses(flight, &flight.losses, &mut answer);
    let sending = Sending::of(flight, body, client);
    flight.settle(end);
    answer.insert_header(("content-type", "application/json"));
    if estimated {
        answer.insert_header((ESTIMATE, "1"));
    }
    sending.by(&mut answer)
}

/// A whole answer on its way out. A connection takes a small one at once; of a large one the request's
/// place, and what is held for its bytes, are kept until the client has taken it.
enum Sending {
    AtOnce(Bytes),
    Watched(RelayBody),
}

impl Sending {
    /// Made before the flight is settled, which gives its place back.
    fn of(flight: &mut Flight, body: Bytes, client: Option<Line>) -> Self {
        if body.len() <= PIECE {
            return Self::AtOnce(body);
        }
        let whole = Whole::new(body, flight.place.take());
        Self::Watched(RelayBody::whole(whole, &flight.worker.streams, client.unwrap_or_default()))
    }

    fn by(self, answer: &mut HttpResponseBuilder) -> HttpResponse {
        match self {
            Self::AtOnce(body) => answer.body(body),
            Self::Watched(body) => answer.body(body),
        }
    }
}

fn streamed(mut flight: Flight, ready: StreamReady, client: Option<Line>) -> HttpResponse {
    let status = ready.inbound.head().status();
    flight.committed(status.as_u16());
    let mut answer = head(&flight, status, &ready.inbound.headers());
    let plain = ready.form.is_none_or(|form| form == Form::Json);
    let length = ready.inbound.length().filter(|_| plain);
    let is_empty = ready.inbound.is_empty();
    let mut live = Live::start(flight, ready);
    if is_empty {
        // Nobody asks for a body of no bytes: its end is taken here.
        let _end = live.poll_step(&mut Context::from_waker(Waker::noop()));
    }
    answer.body(RelayBody::new(live, length, client.unwrap_or_default()))
}

/// A client's own fault, in the upstream's own words: the same dialect, byte for byte. What names no error is
/// told in ours.
pub fn refused(flight: &Flight, failure: &Failure) -> HttpResponse {
    let route = &flight.arrival.route;
    let said = match failure {
        Failure::ClientFault(last) if last.rewording().is_none() => {
            last.answer.as_ref().filter(|answer| answer.is_error_object())
        }
        _ => None,
    };
    let Some(said) = said else { return failure.respond(route.dialect, flight.arrival.id) };
    let UpstreamAnswer { status, headers, body } = said.as_ref();
    let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_REQUEST);
    head(flight, status, headers).body(body.clone())
}

/// Ends a flight that failed before anything was committed.
pub fn settle_failure(flight: &mut Flight, failure: &Failure) {
    failure.count(&flight.worker.shared.metrics);
    if matches!(failure, Failure::Stopping) {
        flight.settle(End::stopped());
        return;
    }
    let status = failure.status(flight.arrival.route.dialect);
    let outcome = match failure {
        Failure::Limited(_)
        | Failure::Unpriced(_)
        | Failure::Word(_)
        | Failure::CountsTooOften(_) => RowOutcome::Refused,
        Failure::NoProvider { .. } => RowOutcome::NoProvider,
        Failure::Exhausted(_) | Failure::BadCall(_) => RowOutcome::UpstreamError,
        Failure::ClientFault(_)
        | Failure::BadRequest { .. }
        | Failure::OldClient(_)
        | Failure::ClientNotServed(_)
        | Failure::Unfit(_) => RowOutcome::ClientError,
        _ => RowOutcome::Internal,
    };
    let instead = failure.told_instead().map(Arc::from);
    let why = instead.or_else(|| match failure {
        Failure::Exhausted(sum) => sum.telling.message.clone(),
        Failure::ClientFault(last) if last.message.is_some() => last.message.clone(),
        other => Some(Arc::from(other.message())),
    });
    let end = End::of(outcome, status, TryOutcome::ClientGone);
    let end = match failure {
        // Nobody is blamed, and what is known of it is billed.
        Failure::TooLong(report) | Failure::NoRoom(report) => {
            with_report(end, report.as_ref().clone())
        }
        // The provider has answered, and counts that.
        Failure::BadCall(report) => {
            with_report(End { tried: TryOutcome::Success, ..end }, report.as_ref().clone())
        }
        _ => end,
    };
    flight.settle(End { error: why, ..end });
}

fn head(flight: &Flight, status: StatusCode, vendor: &HeaderMap) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    match flight.conversion() {
        Some(conversion) => converted_head(flight, conversion, &mut answer),
        None => {
            for (name, value) in headers::down(vendor) {
                answer.append_header((name.clone(), value.clone()));
            }
        }
    }
    if let Ok(id) = HeaderValue::try_from(flight.arrival.id.to_string()) {
        answer.insert_header((REQUEST_ID, id));
    }
    if let Some(model) = &flight.stand_in
        && let Ok(model) = HeaderValue::from_str(model)
    {
        answer.insert_header(("x-switchyard-fallback-model", model));
    }
    answer
}

/// The head of an answer that was converted: what the provider's says is about another body, and names
/// who made it.
fn converted_head(flight: &Flight, conversion: &Conversion, answer: &mut HttpResponseBuilder) {
    answer.insert_header(("content-type", conversion.content_type()));
    if conversion.streams {
        answer.insert_header(("cache-control", "no-cache"));
    }
    if flight.worker.shared.config.show_losses {
        tell_losses(flight, &convert::told(&conversion.losses), answer);
    }
}

fn tell_losses(flight: &Flight, losses: &[Arc<str>], answer: &mut HttpResponseBuilder) {
    if flight.worker.shared.config.show_losses && !losses.is_empty() {
        answer.insert_header((LOSSES, losses.join(",")));
    }
}
