//! Events for a client: their bytes and numbers, and the items that have ended.

use serde::Serialize;

use super::super::hub::{Json, write_line, write_text};
use super::super::names::Bounds;
use super::usage::UsageOut;

/// What an item's id has of its answer's, so that it stays within 64 characters.
const TAIL: Bounds = Bounds { longest: 40, also: "", starts_with_letter: false };

/// An event, of any kind: the fields that its kind has.
#[derive(Clone, Copy, Default, Serialize)]
pub(super) struct Frame<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) item_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) output_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) summary_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) annotation_index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delta: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) arguments: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) input: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) part: Option<&'a Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) annotation: Option<&'a Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) item: Option<&'a Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response: Option<&'a ResponseOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) logprobs: Option<[(); 0]>,
}

/// A response object. What repeats the request is as if it had said nothing.
#[derive(Serialize)]
pub(super) struct ResponseOut<'a> {
    pub(super) id: &'a str,
    pub(super) object: &'static str,
    pub(super) created_at: i64,
    pub(super) status: &'static str,
    pub(super) background: bool,
    pub(super) error: Option<ErrorOut>,
    pub(super) incomplete_details: Option<Incomplete>,
    pub(super) instructions: Option<()>,
    pub(super) max_output_tokens: Option<u64>,
    pub(super) model: &'a str,
    pub(super) output: &'a [Json],
    pub(super) parallel_tool_calls: bool,
    pub(super) previous_response_id: Option<()>,
    pub(super) store: bool,
    pub(super) temperature: Option<f64>,
    pub(super) tool_choice: &'static str,
    pub(super) tools: [(); 0],
    pub(super) top_p: Option<f64>,
    pub(super) usage: Option<UsageOut>,
    pub(super) metadata: Metadata,
}

/// An object without anything in it.
#[derive(Serialize)]
pub(super) struct Metadata {}

/// Why an answer failed.
#[derive(Serialize)]
pub(super) struct ErrorOut {
    pub(super) code: &'static str,
    pub(super) message: &'static str,
}

/// Why an answer is not whole.
#[derive(Serialize)]
pub(super) struct Incomplete {
    pub(super) reason: &'static str,
}

/// The item being written.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    /// Its id.
    pub(super) id: String,
    /// Its number among the items.
    pub(super) index: usize,
}

impl Spot {
    /// Makes an event of the item.
    pub(super) fn frame(&self) -> Frame<'_> {
        Frame { item_id: Some(&self.id), output_index: Some(self.index), ..Frame::default() }
    }
}

/// Writes events, and remembers what they have said.
#[derive(Debug, Default)]
pub(super) struct Frames {
    written: u64,
    begun: usize,
    tail: String,
    output: Vec<Json>,
}

impl Frames {
    /// Names the answer, before its first item.
    pub(super) fn name(&mut self, response_id: &str) {
        self.tail = TAIL.fit(response_id.strip_prefix("resp_").unwrap_or(response_id));
    }

    /// Returns the number of the last event.
    pub(super) const fn last(&self) -> Option<u64> {
        self.written.checked_sub(1)
    }

    /// Returns the items that have ended.
    pub(super) fn take_output(&mut self) -> Vec<Json> {
        std::mem::take(&mut self.output)
    }

    /// Begins an item whose id starts so.
    pub(super) fn begin(&mut self, prefix: &str) -> Spot {
        let index = self.begun;
        self.begun += 1;
        Spot { id: format!("{prefix}_{}_{index}", self.tail), index }
    }

    /// Writes that an item has begun.
    pub(super) fn added(&mut self, spot: &Spot, item: &Json, out: &mut Vec<u8>) {
        let frame = Frame { output_index: Some(spot.index), item: Some(item), ..Frame::default() };
        self.write("response.output_item.added", &frame, out);
    }

    /// Writes that an item has ended: this is what clients keep.
    pub(super) fn done(&mut self, spot: &Spot, item: Json, out: &mut Vec<u8>) {
        let frame = Frame { output_index: Some(spot.index), item: Some(&item), ..Frame::default() };
        self.write("response.output_item.done", &frame, out);
        self.output.push(item);
    }

    /// Writes the event that nearly all are: text that is added to the content of a message. It says what
    /// [`Frames::write`] would.
    pub(super) fn write_text(
        &mut self,
        (spot, content_index): (&Spot, usize),
        text: &str,
        out: &mut Vec<u8>,
    ) {
        self.begin_event("response.output_text.delta", out);
        out.extend_from_slice(b",\"item_id\":");
        write_text(&spot.id, out);
        out.extend_from_slice(b",\"output_index\":");
        out.extend_from_slice(itoa::Buffer::new().format(spot.index).as_bytes());
        out.extend_from_slice(b",\"content_index\":");
        out.extend_from_slice(itoa::Buffer::new().format(content_index).as_bytes());
        out.extend_from_slice(b",\"delta\":");
        write_text(text, out);
        out.extend_from_slice(b",\"logprobs\":[]}\n\n");
    }

    /// Writes an event.
    pub(super) fn write(&mut self, kind: &str, frame: &Frame<'_>, out: &mut Vec<u8>) {
        self.begin_event(kind, out);
        // The frame's own brace gives way to the comma: its fields go on with the object.
        let brace = out.len();
        write_line(frame, out);
        if let Some(brace) = out.get_mut(brace) {
            *brace = b',';
        }
        out.extend_from_slice(b"\n\n");
    }

    /// Writes what each event begins with; its fields and their brace come behind.
    fn begin_event(&mut self, kind: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(kind.as_bytes());
        out.extend_from_slice(b"\ndata: {\"type\":\"");
        out.extend_from_slice(kind.as_bytes());
        out.extend_from_slice(b"\",\"sequence_number\":");
        out.extend_from_slice(itoa::Buffer::new().format(self.written).as_bytes());
        self.written += 1;
    }
}

/// Returns JSON on one line, as events need it: a break in it is blank space.
pub(super) fn on_one_line(json: &Json) -> Json {
    if !json.text().contains(['\n', '\r']) {
        return json.clone();
    }
    Json::parse(&json.text().replace(['\n', '\r'], " ")).unwrap_or_else(|| json.clone())
}
