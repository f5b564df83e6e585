//! The items of an answer for a client.

use serde::Serialize;

use super::super::hub::{Json, Seal};
use super::frames_out::Frames;
use super::seals::{Slot, blob};

/// An item.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum ItemOut<'a> {
    Message {
        id: &'a str,
        status: &'static str,
        role: &'static str,
        content: &'a [Json],
    },
    Reasoning {
        id: &'a str,
        summary: Vec<Summary<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        encrypted_content: Option<String>,
    },
    FunctionCall {
        id: &'a str,
        status: &'static str,
        call_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        namespace: Option<&'a str>,
        name: &'a str,
        arguments: &'a str,
    },
    CustomToolCall {
        id: &'a str,
        status: &'static str,
        call_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        namespace: Option<&'a str>,
        name: &'a str,
        input: &'a str,
    },
    LocalShellCall {
        id: &'a str,
        status: &'static str,
        call_id: &'a str,
        action: &'a Json,
    },
    ShellCall {
        id: &'a str,
        status: &'static str,
        call_id: &'a str,
        action: &'a Json,
    },
    ApplyPatchCall {
        id: &'a str,
        status: &'static str,
        call_id: &'a str,
        operation: &'a Json,
    },
    ImageGenerationCall {
        id: &'a str,
        status: &'static str,
        output_format: &'a str,
        result: &'a str,
    },
    WebSearchCall {
        id: &'a str,
        status: &'static str,
        action: Search,
    },
}

/// A readable piece of thinking.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Summary<'a> {
    SummaryText { text: &'a str },
}

/// What was searched for.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Search {
    Search { query: String },
}

impl ItemOut<'_> {
    /// Prints it.
    pub(super) fn json(&self) -> Json {
        Json::of(self).unwrap_or_else(Json::empty_object)
    }
}

/// Writes an item that comes whole: `make` gets the id and the status.
pub(super) fn whole(
    prefix: &str,
    frames: &mut Frames,
    out: &mut Vec<u8>,
    make: impl Fn(&str, &'static str) -> Json,
) {
    let spot = frames.begin(prefix);
    frames.added(&spot, &make(&spot.id, "in_progress"), out);
    frames.done(&spot, make(&spot.id, "completed"), out);
}

/// Writes a seal of what was just written, as thinking without words: there clients keep it.
pub(super) fn seal(seal: &Seal, slot: &Slot, frames: &mut Frames, out: &mut Vec<u8>) {
    whole("rs", frames, out, |id, _| {
        let encrypted_content = Some(blob(seal, slot));
        ItemOut::Reasoning { id, summary: Vec::new(), encrypted_content }.json()
    });
}
