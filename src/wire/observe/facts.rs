//! The facts of one document.

use super::super::scan::{Kind, Value, Want};
use super::super::upstream_error::{ErrorFacts, ErrorPlace, keep};
use super::super::usage::counts::{Counts, Field};

/// Types, names and reasons longer than this are cut: no dialect has one.
const NAME_MAX: usize = 64;
/// Model names longer than this are cut.
const MODEL_MAX: usize = 128;
/// Choices from here on are told apart from the others alone.
const CHOICE_MAX: u64 = 63;

/// Which list of token counts by modality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::wire) enum List {
    Prompt,
    Cached,
    Answer,
}

/// What kind of answer a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::wire) enum Shape {
    /// The model's answer.
    Answer,
    /// Embeddings.
    Embedding,
    /// A count of tokens.
    Count,
}

/// What stands at a path, as its dialect says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::wire) enum Place {
    Skip,
    Enter,
    /// The document's type.
    Kind,
    /// Chat's `object`.
    Object,
    /// Something of the answer, when it is not empty.
    Content,
    /// As `Content`, but only in documents whose kind says so.
    Payload,
    /// As `Payload`, but only a string.
    PayloadText,
    /// Chat's tool calls.
    ToolCalls,
    /// The type of a content block or output item.
    Item,
    /// The end of one of many output items.
    ItemEnd,
    Model,
    /// Which of chat's choices.
    Choice,
    Finish,
    /// The status of a Responses object.
    Status,
    /// Gemini's reason for blocking a prompt.
    Blocked,
    Tier,
    ResponseId,
    Sequence,
    CreatedAt,
    Shape(Shape),
    Count(Field),
    Modality,
    ModalityCount,
    ModalityEnd(List),
    Error(ErrorPlace),
    /// A member at the top that is an error's only in an error document.
    BareError(ErrorPlace),
}

impl Place {
    /// Returns the place of a path inside an error object.
    pub(in crate::wire) fn error(keys: &[&str]) -> Self {
        ErrorPlace::find(keys).map_or(Self::Skip, Self::Error)
    }

    /// Says what the scanner should do with a value here.
    pub(super) const fn wants(self) -> Want {
        match self {
            Self::Skip => Want::Skip,
            Self::Content | Self::Payload | Self::PayloadText | Self::ToolCalls => Want::Span,
            Self::Enter
            | Self::ItemEnd
            | Self::Shape(_)
            | Self::ModalityEnd(_)
            | Self::Error(_)
            | Self::BareError(_) => Want::Enter,
            _ => Want::Scalar,
        }
    }
}

/// What one document said.
#[derive(Clone, Debug, Default)]
pub(in crate::wire) struct Facts {
    pub(in crate::wire) is_object: bool,
    event: String,
    kind: String,
    pub(in crate::wire) object: String,
    pub(in crate::wire) content: bool,
    pub(in crate::wire) payload: bool,
    pub(in crate::wire) tool_calls: bool,
    /// The type of the (last) block or item.
    pub(in crate::wire) item: String,
    pub(in crate::wire) model: String,
    /// The choices that were named, one bit each.
    pub(in crate::wire) choices: u64,
    pub(in crate::wire) finish: String,
    pub(in crate::wire) status: String,
    pub(in crate::wire) blocked: String,
    pub(in crate::wire) tier: String,
    pub(in crate::wire) response_id: String,
    pub(in crate::wire) sequence: Option<u64>,
    pub(in crate::wire) created_at: Option<u64>,
    pub(in crate::wire) shape: Option<Shape>,
    pub(in crate::wire) shape_is_empty: bool,
    pub(in crate::wire) counts: Counts,
    /// A count was told that is no whole number.
    pub(in crate::wire) has_unread_count: bool,
    modality_is_image: bool,
    modality_count: u64,
    pub(in crate::wire) error: ErrorFacts,
    bare_error: ErrorFacts,
}

impl Facts {
    /// Returns the document's type: its own word, else the frame's event name.
    pub(in crate::wire) fn kind(&self) -> &str {
        if self.kind.is_empty() { &self.event } else { &self.kind }
    }

    /// Returns the error of the document, wherever its dialect or relay put it.
    pub(in crate::wire) fn any_error(&self) -> Option<&ErrorFacts> {
        if self.error.present {
            return Some(&self.error);
        }
        (self.kind() == "error" || self.object == "error").then_some(&self.bare_error)
    }

    pub(super) fn clear(&mut self) {
        for text in [
            &mut self.event,
            &mut self.kind,
            &mut self.object,
            &mut self.item,
            &mut self.model,
            &mut self.finish,
            &mut self.status,
            &mut self.blocked,
            &mut self.tier,
            &mut self.response_id,
        ] {
            text.clear();
        }
        self.is_object = false;
        self.content = false;
        self.payload = false;
        self.tool_calls = false;
        self.choices = 0;
        self.sequence = None;
        self.created_at = None;
        self.shape = None;
        self.shape_is_empty = false;
        self.counts = Counts::default();
        self.has_unread_count = false;
        self.modality_is_image = false;
        self.modality_count = 0;
        self.error.clear();
        self.bare_error.clear();
    }

    pub(super) fn event(&mut self, event: &[u8]) {
        self.event.clear();
        self.event.push_str(std::str::from_utf8(event).unwrap_or_default());
    }

    pub(super) fn take(&mut self, place: Place, value: &Value<'_>) {
        let text = value.text.filter(|_| value.kind == Kind::String).unwrap_or_default();
        match place {
            Place::Skip | Place::Enter => {}
            Place::Kind => keep(&mut self.kind, text, NAME_MAX),
            Place::Object => keep(&mut self.object, text, NAME_MAX),
            Place::Content => self.content |= is_something(value),
            Place::Payload => self.payload |= is_something(value),
            Place::PayloadText => {
                self.payload |= value.kind == Kind::String && is_something(value);
            }
            Place::ToolCalls => self.tool_calls |= is_something(value),
            Place::Item => keep(&mut self.item, text, NAME_MAX),
            Place::ItemEnd => self.end_item(),
            Place::Model => keep(&mut self.model, text, MODEL_MAX),
            Place::Choice => {
                self.choices |= value.as_u64().map_or(0, |index| 1 << index.min(CHOICE_MAX));
            }
            Place::Finish => keep(&mut self.finish, text, NAME_MAX),
            Place::Status => keep(&mut self.status, text, NAME_MAX),
            Place::Blocked => keep(&mut self.blocked, text, NAME_MAX),
            Place::Tier => keep(&mut self.tier, text, NAME_MAX),
            Place::ResponseId => keep(&mut self.response_id, text, MODEL_MAX),
            Place::Sequence => self.sequence = value.as_u64().or(self.sequence),
            Place::CreatedAt => self.created_at = value.as_count().or(self.created_at),
            Place::Shape(shape) => self.shape(shape, value),
            Place::Count(field) => {
                if let Some(count) = value.as_count() {
                    self.counts.set(field, count);
                } else {
                    self.has_unread_count |= value.kind != Kind::Null;
                }
            }
            Place::Modality => self.modality_is_image = text.eq_ignore_ascii_case("image"),
            Place::ModalityCount => self.modality_count = value.as_count().unwrap_or(0),
            Place::ModalityEnd(list) => self.end_modality(list),
            Place::Error(place) => self.error.take(place, value),
            Place::BareError(place) => {
                self.bare_error.take(place, value);
            }
        }
    }

    fn shape(&mut self, shape: Shape, value: &Value<'_>) {
        if value.kind == Kind::Null {
            return;
        }
        self.shape = self.shape.or(Some(shape));
        self.shape_is_empty |= shape == Shape::Answer && !is_something(value);
    }

    /// A message or reasoning is content by what it holds, every other item by being there.
    fn end_item(&mut self) {
        let holds = matches!(self.item.as_str(), "" | "message" | "reasoning");
        self.content |= if holds { self.payload } else { true };
        self.payload = false;
        self.item.clear();
    }

    fn end_modality(&mut self, list: List) {
        if std::mem::take(&mut self.modality_is_image) {
            let field = match list {
                List::Prompt => Field::ImagePrompt,
                List::Cached => Field::ImageCached,
                List::Answer => Field::ImageAnswer,
            };
            self.counts.add(field, self.modality_count);
        }
        self.modality_count = 0;
    }
}

/// Tells whether a value holds anything; containers may be padded with a blank.
fn is_something(value: &Value<'_>) -> bool {
    match value.kind {
        Kind::String => value.span.len() > 2,
        Kind::Object => value.span.len() > 5,
        Kind::Array => value.span.len() > 3,
        Kind::Null | Kind::Bool | Kind::Number => false,
    }
}
