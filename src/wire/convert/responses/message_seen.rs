//! A message of a stream: its contents, each a part of its own.

use serde::Deserialize;

use super::super::hub::{Delta, Event, Json, PartKind};
use super::content_in::citation;
use super::parts_seen::Parts;

/// Contents of one message, at most: what comes beyond is left out.
const MOST_CONTENTS: usize = 4_096;

/// A message, as far as it has come.
#[derive(Debug, Default)]
pub(super) struct MessageSeen(Vec<Content>);

#[derive(Debug)]
struct Content {
    number: u64,
    kind: ContentKind,
    part: Option<usize>,
    has_text: bool,
    is_cited: bool,
    is_over: bool,
}

/// What a content is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ContentKind {
    Text,
    Refusal,
}

/// A content that is whole.
#[derive(Deserialize)]
struct Whole {
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<String>,
    refusal: Option<String>,
    annotations: Option<Vec<Json>>,
}

impl MessageSeen {
    /// Takes more of a content.
    pub(super) fn more(&mut self, number: u64, kind: ContentKind, text: &str, parts: &mut Parts) {
        if text.is_empty() {
            return;
        }
        let content = self.content(number, kind);
        if let Some(content) = content.filter(|content| !content.is_over) {
            content.has_text = true;
            let index = content.open(parts);
            parts.push(Event::PartDelta { index, delta: Delta::Text(text.to_owned()) });
        }
    }

    /// Takes all of a content, of which some may have come.
    pub(super) fn whole(&mut self, number: u64, kind: ContentKind, text: &str, parts: &mut Parts) {
        if !self.content(number, kind).is_some_and(|content| content.has_text) {
            self.more(number, kind, text, parts);
        }
    }

    /// Takes a source of a text.
    pub(super) fn cite(&mut self, number: u64, annotation: Json, parts: &mut Parts) {
        let content = self.content(number, ContentKind::Text);
        if let Some(content) = content.filter(|content| !content.is_over) {
            content.is_cited = true;
            let index = content.open(parts);
            let delta = Delta::Citation(citation(annotation));
            parts.push(Event::PartDelta { index, delta });
        }
    }

    /// Ends a content, with what its end says of it.
    pub(super) fn content_done(&mut self, number: u64, content: &Json, parts: &mut Parts) {
        let Ok(whole) = content.read::<Whole>() else { return };
        let (kind, text) = match whole.kind.as_deref() {
            Some("output_text" | "text") => (ContentKind::Text, whole.text),
            Some("refusal") => (ContentKind::Refusal, whole.refusal),
            _ => return,
        };
        self.whole(number, kind, &text.unwrap_or_default(), parts);
        let is_cited = self.content(number, kind).is_some_and(|content| content.is_cited);
        for annotation in whole.annotations.into_iter().flatten().filter(|_| !is_cited) {
            self.cite(number, annotation, parts);
        }
        if let Some(content) = self.content(number, kind) {
            content.close(parts);
        }
    }

    /// Ends the message, with what its end says of it.
    pub(super) fn done(&mut self, contents: Option<&Json>, parts: &mut Parts) {
        let contents = contents.and_then(|contents| contents.read::<Vec<Json>>().ok());
        for (number, content) in (0..).zip(contents.unwrap_or_default()) {
            self.content_done(number, &content, parts);
        }
        self.close(parts);
    }

    /// Ends all that is open.
    pub(super) fn close(&mut self, parts: &mut Parts) {
        self.0.iter_mut().for_each(|content| content.close(parts));
    }

    fn content(&mut self, number: u64, kind: ContentKind) -> Option<&mut Content> {
        let fits = |content: &Content| content.number == number && content.kind == kind;
        let place = self.0.iter().position(fits).unwrap_or(self.0.len());
        if place == self.0.len() && place < MOST_CONTENTS {
            self.0.push(Content {
                number,
                kind,
                part: None,
                has_text: false,
                is_cited: false,
                is_over: false,
            });
        }
        self.0.get_mut(place)
    }
}

impl Content {
    fn open(&mut self, parts: &mut Parts) -> usize {
        let kind = match self.kind {
            ContentKind::Text => PartKind::Text,
            ContentKind::Refusal => PartKind::Refusal,
        };
        *self.part.get_or_insert_with(|| parts.start(kind))
    }

    fn close(&mut self, parts: &mut Parts) {
        if let (Some(index), false) = (self.part, self.is_over) {
            parts.push(Event::PartEnd { index });
        }
        self.is_over = true;
    }
}
