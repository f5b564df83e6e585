//! Watches one answer as the scanner reads it: the facts of each document (a frame, an element, a
//! body) and what they add up to. One observer serves the gate, the tap and the body check, so that
//! they can never disagree.

mod facts;
mod total;

use switchyard_actors::domain::dialect::Dialect;

pub(in crate::wire) use facts::{Facts, List, Place, Shape};
pub(in crate::wire) use total::Total;

use super::frame::{FrameClass, FrameError};
use super::scan::{Kind, Path, Value, Visitor, Want};
use super::{claude, gemini, openai_chat, responses};

/// The most of any text that is captured.
pub(in crate::wire) const TEXT_MAX: usize = 2_048;
/// The scanner's paths are at most this long.
const STEPS: usize = 8;

/// How an answer is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Server-sent events.
    Sse,
    /// One JSON document.
    Json,
    /// Gemini's list that grows while it is sent.
    GeminiArray,
}

/// The scanner's visitor.
#[derive(Debug)]
pub(in crate::wire) struct Observer {
    dialect: Dialect,
    form: Form,
    facts: Facts,
    total: Total,
    /// The first error among the elements of a growing list, for the tap to take.
    element_error: Option<FrameError>,
}

impl Observer {
    pub(in crate::wire) fn new(dialect: Dialect, form: Form) -> Self {
        Self {
            dialect,
            form,
            facts: Facts::default(),
            total: Total::default(),
            element_error: None,
        }
    }

    /// Begins a document; `event` is the frame's event name.
    pub(in crate::wire) fn begin(&mut self, event: &[u8]) {
        self.facts.clear();
        self.facts.event(event);
    }

    /// Takes an event name that came behind the data.
    pub(in crate::wire) fn event(&mut self, event: &[u8]) {
        self.facts.event(event);
    }

    /// Ends a document and says what it meant; `whole` when it was one JSON document.
    pub(in crate::wire) fn end(&mut self, whole: bool) -> FrameClass {
        if !whole || !self.facts.is_object {
            self.total.malformed = true;
            return FrameClass::Malformed;
        }
        let class = self.class();
        self.total.add(self.dialect, &self.facts, &class);
        self.facts.clear();
        class
    }

    /// Takes chat's end mark.
    pub(in crate::wire) fn done_mark(&mut self) -> FrameClass {
        if self.dialect != Dialect::OpenaiChat {
            return FrameClass::Neutral;
        }
        self.total.done = true;
        FrameClass::Terminal { empty: !self.total.content }
    }

    /// Tells, in the middle of a document, whether it is already known to end the stream.
    pub(in crate::wire) fn ends_stream(&self) -> bool {
        match self.dialect {
            Dialect::Anthropic => claude::frame::ends_stream(&self.facts),
            Dialect::OpenaiChat => self.facts.error.present,
            Dialect::Responses => responses::frame::ends_stream(&self.facts),
            Dialect::Gemini | Dialect::GeminiCli => gemini::frame::ends_stream(&self.facts),
        }
    }

    /// Tells, in the middle of a document, whether it is already known to repeat the request.
    pub(in crate::wire) fn begins_echo(&self) -> bool {
        self.dialect == Dialect::Responses && responses::frame::is_echo(self.facts.kind())
    }

    pub(in crate::wire) const fn total(&self) -> &Total {
        &self.total
    }

    pub(in crate::wire) const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Returns how the answer really is framed: errors come as one object where a list was due.
    pub(in crate::wire) const fn form(&self) -> Form {
        self.form
    }

    pub(in crate::wire) fn take_element_error(&mut self) -> Option<FrameError> {
        self.element_error.take()
    }

    fn class(&self) -> FrameClass {
        let class = match self.dialect {
            Dialect::Anthropic => claude::frame::class(&self.facts),
            Dialect::OpenaiChat => openai_chat::frame::class(&self.facts),
            Dialect::Responses => responses::frame::class(&self.facts),
            Dialect::Gemini | Dialect::GeminiCli => gemini::frame::class(&self.facts),
        };
        match class {
            FrameClass::Terminal { empty } => {
                FrameClass::Terminal { empty: empty && !self.total.content }
            }
            class => class,
        }
    }

    fn place(&self, keys: &[&str]) -> Place {
        match self.dialect {
            Dialect::Anthropic => claude::frame::place(keys),
            Dialect::OpenaiChat => openai_chat::frame::place(keys),
            Dialect::Responses => responses::frame::place(keys),
            Dialect::Gemini => gemini::frame::place(keys),
            Dialect::GeminiCli => match keys {
                ["response"] => Place::Enter,
                ["response", inner @ ..] => gemini::frame::place(inner),
                _ => gemini::frame::place(keys),
            },
        }
    }

    /// Takes the list's own step off a path; `None` for the list itself.
    fn inside<'a, 'b>(&self, keys: &'b [&'a str]) -> Option<&'b [&'a str]> {
        if self.form == Form::GeminiArray {
            keys.split_first().map(|(_, rest)| rest)
        } else {
            Some(keys)
        }
    }
}

impl Visitor for Observer {
    fn wants(&mut self, path: &Path<'_>, kind: Kind) -> Want {
        if path.is_empty() && kind == Kind::Object && self.form == Form::GeminiArray {
            self.form = Form::Json;
        }
        let (keys, count) = keys(path);
        let Some(keys) = self.inside(keys.get(..count).unwrap_or_default()) else {
            return Want::Enter;
        };
        if keys.is_empty() {
            self.facts.is_object = kind == Kind::Object;
        }
        self.place(keys).wants()
    }

    fn value(&mut self, path: &Path<'_>, value: &Value<'_>) {
        let (keys, count) = keys(path);
        let Some(keys) = self.inside(keys.get(..count).unwrap_or_default()) else { return };
        if keys.is_empty() && self.form == Form::GeminiArray {
            if let FrameClass::Error(error) = self.end(true) {
                self.element_error.get_or_insert(error);
            }
            return;
        }
        let place = self.place(keys);
        self.facts.take(place, value);
    }
}

/// Writes a path as keys, elements as `[]`.
fn keys<'a>(path: &Path<'a>) -> ([&'a str; STEPS], usize) {
    let mut keys = [""; STEPS];
    let count = path.len().min(STEPS);
    for (at, slot) in keys.iter_mut().enumerate().take(count) {
        *slot = path.key(at).unwrap_or("[]");
    }
    (keys, count)
}
