//! Thinking for a client: one summary, and the seal as `encrypted_content`; without one our mark alone, as no
//! vendor has made the item.

use super::super::hub::{Delta, Json, Seal};
use super::frames_out::{Frame, Frames, Spot};
use super::item_out::{ItemOut, Summary};
use super::seals::{Slot, blob, unsealed};

/// Open thinking: it begins with its first text, or ends at once when it has none.
#[derive(Debug)]
pub(super) struct ThinkingOut {
    redacted: bool,
    /// The client wants to read it.
    is_shown: bool,
    spot: Option<Spot>,
    text: String,
    seal: Option<Seal>,
}

impl ThinkingOut {
    /// Begins thinking, unseen until there is something to see.
    pub(super) const fn new(redacted: bool, is_shown: bool) -> Self {
        Self { redacted, is_shown, spot: None, text: String::new(), seal: None }
    }

    /// Takes what is added.
    pub(super) fn delta(&mut self, delta: &Delta, frames: &mut Frames, out: &mut Vec<u8>) {
        match delta {
            Delta::Text(text) if !self.is_shown => self.text.push_str(text),
            Delta::Text(text) if !text.is_empty() => {
                let spot = self.spot.get_or_insert_with(|| begin(frames, out));
                let frame = Frame { summary_index: Some(0), delta: Some(text), ..spot.frame() };
                frames.write("response.reasoning_summary_text.delta", &frame, out);
                self.text.push_str(text);
            }
            Delta::Seal(seal) => self.seal = Some(seal.clone()),
            Delta::Text(_) | Delta::Args(_) | Delta::Citation(_) => {}
        }
    }

    /// Ends it. Without text and seal there is nothing to keep.
    pub(super) fn end(self, frames: &mut Frames, out: &mut Vec<u8>) {
        let is_hidden = self.spot.is_none() && !self.text.is_empty();
        let slot = match (self.redacted, is_hidden) {
            (true, _) => Slot::Redacted,
            (false, true) => Slot::Hidden(self.text.clone()),
            (false, false) => Slot::Thinking,
        };
        if let Some(spot) = self.spot {
            let sealed = self.seal.as_ref().map_or_else(unsealed, |seal| blob(seal, &slot));
            let part = piece(&self.text);
            let text = Frame { summary_index: Some(0), text: Some(&self.text), ..spot.frame() };
            frames.write("response.reasoning_summary_text.done", &text, out);
            let part = Frame { summary_index: Some(0), part: Some(&part), ..spot.frame() };
            frames.write("response.reasoning_summary_part.done", &part, out);
            let summary = vec![Summary::SummaryText { text: &self.text }];
            let item =
                ItemOut::Reasoning { id: &spot.id, summary, encrypted_content: Some(sealed) };
            let item = item.json();
            frames.done(&spot, item, out);
        } else if let Some(seal) = &self.seal {
            super::item_out::seal(seal, &slot, frames, out);
        }
    }
}

fn begin(frames: &mut Frames, out: &mut Vec<u8>) -> Spot {
    let spot = frames.begin("rs");
    let item =
        ItemOut::Reasoning { id: &spot.id, summary: Vec::new(), encrypted_content: None }.json();
    frames.added(&spot, &item, out);
    let part = piece("");
    let frame = Frame { summary_index: Some(0), part: Some(&part), ..spot.frame() };
    frames.write("response.reasoning_summary_part.added", &frame, out);
    spot
}

fn piece(text: &str) -> Json {
    Json::of(&Summary::SummaryText { text }).unwrap_or_else(Json::empty_object)
}
