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

/// Where a value stands, as the dialect says.
#[derive(Clone, Copy, Debug)]
struct Spot {
    place: Place,
    /// It is the document itself.
    is_top: bool,
}

/// The scanner's visitor.
#[derive(Debug)]
pub(in crate::wire) struct Observer {
    dialect: Dialect,
    form: Form,
    facts: Facts,
    total: Total,
    /// Where the value stands that was asked about last; `None` for the growing list.
    asked: Option<Spot>,
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
            asked: None,
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
        self.total.add(self.dialect, &mut self.facts, &class);
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

    /// Finds where a value stands; `None` for the growing list itself.
    fn spot(&self, path: &Path<'_>) -> Option<Spot> {
        let steps = path.steps();
        let mut keys = steps.as_slice();
        if self.form == Form::GeminiArray {
            // Takes the list's own step off.
            (_, keys) = keys.split_first()?;
        }
        Some(Spot { place: self.place(keys), is_top: keys.is_empty() })
    }
}

impl Visitor for Observer {
    fn wants(&mut self, path: &Path<'_>, kind: Kind) -> Want {
        if path.is_empty() && kind == Kind::Object && self.form == Form::GeminiArray {
            self.form = Form::Json;
        }
        self.asked = self.spot(path);
        let Some(spot) = self.asked else { return Want::Enter };
        if spot.is_top {
            self.facts.is_object = kind == Kind::Object;
        }
        spot.place.wants()
    }

    fn value(&mut self, path: &Path<'_>, value: &Value<'_>) {
        let spot = match value.kind {
            Kind::Object | Kind::Array => self.spot(path),
            // Nothing was asked about in between.
            Kind::String | Kind::Number | Kind::Bool | Kind::Null => self.asked,
        };
        let Some(spot) = spot else { return };
        if spot.is_top && self.form == Form::GeminiArray {
            if let FrameClass::Error(error) = self.end(true) {
                self.element_error.get_or_insert(error);
            }
            return;
        }
        self.facts.take(spot.place, value);
    }
}
