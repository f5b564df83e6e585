//! Frames of a stream and the shell of an answer, as they are written.

use serde::Serialize;

use super::block::Block;
use super::usage::UsageOut;
use crate::wire::convert::hub::{Json, write_line, write_text};

/// A frame: its `event` is its `type`.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Frame<'a> {
    MessageStart { message: Shell<'a> },
    ContentBlockStart { index: usize, content_block: &'a Block },
    ContentBlockDelta { index: usize, delta: DeltaOut<'a> },
    ContentBlockStop { index: usize },
    MessageDelta { delta: StopOut<'a>, usage: UsageOut },
    MessageStop {},
    Ping {},
    Error { error: ErrorOut },
}

/// An answer, or its beginning.
#[derive(Serialize)]
pub(super) struct Shell<'a> {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub role: &'static str,
    pub model: &'a str,
    pub content: Vec<Block>,
    pub stop_reason: Option<&'a str>,
    pub stop_sequence: Option<&'a str>,
    pub usage: UsageOut,
}

/// What is added to a block.
#[derive(Serialize)]
#[serde(tag = "type")]
pub(super) enum DeltaOut<'a> {
    #[serde(rename = "text_delta")]
    Text { text: &'a str },
    #[serde(rename = "input_json_delta")]
    InputJson { partial_json: &'a str },
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: &'a str },
    #[serde(rename = "signature_delta")]
    Signature { signature: &'a str },
    #[serde(rename = "citations_delta")]
    Citations { citation: &'a Json },
}

/// How the answer ended.
#[derive(Serialize)]
pub(super) struct StopOut<'a> {
    pub stop_reason: &'a str,
    pub stop_sequence: Option<&'a str>,
}

/// What went wrong.
#[derive(Serialize)]
pub(super) struct ErrorOut {
    #[serde(rename = "type")]
    kind: &'static str,
    message: &'static str,
}

impl ErrorOut {
    /// A call that nobody can read: this format has no reason for it.
    pub const BAD_TOOL_CALL: Self =
        Self { kind: "api_error", message: "the model wrote a tool call that cannot be read" };
}

impl Frame<'_> {
    const fn name(&self) -> &'static str {
        match self {
            Self::MessageStart { .. } => "message_start",
            Self::ContentBlockStart { .. } => "content_block_start",
            Self::ContentBlockDelta { .. } => "content_block_delta",
            Self::ContentBlockStop { .. } => "content_block_stop",
            Self::MessageDelta { .. } => "message_delta",
            Self::MessageStop {} => "message_stop",
            Self::Ping {} => "ping",
            Self::Error { .. } => "error",
        }
    }

    /// Writes the frame that nearly all are: text that is added to a block.
    pub fn write_text(index: usize, text: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(
            b"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":",
        );
        out.extend_from_slice(itoa::Buffer::new().format(index).as_bytes());
        out.extend_from_slice(b",\"delta\":{\"type\":\"text_delta\",\"text\":");
        write_text(text, out);
        out.extend_from_slice(b"}}\n\n");
    }

    /// Writes the frame.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(self.name().as_bytes());
        out.extend_from_slice(b"\ndata: ");
        write_line(self, out);
        out.extend_from_slice(b"\n\n");
    }
}
