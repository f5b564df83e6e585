//! Errors of upstreams: whose fault they are and what they say, from any dialect's shape, from plain
//! text or from a web page.

mod account;
mod facts;
mod names;
#[cfg(test)]
mod tests;

use std::time::Duration;

use facts::MESSAGE_MAX;
pub(in crate::wire) use facts::{ErrorFacts, ErrorPlace, keep};

use super::frame::{ErrorClass, FrameError};
use super::scan::{Kind, Path, Scanner, Value, Visitor, Want};

/// Only so much of an error's body is looked at.
const BODY_MAX: usize = 64 * 1024;

/// What a non-2xx answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamError {
    /// Whose fault it is.
    pub class: ErrorClass,
    /// The real status of the answer.
    pub status: u16,
    /// The upstream's own code, else its type, else empty.
    pub code: String,
    /// The upstream's own text, at most 2 KiB.
    pub message: String,
    /// How long the body asks to wait (Gemini's `RetryInfo`).
    pub retry_after: Option<Duration>,
    /// Why the request may be in order nevertheless.
    pub doubt: Option<Doubt>,
}

/// Why another provider may take a request that was refused, while this one may be well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// The body is no error object but text, a web page or nothing, which something before the vendor may say.
    Bare,
    /// The credential serves one program alone, and another one asks.
    Program,
}

/// Reads a non-2xx answer. The real status wins over whatever the body says.
#[must_use]
pub fn error_of(status: u16, body: &[u8]) -> UpstreamError {
    let body = super::answer::without_mark(body);
    let body = body.get(..BODY_MAX).unwrap_or(body);
    let mut scanner = Scanner::new(BodyVisitor::default()).with_text_limit(MESSAGE_MAX);
    // A body cut short is read as far as it goes: better than nothing to show.
    let _ = scanner.push(body);
    let facts = scanner.into_visitor().into_facts();
    if facts.present {
        return UpstreamError {
            doubt: facts.refuses_the_program().then_some(Doubt::Program),
            class: facts.class_at(status),
            status,
            code: facts.name().to_owned(),
            retry_after: facts.retry_after,
            message: facts.message,
        };
    }
    let message = plain(body);
    let class = match names::by_status(status) {
        ErrorClass::Client | ErrorClass::NotFound if account::by_sentence(&message).is_some() => {
            ErrorClass::Auth
        }
        by_status => by_status,
    };
    let code = String::new();
    let is_programs = account::refuses_the_program(&message);
    let doubt = Some(if is_programs { Doubt::Program } else { Doubt::Bare });
    UpstreamError { class, status, code, message, retry_after: None, doubt }
}

impl ErrorFacts {
    /// Makes the error of a 2xx answer, its status inferred.
    pub(in crate::wire) fn inferred(&self) -> FrameError {
        let (class, status) = self.infer();
        FrameError {
            class,
            status,
            code: self.name().to_owned(),
            message: self.message.clone(),
            retry_after: self.retry_after,
            doubt: self.refuses_the_program().then_some(Doubt::Program),
        }
    }

    fn infer(&self) -> (ErrorClass, u16) {
        // Whatever name a relay gives it, the account is well.
        if self.refuses_the_program() {
            return (ErrorClass::Client, 400);
        }
        if let Some(status) = self.account_trouble() {
            return (ErrorClass::Auth, status);
        }
        if names::own_trouble(&self.message) {
            return (ErrorClass::Provider, 500);
        }
        if let Some(known) = self.by_name() {
            return known;
        }
        if let Some(status) = self.number.and_then(|number| u16::try_from(number).ok())
            && (400..600).contains(&status)
        {
            return (names::by_status(status), status);
        }
        names::by_words(&self.message).unwrap_or((ErrorClass::Provider, 502))
    }

    /// Recognises trouble of the provider's account, and the status that it stands for: by a code, else by
    /// a sentence where the names blame the request or say nothing.
    fn account_trouble(&self) -> Option<u16> {
        if let Some(status) = self.names().into_iter().find_map(|name| account::by_name(name)) {
            return Some(status);
        }
        let is_told_by_name = matches!(
            self.by_name(),
            Some((ErrorClass::Auth | ErrorClass::RateLimit | ErrorClass::Overloaded, _))
        );
        if is_told_by_name { None } else { account::by_sentence(&self.message) }
    }

    fn refuses_the_program(&self) -> bool {
        account::refuses_the_program(&self.message)
    }

    fn by_name(&self) -> Option<(ErrorClass, u16)> {
        self.names().into_iter().find_map(|name| names::by_name(name))
    }

    const fn names(&self) -> [&String; 4] {
        [&self.reason, &self.code, &self.kind, &self.status]
    }

    /// Says whose fault it is when the real status is known.
    fn class_at(&self, status: u16) -> ErrorClass {
        let by_status = names::by_status(status);
        let named = self.by_name().map(|(class, _)| class);
        match by_status {
            ErrorClass::Client if self.refuses_the_program() => ErrorClass::Client,
            // What is gone with the account is no model that is missing.
            ErrorClass::Client | ErrorClass::NotFound if self.account_trouble().is_some() => {
                ErrorClass::Auth
            }
            ErrorClass::Client if names::own_trouble(&self.message) => ErrorClass::Provider,
            ErrorClass::Client => named.unwrap_or(by_status),
            ErrorClass::Provider if status >= 500 && named == Some(ErrorClass::Overloaded) => {
                ErrorClass::Overloaded
            }
            _ => by_status,
        }
    }

    /// Returns the most telling name: code, then type, then Gemini's status.
    fn name(&self) -> &str {
        [&self.code, &self.kind, &self.status]
            .into_iter()
            .find(|name| !name.is_empty())
            .map_or("", |name| name.as_str())
    }
}

/// Reads `error` where there is one, else the top level of other people's error objects.
#[derive(Default)]
struct BodyVisitor {
    inner: ErrorFacts,
    outer: ErrorFacts,
}

impl BodyVisitor {
    fn into_facts(self) -> ErrorFacts {
        if self.inner.present || !self.inner.message.is_empty() {
            let mut inner = self.inner;
            keep_if_empty(&mut inner.message, &self.outer.message);
            return ErrorFacts { present: true, ..inner };
        }
        let told = !self.outer.message.is_empty() || !self.outer.code.is_empty();
        ErrorFacts { present: told, ..self.outer }
    }

    /// Finds the place of a path; `true` when it is inside `error`.
    fn place(path: &Path<'_>) -> Option<(bool, ErrorPlace)> {
        let mut keys = [""; 8];
        let mut count = 0;
        for (slot, at) in keys.iter_mut().zip(0..path.len()) {
            *slot = path.key(at).unwrap_or("[]");
            count += 1;
        }
        let mut keys = keys.get(..count).unwrap_or_default();
        // Gemini's streams without `alt=sse` answer even errors as a list; the CLI may wrap them.
        if let ["[]", rest @ ..] = keys {
            keys = rest;
        }
        if let ["response", rest @ ..] = keys {
            keys = rest;
        }
        Some(match keys {
            // FastAPI lists what does not fit, others what went wrong.
            [] | ["errors"] | ["detail" | "errors", "[]"] => (false, ErrorPlace::Enter),
            ["error", rest @ ..] => (true, ErrorPlace::find(rest)?),
            ["msg" | "detail" | "error_description"]
            | ["detail" | "errors", "[]", "msg" | "message"] => (false, ErrorPlace::Message),
            [_] => (false, ErrorPlace::find(keys)?),
            _ => return None,
        })
    }
}

impl Visitor for BodyVisitor {
    fn wants(&mut self, path: &Path<'_>, _kind: Kind) -> Want {
        Self::place(path).map_or(Want::Skip, |_| Want::Enter)
    }

    fn value(&mut self, path: &Path<'_>, value: &Value<'_>) {
        match Self::place(path) {
            Some((true, place)) => self.inner.take(place, value),
            // Of a list the first says what is wrong.
            Some((false, ErrorPlace::Message))
                if path.len() > 1 && !self.outer.message.is_empty() => {}
            Some((false, place)) => self.outer.take(place, value),
            None => {}
        }
    }
}

fn keep_if_empty(into: &mut String, text: &str) {
    if into.is_empty() {
        keep(into, text, MESSAGE_MAX);
    }
}

/// Shows a body that is no error object: text as it is, a web page by its title, JSON that has words by its own.
fn plain(body: &[u8]) -> String {
    let text = match serde_json::from_slice(body) {
        Ok(document) if is_wordless(&document) => return String::new(),
        Ok(serde_json::Value::String(text)) => text,
        _ => String::from_utf8_lossy(body).into_owned(),
    };
    let shown = title(&text).unwrap_or_else(|| text.trim());
    let mut message = String::new();
    keep(&mut message, shown, MESSAGE_MAX);
    message
}

/// Tells whether a document says nothing: `{}`, `{"success": false}`.
fn is_wordless(document: &serde_json::Value) -> bool {
    match document {
        serde_json::Value::String(text) => text.trim().is_empty(),
        serde_json::Value::Array(items) => items.iter().all(is_wordless),
        serde_json::Value::Object(members) => members.values().all(is_wordless),
        _ => true,
    }
}

fn title(text: &str) -> Option<&str> {
    let (_, rest) = text.trim_start().starts_with('<').then(|| text.split_once("<title>"))??;
    rest.split_once("</title>").map(|(title, _)| title.trim())
}
