//! What an event of a stream says, and the parts of the answer that items become.

use serde::Deserialize;

use super::super::hub::{Event, Family, Image, Json, PartKind, Source};
use super::items_in::is_hosted;

/// Where an event belongs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place<'a> {
    /// The item, by its number.
    pub(super) output: Option<u64>,
    /// The item, by its id.
    pub(super) item: Option<&'a str>,
    /// The content within a message, or the text within thinking.
    pub(super) content: u64,
    /// The summary within thinking.
    pub(super) summary: u64,
}

/// An item, as the stream has it.
#[derive(Deserialize)]
pub(super) struct ItemIn {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) id: Option<String>,
    pub(super) call_id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) arguments: Option<Json>,
    pub(super) input: Option<Json>,
    pub(super) action: Option<Json>,
    pub(super) operation: Option<Json>,
    pub(super) status: Option<String>,
    pub(super) content: Option<Json>,
    pub(super) summary: Option<Json>,
    pub(super) encrypted_content: Option<String>,
    pub(super) result: Option<Json>,
    pub(super) output_format: Option<String>,
}

/// The parts that items have become.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// What is to be put out.
    pub(super) events: Vec<Event>,
    begun: usize,
    /// A whole call has come.
    pub(super) has_call: bool,
    /// The model has refused in words.
    pub(super) has_refusal: bool,
}

impl Parts {
    /// Begins a part, and returns its number.
    pub(super) fn start(&mut self, kind: PartKind) -> usize {
        let index = self.begun;
        self.begun += 1;
        self.has_refusal |= kind == PartKind::Refusal;
        self.events.push(Event::PartStart { index, kind });
        index
    }

    pub(super) fn push(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Returns how many parts have begun.
    pub(super) const fn begun(&self) -> usize {
        self.begun
    }

    /// Notes that a call is whole.
    pub(super) const fn saw_call(&mut self) {
        self.has_call = true;
    }

    /// Puts out an item that comes whole: a picture, or a tool that the vendor ran.
    pub(super) fn ran(&mut self, item: &ItemIn, raw: &Json) {
        let kind = item.kind.as_deref().unwrap_or_default();
        let result = item.result.as_ref().and_then(|result| result.read::<String>().ok());
        if let ("image_generation_call", Some(data)) = (kind, result) {
            let format = item.output_format.as_deref().unwrap_or("png");
            let source = Source::Base64 { mime: format!("image/{format}"), data };
            let at = super::super::hub::Place::default();
            self.whole(PartKind::Image(Image { source, detail: None, cache: None, at }));
        } else if is_hosted(kind) {
            let (family, kind, raw) = (Family::OpenAi, kind.to_owned(), raw.clone());
            self.whole(PartKind::Server { family, kind, raw });
        }
    }

    /// Puts out a part that comes whole.
    fn whole(&mut self, kind: PartKind) {
        let index = self.start(kind);
        self.events.push(Event::PartEnd { index });
    }
}

/// A piece of a text, or all of it.
#[derive(Clone, Copy)]
pub(super) enum Said<'a> {
    More(&'a str),
    All(&'a str),
}
