//! A message for a client. Texts that follow each other are contents of one message.

use serde::Serialize;

use super::super::hub::{Citation, Delta, Family, Json, Seal};
use super::frames_out::{Frame, Frames, Spot, on_one_line};
use super::item_out::ItemOut;
use super::message_seen::ContentKind;

/// An open message.
#[derive(Debug)]
pub(super) struct MessageOut {
    spot: Spot,
    contents: Vec<Json>,
}

/// An open content of it: it begins with its first text.
#[derive(Debug)]
pub(super) struct ContentOut {
    kind: ContentKind,
    text: String,
    annotations: Vec<Json>,
    has_begun: bool,
    seal: Option<Seal>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Content<'a> {
    OutputText { text: &'a str, annotations: &'a [Json], logprobs: [(); 0] },
    Refusal { refusal: &'a str },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Annotation<'a> {
    UrlCitation { start_index: usize, end_index: usize, title: &'a str, url: &'a str },
}

impl MessageOut {
    fn begin(frames: &mut Frames, out: &mut Vec<u8>) -> Self {
        let message = Self { spot: frames.begin("msg"), contents: Vec::new() };
        frames.added(&message.spot, &message.item("in_progress"), out);
        message
    }

    fn item(&self, status: &'static str) -> Json {
        let (id, content) = (self.spot.id.as_str(), self.contents.as_slice());
        ItemOut::Message { id, status, role: "assistant", content }.json()
    }

    /// Ends the message.
    pub(super) fn end(self, frames: &mut Frames, out: &mut Vec<u8>) {
        let item = self.item("completed");
        frames.done(&self.spot, item, out);
    }

    fn frame(&self) -> Frame<'_> {
        Frame { content_index: Some(self.contents.len()), ..self.spot.frame() }
    }
}

impl ContentOut {
    /// Begins a content, unseen until it has text.
    pub(super) const fn new(kind: ContentKind) -> Self {
        Self { kind, text: String::new(), annotations: Vec::new(), has_begun: false, seal: None }
    }

    /// Takes what is added; the message begins with it when none is open.
    pub(super) fn delta(
        &mut self,
        delta: &Delta,
        message: &mut Option<MessageOut>,
        frames: &mut Frames,
        out: &mut Vec<u8>,
    ) {
        match delta {
            Delta::Text(text) if !text.is_empty() => {
                let message = self.begin(message, frames, out);
                match self.kind {
                    ContentKind::Text => {
                        frames.write_text((&message.spot, message.contents.len()), text, out);
                    }
                    ContentKind::Refusal => {
                        let frame = Frame { delta: Some(text), ..message.frame() };
                        frames.write("response.refusal.delta", &frame, out);
                    }
                }
                self.text.push_str(text);
            }
            Delta::Citation(citation) if self.kind == ContentKind::Text => {
                let Some(annotation) = self.annotation(citation) else { return };
                let message = self.begin(message, frames, out);
                let frame = Frame {
                    annotation_index: Some(self.annotations.len()),
                    annotation: Some(&annotation),
                    ..message.frame()
                };
                frames.write("response.output_text.annotation.added", &frame, out);
                self.annotations.push(annotation);
            }
            Delta::Seal(seal) => self.seal = Some(seal.clone()),
            Delta::Text(_) | Delta::Citation(_) | Delta::Args(_) => {}
        }
    }

    /// Ends the content, and returns the seal that was on it.
    pub(super) fn end(
        self,
        message: Option<&mut MessageOut>,
        frames: &mut Frames,
        out: &mut Vec<u8>,
    ) -> Option<Seal> {
        let message = message.filter(|_| self.has_begun)?;
        let part = self.content();
        let (kind, mut frame) = match self.kind {
            ContentKind::Text => {
                let frame = Frame { text: Some(&self.text), logprobs: Some([]), ..message.frame() };
                ("response.output_text.done", frame)
            }
            ContentKind::Refusal => {
                let frame = Frame { refusal: Some(&self.text), ..message.frame() };
                ("response.refusal.done", frame)
            }
        };
        frames.write(kind, &frame, out);
        frame = Frame { part: Some(&part), ..message.frame() };
        frames.write("response.content_part.done", &frame, out);
        message.contents.push(part);
        self.seal
    }

    fn begin<'a>(
        &mut self,
        message: &'a mut Option<MessageOut>,
        frames: &mut Frames,
        out: &mut Vec<u8>,
    ) -> &'a MessageOut {
        let message = message.get_or_insert_with(|| MessageOut::begin(frames, out));
        if !self.has_begun {
            self.has_begun = true;
            let part = self.content();
            let frame = Frame { part: Some(&part), ..message.frame() };
            frames.write("response.content_part.added", &frame, out);
        }
        message
    }

    fn content(&self) -> Json {
        let (text, annotations) = (self.text.as_str(), self.annotations.as_slice());
        let content = match self.kind {
            ContentKind::Text => Content::OutputText { text, annotations, logprobs: [] },
            ContentKind::Refusal => Content::Refusal { refusal: text },
        };
        Json::of(&content).unwrap_or_else(Json::empty_object)
    }

    /// Writes a source: its own family's as it is, others' by their addresses, for all of the text.
    fn annotation(&self, citation: &Citation) -> Option<Json> {
        if citation.family == Family::OpenAi {
            return Some(on_one_line(&citation.raw));
        }
        let url = citation.url.as_deref()?;
        let title = citation.title.as_deref().unwrap_or(url);
        let end_index = self.text.chars().count();
        Json::of(&Annotation::UrlCitation { start_index: 0, end_index, title, url })
    }
}
