//! What the caller says in a request: system texts and the texts of users, in every format. Looked
//! through for words that may not be sent, in one scan, without a copy of the body.
//!
//! What a model said before and what tools gave back is not the caller's word and is not looked at.

mod place;

use std::ops::Range;

use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::words::pieces::Search;
use switchyard_actors::domain::words::{Found, Words};

use self::place::Place;
use super::filter::{parts, strings};
use super::scan::{self, Kind, Path, Value, Visitor, Want};

/// Finds the first word of a list in what the caller says. A body that is no JSON says nothing.
#[must_use]
pub fn find(dialect: Dialect, body: &[u8], words: &Words) -> Option<Found> {
    let visitor =
        Spoken { body, dialect, search: Search::new(words), message: None, is_done: false };
    scan::scan(body, visitor).ok()?.search.into_found()
}

/// A message whose end is not reached.
#[derive(Clone, Copy, Default)]
struct Message {
    /// Some role of it is one of the caller's.
    is_callers: bool,
    /// It has a role.
    has_role: bool,
    /// Texts were passed over because of its role.
    was_skipped: bool,
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

    fn role(&mut self, role: Option<&str>) {
        let is_callers = matches!(role, Some("user" | "system" | "developer"));
        if let Some(message) = &mut self.message {
            message.has_role = true;
            // A role that is there twice is read in two ways: one of them may be the vendor's.
            message.is_callers |= is_callers;
        }
    }

    fn end_message(&mut self, span: &Range<usize>) {
        let Some(message) = self.message.take() else { return };
        let is_callers = message.is_callers || !message.has_role && self.dialect.is_gemini();
        if !is_callers {
            self.search.forget();
            return;
        }
        if message.was_skipped {
            for string in strings(self.body.get(span.clone()).unwrap_or_default()) {
                let (start, end) = (span.start + string.start, span.start + string.end);
                self.look(&(start - 1..end + 1));
            }
        }
        self.is_done = self.search.found().is_some();
    }
}

impl Visitor for Spoken<'_, '_> {
    fn wants(&mut self, path: &Path<'_>, kind: Kind) -> Want {
        if self.is_done {
            return Want::Skip;
        }
        let is_container = matches!(kind, Kind::Object | Kind::Array);
        match place::of(self.dialect, path.steps().as_slice()) {
            Place::Message => {
                self.message = Some(Message::default());
                Want::Enter
            }
            Place::Role => Want::Scalar,
            Place::MessageText => {
                let Some(message) = &mut self.message else { return Want::Skip };
                if message.has_role && !message.is_callers {
                    message.was_skipped = true;
                    return Want::Skip;
                }
                if is_container || kind == Kind::String { Want::Enter } else { Want::Skip }
            }
            Place::Text if is_container || kind == Kind::String => Want::Enter,
            Place::Way if is_container => Want::Enter,
            _ => Want::Skip,
        }
    }

    fn value(&mut self, path: &Path<'_>, value: &Value<'_>) {
        if self.is_done {
            return;
        }
        match (place::of(self.dialect, path.steps().as_slice()), value.kind) {
            (Place::Role, _) => self.role(value.as_str()),
            (Place::Message, _) => self.end_message(&value.span),
            (Place::MessageText, Kind::String) => self.look(&value.span),
            (Place::Text, Kind::String) => {
                self.look(&value.span);
                self.is_done = self.search.found().is_some();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
