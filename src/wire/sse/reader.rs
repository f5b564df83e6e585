//! Whole raw frames for the gate: what it holds back it must also be able to pass on unchanged.

use bytes::{Bytes, BytesMut};
use thiserror::Error;

use super::{BOM, SseMachine, Token};

/// One frame: its bytes as they came, and what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawFrame {
    /// All bytes, with the blank line that ends the frame.
    pub raw: Bytes,
    /// The event name, empty when the frame has none.
    pub event: String,
    /// The data, its lines joined by line feeds; empty when the frame has none.
    pub data: Bytes,
}

/// A frame is longer than the reader may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a frame is longer than {limit} bytes")]
pub struct FrameTooLong {
    /// What the reader may hold.
    pub limit: usize,
}

/// Cuts a stream into raw frames; the concatenation of all of them (and the rest) is the input.
#[derive(Debug)]
pub struct FrameReader {
    machine: SseMachine,
    buffer: BytesMut,
    scanned: usize,
    limit: usize,
    first: bool,
}

impl FrameReader {
    /// Makes a reader that holds at most about `limit` bytes of one frame.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { machine: SseMachine::new(), buffer: BytesMut::new(), scanned: 0, limit, first: true }
    }

    /// Adds bytes as they came; call [`FrameReader::next_frame`] until it has none.
    pub fn push(&mut self, chunk: &[u8]) {
        self.buffer.extend_from_slice(chunk);
    }

    /// Takes the next whole frame; `None` when more bytes are needed.
    pub fn next_frame(&mut self) -> Result<Option<RawFrame>, FrameTooLong> {
        let mut input = self.buffer.get(self.scanned..).unwrap_or_default();
        while let Some(token) = self.machine.next_token(&mut input) {
            if token == Token::FrameEnd {
                let end = self.buffer.len() - input.len();
                return Ok(Some(self.take(end)));
            }
        }
        self.scanned = self.buffer.len();
        if self.scanned > self.limit {
            return Err(FrameTooLong { limit: self.limit });
        }
        Ok(None)
    }

    /// Returns how many bytes wait for the end of their frame.
    #[must_use]
    pub fn held(&self) -> usize {
        self.buffer.len()
    }

    /// Returns what the frame that is still arriving says so far, up to `limit` of its bytes; `None`
    /// when none is.
    #[must_use]
    pub fn beginning(&self, limit: usize) -> Option<RawFrame> {
        let bytes = self.buffer.get(..limit).unwrap_or(&self.buffer);
        let machine = if self.first { SseMachine::new() } else { SseMachine::mid_stream() };
        (!bytes.is_empty()).then(|| parse(machine, Bytes::copy_from_slice(bytes)))
    }

    /// Tells whether a document stands where frames should (JSON or HTML for a stream): it may have
    /// no line end to wait for.
    #[must_use]
    pub fn holds_document(&self) -> bool {
        let text = self.buffer.strip_prefix(&BOM).unwrap_or(&self.buffer).trim_ascii_start();
        matches!(text.first(), Some(b'{' | b'[' | b'<'))
    }

    /// Takes the bytes that belong to no whole frame yet, to pass them on as they are.
    pub fn take_rest(&mut self) -> Bytes {
        self.scanned = 0;
        self.buffer.split().freeze()
    }

    /// At the stream's end: the tail as a frame, for upstreams that forget the last blank line.
    pub fn finish(&mut self) -> Option<RawFrame> {
        let end = self.buffer.len();
        (end > 0).then(|| self.take(end))
    }

    fn take(&mut self, end: usize) -> RawFrame {
        let raw = self.buffer.split_to(end).freeze();
        self.scanned = 0;
        let machine = if std::mem::take(&mut self.first) {
            SseMachine::new()
        } else {
            SseMachine::mid_stream()
        };
        parse(machine, raw)
    }
}

/// Reads one whole raw frame.
fn parse(mut machine: SseMachine, raw: Bytes) -> RawFrame {
    let mut lines: Vec<Bytes> = Vec::new();
    let mut event = String::new();
    let mut input: &[u8] = &raw;
    while let Some(token) = machine.next_token(&mut input) {
        match token {
            Token::DataLine => lines.push(Bytes::new()),
            Token::Data(text) => {
                if let Some(line) = lines.last_mut() {
                    *line = raw.slice_ref(text);
                }
            }
            Token::Event => event = String::from_utf8_lossy(machine.event()).into_owned(),
            Token::FrameEnd => break,
        }
    }
    RawFrame { data: join(lines), event, raw }
}

/// Joins data lines; the one line of nearly all frames is not copied.
fn join(mut lines: Vec<Bytes>) -> Bytes {
    if lines.len() <= 1 {
        return lines.pop().unwrap_or_default();
    }
    Bytes::from(lines.join(&b'\n'))
}
