//! What the caller says in a request: system texts and the texts of users, in every format. Looked
//! through for words that may not be sent, in one scan, without a copy of the body.
//!
//! What a model said before and what tools gave back is not the caller's word and is not looked at.
//! Everything else is the caller's, whatever role it names: readers of a format differ in the shapes and
//! roles that they take, and a word must not pass because one of them is lenient.

mod found;
mod place;

use std::ops::Range;

use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::words::pieces::Search;
use switchyard_actors::domain::words::{Found, Words};

use self::place::Place;
use super::filter::{parts, strings};
use super::form;
use super::scan::{self, Kind, Path, Value, Visitor, Want};

/// Finds the first word of a list in what the caller says. A body that is no JSON says nothing.
#[must_use]
pub fn find(dialect: Dialect, body: &[u8], words: &Words) -> Option<Found> {
    let visitor =
        Spoken { body, dialect, search: Search::new(words), message: None, is_done: false };
    scan::scan(body, visitor).ok()?.search.into_found()
}

/// Finds the first word of a list in the texts of a form.
#[must_use]
pub fn find_in_form(content_type: &str, body: &[u8], words: &Words) -> Option<Found> {
    let mut search = Search::new(words);
    for field in form::fields(content_type, body).unwrap_or_default() {
        search.push(&String::from_utf8_lossy(body.get(field.span).unwrap_or_default()));
        search.end();
    }
    search.into_found()
}

/// A message whose end is not reached.
#[derive(Clone, Copy, Default)]
struct Message {
    /// Some role of it is one of the caller's.
    is_callers: bool,
    /// It has a role.
    has_role: bool,
    /// It is an item without a speaker: the model's thinking, a call or a result.
    is_no_speech: Option<bool>,
    /// Texts were passed over because of its role.
    was_skipped: bool,
    /// The present block is a document or a search result.
    is_found: bool,
}

impl Message {
    /// Tells whether its texts may be passed over by what is known so far.
    const fn is_others(self) -> bool {
        self.has_role && !self.is_callers
    }
}

struct Spoken<'b, 'w> {
    body: &'b [u8],
    dialect: Dialect,
    search: Search<'w>,
    message: Option<Message>,
    /// What was found stands where it counts.
    is_done: bool,
}

impl Spoken<'_, '_> {
    /// Looks at a string by its span, quotes included.
    fn look(&mut self, span: &Range<usize>) {
        let inside = span.start + 1..span.end.saturating_sub(1);
        let raw = self.body.get(inside).unwrap_or_default();
        parts(raw, |part| self.search.push(part));
        self.search.end();
    }

    /// Looks at every string of a value: it has a shape that tells nothing of where texts are.
    fn look_everywhere(&mut self, span: &Range<usize>) {
        for string in strings(self.body.get(span.clone()).unwrap_or_default()) {
            let (start, end) = (span.start + string.start, span.start + string.end);
            self.look(&(start - 1..end + 1));
        }
    }

    /// Looks at the texts of a document or a search result.
    fn look_found(&mut self, span: &Range<usize>) {
        for text in found::texts(self.body.get(span.clone()).unwrap_or_default()) {
            self.look(&(span.start + text.start..span.start + text.end));
        }
    }

    /// Takes what was found as meant: it stands where it counts, whoever speaks.
    fn settle(&mut self) {
        self.is_done = self.search.found().is_some();
    }

    fn role(&mut self, role: Option<&str>) {
        let is_others = match self.dialect {
            Dialect::Gemini | Dialect::GeminiCli => role == Some("model"),
            Dialect::OpenaiChat => matches!(role, Some("assistant" | "tool" | "function")),
            Dialect::Anthropic | Dialect::Responses => role == Some("assistant"),
        };
        if let Some(message) = &mut self.message {
            message.has_role = true;
            // A role that is there twice is read in two ways: one of them may be the vendor's.
            message.is_callers |= !is_others;
        }
    }

    fn kind(&mut self, kind: Option<&str>) {
        let is_no_speech = |kind: &str| {
            kind == "reasoning" || kind.ends_with("_call") || kind.ends_with("_output")
        };
        if let Some(message) = &mut self.message {
            // As with roles: of two kinds one may be the vendor's.
            let before = message.is_no_speech.unwrap_or(true);
            message.is_no_speech = Some(before && kind.is_some_and(is_no_speech));
        }
    }

    fn end_message(&mut self, span: &Range<usize>) {
        let Some(message) = self.message.take() else { return };
        if message.is_others() || !message.has_role && message.is_no_speech == Some(true) {
            self.search.forget();
            return;
        }
        if message.was_skipped {
            self.look_everywhere(span);
        }
        self.settle();
    }

    fn end_block(&mut self, value: &Value<'_>) {
        let is_found = self.message.as_mut().is_some_and(|it| std::mem::take(&mut it.is_found));
        match value.kind {
            Kind::String => self.look(&value.span),
            Kind::Array => self.look_everywhere(&value.span),
            _ if is_found => self.look_found(&value.span),
            _ => {}
        }
    }
}

impl Visitor for Spoken<'_, '_> {
    fn wants(&mut self, path: &Path<'_>, kind: Kind) -> Want {
        if self.is_done {
            return Want::Skip;
        }
        let is_container = matches!(kind, Kind::Object | Kind::Array);
        let is_said = is_container || kind == Kind::String;
        match (place::of(self.dialect, path.steps().as_slice()), kind) {
            (Place::Conversation | Place::Message, Kind::Object) => {
                self.message = Some(Message::default());
                Want::Enter
            }
            (Place::Message, Kind::Array) => Want::Span,
            (Place::Role | Place::Kind | Place::BlockKind, _) => Want::Scalar,
            (place @ (Place::MessageText | Place::Block), _) => {
                let Some(message) = &mut self.message else { return Want::Skip };
                if message.is_others() {
                    message.was_skipped = true;
                    return Want::Skip;
                }
                match kind {
                    Kind::Array if place == Place::Block => Want::Span,
                    _ if is_said => Want::Enter,
                    _ => Want::Skip,
                }
            }
            (Place::Text | Place::Conversation | Place::Message, _) if is_said => Want::Enter,
            (Place::Way, _) if is_container => Want::Enter,
            _ => Want::Skip,
        }
    }

    fn value(&mut self, path: &Path<'_>, value: &Value<'_>) {
        if self.is_done {
            return;
        }
        match (place::of(self.dialect, path.steps().as_slice()), value.kind) {
            (Place::Role, _) => self.role(value.as_str()),
            (Place::Kind, _) => self.kind(value.as_str()),
            (Place::BlockKind, _) => {
                let is_found = value.as_str().is_some_and(found::is_it);
                if let Some(message) = &mut self.message {
                    message.is_found |= is_found;
                }
            }
            (Place::Conversation | Place::Message, Kind::Object) => self.end_message(&value.span),
            (Place::Message, Kind::Array) => {
                self.look_everywhere(&value.span);
                self.settle();
            }
            (Place::Block, _) => self.end_block(value),
            (Place::MessageText, Kind::String) => self.look(&value.span),
            (Place::Text | Place::Conversation | Place::Message, Kind::String) => {
                self.look(&value.span);
                self.settle();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod shapes;
#[cfg(test)]
mod tests;
