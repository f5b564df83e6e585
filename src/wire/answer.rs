//! Whether a 2xx answer that is no stream is the answer it claims to be.

use switchyard_actors::domain::dialect::{Dialect, Operation};

use super::frame::FrameError;
use super::observe::Shape;
use super::sse::BOM;
use super::usage::{Form, Progress, TapReport, UsageTap};

/// So much of a body's beginning tells HTML from the rest.
const HEAD_MAX: usize = 64;

/// What a whole body is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyClass {
    /// A legal answer, though it may hold nothing but a refusal or the word "error".
    Good,
    /// No byte, or nothing but blanks, or a chat without a single choice.
    Empty,
    /// A web page.
    Html,
    /// An error with a status that says otherwise.
    ErrorObject(FrameError),
    /// Something else than JSON, or JSON cut short.
    NotJson,
    /// JSON without what the dialect's answer must have.
    WrongShape,
}

/// Looks at a whole body that is held, and reads its usage in the same pass.
#[must_use]
pub fn check_body(
    dialect: Dialect,
    operation: Operation,
    content_type: Option<&str>,
    body: &[u8],
) -> (BodyClass, TapReport) {
    let mut check = BodyCheck::new(dialect, operation, content_type);
    check.push(body);
    check.finish()
}

/// Looks at a body that is too long to be held, as it passes.
#[derive(Debug)]
pub struct BodyCheck {
    dialect: Dialect,
    operation: Operation,
    html_by_type: bool,
    tap: UsageTap,
    head: Vec<u8>,
    something: bool,
}

impl BodyCheck {
    /// Makes a check for one answer.
    #[must_use]
    pub fn new(dialect: Dialect, operation: Operation, content_type: Option<&str>) -> Self {
        let html_by_type = content_type.is_some_and(|kind| {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case("text/html")
                || kind.eq_ignore_ascii_case("application/xhtml+xml")
        });
        Self {
            dialect,
            operation,
            html_by_type,
            tap: UsageTap::new(dialect, Form::Json),
            head: Vec::new(),
            something: false,
        }
    }

    /// Reads on.
    pub fn push(&mut self, chunk: &[u8]) -> Progress {
        let room = HEAD_MAX.saturating_sub(self.head.len());
        self.head.extend_from_slice(chunk.get(..room).unwrap_or(chunk));
        self.something = self.something || !without_mark(chunk).trim_ascii_start().is_empty();
        self.tap.push(chunk)
    }

    /// Says what the body was and what it used.
    pub fn finish(&mut self) -> (BodyClass, TapReport) {
        let report = self.tap.finish();
        (self.class(), report)
    }

    fn class(&self) -> BodyClass {
        if !self.something {
            return BodyClass::Empty;
        }
        let is_html = self.looks_like_html();
        let is_other = self.operation == Operation::Other;
        if is_html || (self.html_by_type && !is_other && !self.tap.body_is_whole()) {
            return BodyClass::Html;
        }
        if let Some(error) = self.tap.error() {
            return BodyClass::ErrorObject(error.clone());
        }
        if is_other {
            return BodyClass::Good;
        }
        if !self.tap.body_is_whole() {
            return BodyClass::NotJson;
        }
        self.shape()
    }

    fn shape(&self) -> BodyClass {
        let (shape, is_empty) = self.tap.shape();
        let expected = match self.operation {
            Operation::Generate | Operation::Compact | Operation::Complete => Shape::Answer,
            Operation::CountTokens => Shape::Count,
            Operation::Embed => Shape::Embedding,
            Operation::ListModels | Operation::Other => return BodyClass::Good,
        };
        match shape {
            Some(shape) if shape != expected => BodyClass::WrongShape,
            None => BodyClass::WrongShape,
            // Elsewhere an answer may legally hold nothing; a chat always has a choice.
            Some(_) if is_empty && self.dialect == Dialect::OpenaiChat => BodyClass::Empty,
            Some(_) => BodyClass::Good,
        }
    }

    fn looks_like_html(&self) -> bool {
        let head = without_mark(&self.head).trim_ascii_start();
        let begins = |tag: &str| {
            head.get(..tag.len()).is_some_and(|head| head.eq_ignore_ascii_case(tag.as_bytes()))
        };
        begins("<!doctype html") || begins("<html") || (self.html_by_type && begins("<"))
    }
}

/// Takes a byte order mark off.
pub(in crate::wire) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(&BOM).unwrap_or(body)
}

#[cfg(test)]
mod tests;
