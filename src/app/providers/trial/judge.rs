//! What a reply to a test means: from faults, statuses and bodies to one verdict.

use switchyard_actors::domain::dialect::{Dialect, Operation};
use switchyard_actors::ports::{VendorAnswer, VendorFault};

use super::verdict::Verdict;
use crate::wire::answer::{BodyClass, check_body};
use crate::wire::frame::{ErrorClass, FrameError};
use crate::wire::upstream_error::error_of;
use crate::wire::usage::{Form, TapReport, UsageTap};

/// A verdict with what the vendor said to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    /// The vendor's own words, or the system's.
    pub(super) said: Option<String>,
}

impl Judged {
    fn new(verdict: Verdict, said: impl Into<String>) -> Self {
        let said = said.into();
        Self { verdict, said: Some(said).filter(|said| !said.trim().is_empty()) }
    }
}

impl From<Verdict> for Judged {
    fn from(verdict: Verdict) -> Self {
        Self { verdict, said: None }
    }
}

/// Judges why there is no answer.
pub(super) fn of_fault(fault: &VendorFault) -> Judged {
    match fault {
        VendorFault::Address(text) => Judged::new(Verdict::BadAddress, text),
        VendorFault::Name(text) => Judged::new(Verdict::NoName, text),
        VendorFault::Private => Verdict::Private.into(),
        VendorFault::Refused => Verdict::Refused.into(),
        VendorFault::Unreachable(text) => Judged::new(Verdict::Unreachable, text),
        VendorFault::ConnectTimeout => Verdict::ConnectTimeout.into(),
        VendorFault::Tls(text) => Judged::new(Verdict::Tls, text),
        VendorFault::Timeout => Verdict::Timeout.into(),
        VendorFault::Broken(text) => Judged::new(Verdict::Broken, text),
        VendorFault::NotHttp(text) => Judged::new(Verdict::NotHttp, text),
        VendorFault::Proxy(text) => Judged::new(Verdict::Proxy, text),
        VendorFault::Unable => Verdict::Unable.into(),
    }
}

/// Judges an answer that is none by its status; `None` of a 2xx one.
pub(super) fn of_status(answer: &VendorAnswer) -> Option<Judged> {
    match answer.status {
        200..300 => None,
        300..400 => {
            Some(Judged::new(Verdict::Redirected, answer.location.as_deref().unwrap_or_default()))
        }
        status => Some(of_error(status, answer)),
    }
}

fn of_error(status: u16, answer: &VendorAnswer) -> Judged {
    let error = error_of(status, &answer.body);
    let is_page = is_html(answer);
    let verdict = match status {
        404 | 405 if is_page => Verdict::WrongPath,
        400..500 if is_page => Verdict::Html,
        _ if is_model(status, &error.code, &error.message) => Verdict::UnknownModel,
        402 => Verdict::NoCredit,
        403 => Verdict::Forbidden,
        401 => Verdict::WrongKey,
        404 | 405 | 410 => Verdict::WrongPath,
        _ => match error.class {
            ErrorClass::Auth => Verdict::WrongKey,
            ErrorClass::RateLimit => Verdict::RateLimited,
            ErrorClass::Overloaded => Verdict::Overloaded,
            _ if status >= 500 => Verdict::ServerError,
            _ => Verdict::BadRequest,
        },
    };
    Judged::new(verdict, error.message)
}

/// Tells whether an error is about the model alone: then address and key are right.
fn is_model(status: u16, code: &str, message: &str) -> bool {
    const PHRASES: [&str; 9] = [
        "not found",
        "not exist",
        "unknown model",
        "not supported",
        "invalid model",
        "no such model",
        "not a valid model",
        "not available",
        "no available channel",
    ];
    let code = code.to_ascii_lowercase();
    if matches!(code.as_str(), "model_not_found" | "deploymentnotfound") {
        return true;
    }
    let message = message.to_ascii_lowercase();
    let tells = || PHRASES.iter().any(|phrase| message.contains(phrase));
    match status {
        404 => message.contains("model"),
        400 | 403 | 422 | 503 => message.contains("model") && tells(),
        _ => false,
    }
}

/// Judges a 2xx answer, and reads its model and tokens.
pub(super) fn of_answer(dialect: Dialect, answer: &VendorAnswer) -> (Judged, TapReport) {
    if is_stream(answer) && !is_html(answer) {
        return of_stream(dialect, &answer.body);
    }
    let kind = answer.content_type.as_deref();
    let (class, report) = check_body(dialect, Operation::Generate, kind, &answer.body);
    let judged = match class {
        BodyClass::Good => Verdict::Works.into(),
        BodyClass::Empty => Verdict::Empty.into(),
        BodyClass::Html => Verdict::Html.into(),
        BodyClass::ErrorObject(error) => of_inner(&error),
        BodyClass::NotJson | BodyClass::WrongShape => Verdict::WrongShape.into(),
    };
    (judged, report)
}

fn of_stream(dialect: Dialect, body: &[u8]) -> (Judged, TapReport) {
    let mut tap = UsageTap::new(dialect, Form::Sse);
    let progress = tap.push(body);
    let report = tap.finish();
    let judged = match progress.error {
        Some(error) => of_inner(&error),
        None if report.content_seen => Verdict::Works.into(),
        None if report.terminal => Verdict::Empty.into(),
        None => Verdict::WrongShape.into(),
    };
    (judged, report)
}

/// Judges an error inside a 2xx answer.
fn of_inner(error: &FrameError) -> Judged {
    let verdict = match error.class {
        _ if is_model(error.status, &error.code, &error.message) => Verdict::UnknownModel,
        ErrorClass::Auth if error.status == 402 => Verdict::NoCredit,
        ErrorClass::Auth if error.status == 403 => Verdict::Forbidden,
        ErrorClass::Auth => Verdict::WrongKey,
        ErrorClass::RateLimit => Verdict::RateLimited,
        ErrorClass::Overloaded => Verdict::Overloaded,
        ErrorClass::NotFound => Verdict::WrongPath,
        ErrorClass::Client => Verdict::BadRequest,
        ErrorClass::Provider => Verdict::ServerError,
    };
    Judged::new(verdict, &error.message)
}

fn is_stream(answer: &VendorAnswer) -> bool {
    let named = answer.content_type.as_deref().is_some_and(|kind| {
        kind.trim_start().to_ascii_lowercase().starts_with("text/event-stream")
    });
    let head = answer.body.trim_ascii_start();
    named || head.starts_with(b"event:") || head.starts_with(b"data:")
}

fn is_html(answer: &VendorAnswer) -> bool {
    let kind = answer.content_type.as_deref();
    let (class, _) = check_body(Dialect::OpenaiChat, Operation::Other, kind, &answer.body);
    class == BodyClass::Html
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
