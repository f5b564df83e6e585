//! Decides whether an upstream's answer is one, before the client sees any of it.

mod converted;
pub(super) mod hold;

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use switchyard_actors::domain::dialect::{Dialect, Operation};
use switchyard_actors::domain::error_rules::Standing;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::outcome::TryOutcome;
use tokio::time::{Instant, timeout_at};

use self::hold::Held;
use super::crossing;
use super::ending::Ending;
use super::error_rules::{self, Said, ask_of_good};
use super::failure::{AttemptFailure, UpstreamAnswer};
use super::flight::Flight;
use super::forward::{Stop, TryLimits};
use super::gate::{Gate, Verdict};
use super::headers;
use super::inbound::{Inbound, Piece};
use super::retry_after::retry_after;
use crate::wire::answer::{BodyClass, check_body};
use crate::wire::frame::{ErrorClass, FrameError};
use crate::wire::upstream_error::error_of;
use crate::wire::usage::{Form, TapReport};

/// An error's body is read up to here, and no longer than this (AT-S4).
const ERROR_BODY: usize = 64 << 10;
const ERROR_BODY_TIME: Duration = Duration::from_secs(2);

/// An answer that may be shown.
pub enum Ready {
    /// Held whole and found good.
    Whole {
        /// The upstream's head; nothing of its body is left in it.
        inbound: Box<Inbound>,
        /// All of it.
        body: Bytes,
        /// What it used.
        report: Box<TapReport>,
    },
    /// Its beginning is good; the rest is passed on as it comes.
    Stream(Box<StreamReady>),
    /// Made here, of a provider's answer or of none.
    Made(Box<Made>),
}

/// An answer in the client's form that no provider has given as it is.
pub struct Made {
    /// All of it.
    pub body: Bytes,
    /// What the provider's own answer said; `None` without one.
    pub report: Option<TapReport>,
    /// A number in it is a guess of ours.
    pub estimated: bool,
}

/// A committed stream.
pub struct StreamReady {
    /// What is still to come.
    pub inbound: Inbound,
    /// What was held back.
    pub held: Vec<Bytes>,
    /// How usage is read from it; `None` when nothing is.
    pub form: Option<Form>,
    /// Between two pieces.
    pub idle: Duration,
    /// A plain answer must be whole by then.
    pub deadline: Option<Instant>,
    /// What ends it.
    pub ending: Ending,
    /// The extra usage chunk is kept from the client.
    pub withhold_usage: bool,
}

/// Examines an answer.
///
/// # Errors
/// It is an error, no answer at all, or late; or we cannot hold it.
pub async fn examine(
    flight: &mut Flight,
    mut inbound: Inbound,
    deadline: Instant,
    limits: TryLimits,
    withhold_usage: bool,
) -> Result<Ready, Stop> {
    let status = inbound.head().status();
    if !status.is_success() {
        return Err(refused(&mut inbound, flight.worker.shared.clock.now()).await.into());
    }
    let kind = content_type(&inbound);
    if flight.crossing().is_some() {
        return Box::pin(crossing::examine(flight, &mut inbound, &kind, deadline)).await;
    }
    let streams = kind.starts_with("text/event-stream");
    if flight.conversion().is_some() {
        // Boxed, as all that is rare: every request has room for the largest of its ways.
        return Box::pin(converted::examine(flight, inbound, &kind, deadline, limits)).await;
    }
    let checked = flight.arrival.route.operation != Operation::Other;
    let ending = if checked { Ending::Protocol } else { Ending::Http };
    let ready = |inbound, held, form, deadline| {
        let idle = limits.idle;
        let stream = StreamReady { inbound, held, form, idle, deadline, ending, withhold_usage };
        Ready::Stream(Box::new(stream))
    };
    if !checked {
        if is_made(flight, &kind) && !inbound.is_empty() {
            let limit = flight.worker.shared.config.hold_answer;
            return match hold::whole(&mut inbound, deadline, limit).await? {
                Held::All(body) => {
                    let mut report = check(flight, &kind, status.as_u16(), &body).await?;
                    // What a longer one used would not be known either.
                    report.usage = None;
                    let (inbound, report) = (Box::new(inbound), Box::new(report));
                    Ok(Ready::Whole { inbound, body, report })
                }
                Held::Part(held) => Ok(ready(inbound, held, None, Some(limits.whole_by))),
            };
        }
        let form = streams.then_some(Form::Sse);
        return Ok(ready(inbound, Vec::new(), form, None));
    }
    if flight.wants_stream() && (streams || is_gemini_array(flight, &kind)) {
        let form = if streams { Form::Sse } else { Form::GeminiArray };
        let held = hold_stream(flight, &mut inbound, deadline, limits.answer, form).await?;
        return Ok(ready(inbound, held, Some(form), None));
    }
    let limit = flight.worker.shared.config.hold_answer;
    match hold::whole(&mut inbound, deadline, limit).await? {
        Held::All(body) => {
            let report = Box::new(check(flight, &kind, status.as_u16(), &body).await?);
            if wants_events(flight) {
                return Err(no_events().into());
            }
            Ok(Ready::Whole { inbound: Box::new(inbound), body, report })
        }
        Held::Part(_) if wants_events(flight) => Err(no_events().into()),
        Held::Part(held) => {
            ask_of_good(flight, status.as_u16(), &held).await?;
            Ok(ready(inbound, held, Some(Form::Json), Some(limits.whole_by)))
        }
    }
}

/// Tells whether an answer of the families beside chat is one that a provider has made for this request, and
/// may be an error or a web page with a good status. What lies at the vendor is not: a file may hold anything.
fn is_made(flight: &Flight, kind: &str) -> bool {
    let route = &flight.arrival.route;
    let makes = matches!(route.family, "images" | "audio" | "moderations");
    let is_text = kind.contains("json") || kind.starts_with("text/html");
    makes && is_text
}

/// Tells whether the client can read nothing but an event stream.
fn wants_events(flight: &Flight) -> bool {
    let route = &flight.arrival.route;
    let takes_arrays = route.dialect.is_gemini() && !route.sse;
    matches!(route.operation, Operation::Generate | Operation::Complete)
        && flight.wants_stream()
        && !takes_arrays
}

fn no_events() -> AttemptFailure {
    failed("a stream was asked for, and the answer is none").inferred(502).final_here()
}

fn content_type(inbound: &Inbound) -> String {
    headers::text(inbound.head().headers(), "content-type").unwrap_or_default().to_ascii_lowercase()
}

/// Gemini streams without `alt=sse` are one JSON array that grows.
fn is_gemini_array(flight: &Flight, content_type: &str) -> bool {
    let route = &flight.arrival.route;
    route.dialect.is_gemini() && !route.sse && content_type.starts_with("application/json")
}

async fn hold_stream(
    flight: &mut Flight,
    inbound: &mut Inbound,
    deadline: Instant,
    first_content: Duration,
    form: Form,
) -> Result<Vec<Bytes>, AttemptFailure> {
    let config = flight.worker.shared.config.gate;
    let patience = config.hold_for(flight.arrival.route.dialect);
    let mut gate = Gate::new(flight.upstream_dialect(), form, config, patience);
    let status = inbound.head().status().as_u16();
    loop {
        let opens_at = gate.opens_at(first_content, deadline);
        let verdict = match timeout_at(opens_at.unwrap_or(deadline), inbound.next()).await {
            Err(_) if opens_at.is_some() => Verdict::Commit(Some("gate: slow")),
            Err(_) => return Err(late("no content arrived in time")),
            Ok(Piece::Broken(text)) => return Err(broken(text)),
            Ok(Piece::End) if gate.is_empty() => {
                return Err(failed("the answer is empty").inferred(502));
            }
            Ok(Piece::End) => {
                return Err(failed("the stream ended before any content").inferred(502));
            }
            Ok(Piece::Bytes(bytes)) => gate.push(bytes),
        };
        match verdict {
            Verdict::Hold => {}
            Verdict::Commit(note) => {
                flight.notes.extend(note.map(Arc::from));
                if note.is_none() {
                    flight.first_content_ms = Some(flight.arrival.elapsed_ms());
                }
                let held = gate.release();
                ask_of_good(flight, status, &held).await?;
                return Ok(held);
            }
            Verdict::Error(error) => {
                let standing = Standing::Error { stands_for: error.status };
                let said = said(status, standing, &gate.release());
                return Err(frame_failure(&error).saying(said));
            }
            Verdict::Malformed(text) => {
                let said = said(status, Standing::Good, &gate.release());
                return Err(failed(text).inferred(502).saying(said));
            }
        }
    }
}

/// Looks at a whole answer with a good status: some vendors say 200 and mean an error.
async fn check(
    flight: &mut Flight,
    kind: &str,
    status: u16,
    body: &Bytes,
) -> Result<TapReport, AttemptFailure> {
    let (dialect, operation) = (flight.upstream_dialect(), flight.arrival.route.operation);
    let report = check_whole(dialect, operation, kind, status, body)?;
    ask_of_good(flight, status, std::slice::from_ref(body)).await?;
    Ok(report)
}

/// Looks at a whole answer as its provider speaks.
pub(super) fn check_whole(
    dialect: Dialect,
    operation: Operation,
    content_type: &str,
    status: u16,
    body: &Bytes,
) -> Result<TapReport, AttemptFailure> {
    let (class, report) = check_body(dialect, operation, Some(content_type), body);
    let said = |standing| Said { status, standing, body: body.clone() };
    let text = match class {
        BodyClass::Good => return Ok(report),
        BodyClass::ErrorObject(error) => {
            let standing = Standing::Error { stands_for: error.status };
            return Err(frame_failure(&error).saying(said(standing)));
        }
        BodyClass::Empty => "the answer is empty",
        BodyClass::Html => "the answer is a web page",
        BodyClass::NotJson => "the answer is not JSON",
        BodyClass::WrongShape => "the answer is not of the dialect",
    };
    Err(failed(text).inferred(502).saying(said(Standing::Good)))
}

/// Gathers what a stream has brought so far.
fn said(status: u16, standing: Standing, held: &[Bytes]) -> Said {
    Said { status, standing, body: error_rules::beginning(held) }
}

/// Reads what a vendor says with a status that is not good.
async fn refused(inbound: &mut Inbound, now: Micros) -> AttemptFailure {
    let status = inbound.head().status().as_u16();
    let headers = inbound.headers().into_owned();
    let (body, in_time) = error_body(inbound).await;
    refusal(UpstreamAnswer { status, headers, body }, in_time, now)
}

/// Says what a refusal is taken for; `in_time` when it came to its end.
pub(super) fn refusal(answer: UpstreamAnswer, in_time: bool, now: Micros) -> AttemptFailure {
    let UpstreamAnswer { status, headers, body } = &answer;
    let status = *status;
    let said = error_of(status, body);
    let wait = retry_after(headers, now).or(said.retry_after);
    let mut failure = AttemptFailure::of(outcome(status, said.class, wait), said.message.as_str());
    failure.message = failure.message.filter(|message| !message.is_empty());
    failure.status = Some(status);
    let is_open = failure.outcome == TryOutcome::ClientFault && matches!(status, 400 | 422);
    failure.doubt = said.doubt.filter(|_| is_open);
    failure.code = known(&said.code);
    failure.retry_after = wait;
    // Who does not even finish its refusal would keep the next try waiting as well.
    failure.repeatable = in_time && !matches!(status, 401..=403 | 429) && may_repeat(said.class);
    let speaks_of_it = matches!(status, 401..=403) || said.class == ErrorClass::Auth;
    failure.refuses_account = speaks_of_it && failure.outcome == TryOutcome::ProviderFault;
    // Of one that was not heard to its end the status alone decides.
    let standing = Standing::Refused;
    failure.said = in_time.then(|| Said { status, standing, body: body.clone() });
    failure.answer = Some(Arc::new(answer));
    failure
}

/// Reads an error's body, as far as it comes in time; the flag tells whether it did.
async fn error_body(inbound: &mut Inbound) -> (Bytes, bool) {
    let deadline = Instant::now() + ERROR_BODY_TIME;
    let mut body = BytesMut::new();
    loop {
        match timeout_at(deadline, inbound.next()).await {
            Err(_) => return (body.freeze(), false),
            Ok(Piece::End | Piece::Broken(_)) => return (body.freeze(), true),
            Ok(Piece::Bytes(bytes)) => body.extend_from_slice(&bytes),
        }
        if body.len() > ERROR_BODY {
            body.truncate(ERROR_BODY);
            return (body.freeze(), true);
        }
    }
}

/// A real status decides; the text only where the status leaves it open.
fn outcome(status: u16, class: ErrorClass, wait: Option<Duration>) -> TryOutcome {
    match status {
        404 if class != ErrorClass::Auth => TryOutcome::NotFound,
        429 => TryOutcome::Overloaded,
        503 | 529 if wait.is_some() => TryOutcome::Overloaded,
        // A 400 that speaks of the vendor's own disk, account or models is the vendor's.
        400 | 422 => of_class(class, wait),
        405 | 406 | 409..=411 | 413..=417 | 424 | 431 => TryOutcome::ClientFault,
        _ => TryOutcome::ProviderFault,
    }
}

/// An error inside an answer with a good status.
pub fn frame_failure(error: &FrameError) -> AttemptFailure {
    let outcome = of_class(error.class, error.retry_after);
    let mut failure = AttemptFailure::of(outcome, error.message.as_str()).inferred(error.status);
    failure.code = known(&error.code);
    failure.retry_after = error.retry_after;
    failure.repeatable = may_repeat(error.class);
    failure.refuses_account = error.class == ErrorClass::Auth;
    failure.doubt = error.doubt;
    failure
}

/// What an error means where only its own words tell.
const fn of_class(class: ErrorClass, wait: Option<Duration>) -> TryOutcome {
    match class {
        ErrorClass::Client => TryOutcome::ClientFault,
        ErrorClass::NotFound => TryOutcome::NotFound,
        ErrorClass::RateLimit => TryOutcome::Overloaded,
        ErrorClass::Overloaded => overload(wait),
        ErrorClass::Provider | ErrorClass::Auth => TryOutcome::ProviderFault,
    }
}

/// What an overload means that only words tell: as with 503 and 529, it counts unless it names a wait.
const fn overload(wait: Option<Duration>) -> TryOutcome {
    if wait.is_some() { TryOutcome::Overloaded } else { TryOutcome::ProviderFault }
}

/// An account in trouble is still in trouble a moment later.
const fn may_repeat(class: ErrorClass) -> bool {
    !matches!(class, ErrorClass::Auth | ErrorClass::RateLimit)
}

fn known(code: &str) -> Option<Arc<str>> {
    Some(code).filter(|code| !code.is_empty()).map(Arc::from)
}

fn failed(text: &str) -> AttemptFailure {
    AttemptFailure::of(TryOutcome::ProviderFault, text)
}

/// Who was silent for so long is not asked again: the time is another provider's.
fn late(text: &str) -> AttemptFailure {
    failed(text).inferred(524).final_here()
}

fn broken(text: String) -> AttemptFailure {
    AttemptFailure::of(TryOutcome::ProviderFault, text).inferred(502)
}
