//! Server-sent events under any split of the bytes.
//!
//! [`SseMachine`] cuts a byte stream into tokens without holding any of it; the tap drives it
//! directly. [`FrameReader`] holds whole raw frames, up to a bound, for the gate. [`EventReader`] tells
//! names and data, for conversion.

mod events;
mod reader;
#[cfg(test)]
mod tests;

pub use events::EventReader;
pub use reader::{FrameReader, FrameTooLong, RawFrame};

use memchr::memchr2;

/// Event names longer than this are cut: no dialect has one, and memory stays fixed.
const EVENT_NAME_MAX: usize = 64;
/// The longest field name of interest (`event`), plus one to tell longer names apart.
const FIELD_MAX: usize = 6;
/// A byte order mark.
pub(in crate::wire) const BOM: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// What the machine found next in its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// The value of a `data` field begins; its bytes follow.
    DataLine,
    /// Bytes of the current `data` value.
    Data(&'a [u8]),
    /// The frame's `event` field is complete: see [`SseMachine::event`].
    Event,
    /// The blank line that ends a frame has been consumed.
    FrameEnd,
}

/// How the last line ended: a blank line that ends in CR waits for its LF only in a CRLF stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum LineEnd {
    #[default]
    Lf,
    Cr,
    CrLf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// At the very start, with so many bytes of a byte order mark seen.
    Bom(usize),
    /// At the start of a line.
    LineStart,
    /// In a field name.
    Field,
    /// Behind the colon, where one space is skipped.
    Value(FieldKind),
    /// In a field's value.
    Text(FieldKind),
    /// Behind the CR of a blank line in a CRLF stream: its LF belongs to the frame that ends.
    FrameLf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FieldKind {
    Data,
    Event,
    Other,
}

/// The line machine: feed it bytes, take tokens, in fixed memory.
#[derive(Clone, Debug)]
pub struct SseMachine {
    state: State,
    after_cr: bool,
    line_end: LineEnd,
    field: [u8; FIELD_MAX],
    field_length: usize,
    event: Vec<u8>,
    /// The event name is the ended frame's: it goes when the next frame begins.
    event_is_old: bool,
}

impl Default for SseMachine {
    fn default() -> Self {
        Self::new()
    }
}

impl SseMachine {
    /// Makes a machine at the start of a stream, where a byte order mark is skipped.
    #[must_use]
    pub fn new() -> Self {
        Self { state: State::Bom(0), ..Self::mid_stream() }
    }

    /// Makes a machine at the start of a later frame.
    #[must_use]
    pub fn mid_stream() -> Self {
        Self {
            state: State::LineStart,
            after_cr: false,
            line_end: LineEnd::Lf,
            field: [0; FIELD_MAX],
            field_length: 0,
            event: Vec::new(),
            event_is_old: false,
        }
    }

    /// Returns the current frame's event name, empty when it has none (so far); behind
    /// [`Token::FrameEnd`] it is still the name of the frame that ended.
    #[must_use]
    pub fn event(&self) -> &[u8] {
        &self.event
    }

    /// Takes the next token off `input`; `None` when all of it is consumed.
    pub fn next_token<'a>(&mut self, input: &mut &'a [u8]) -> Option<Token<'a>> {
        while let Some(&byte) = input.first() {
            if let Some(token) = self.step(byte, input) {
                return Some(token);
            }
        }
        None
    }

    /// Tells whether a frame's end was only waiting for a LF that will not come any more.
    #[must_use]
    pub fn finish(&mut self) -> bool {
        std::mem::replace(&mut self.state, State::LineStart) == State::FrameLf
    }

    fn step<'a>(&mut self, byte: u8, input: &mut &'a [u8]) -> Option<Token<'a>> {
        if std::mem::take(&mut self.after_cr) && byte == b'\n' {
            self.line_end = LineEnd::CrLf;
            advance(input, 1);
            return None;
        }
        match self.state {
            State::Bom(seen) => self.byte_order_mark(seen, byte, input),
            State::LineStart => return self.line_start(byte, input),
            State::Field => return self.field_byte(byte, input),
            State::Value(kind) => self.value_start(kind, byte, input),
            State::Text(kind) => return self.text(kind, input),
            State::FrameLf => {
                if byte == b'\n' {
                    advance(input, 1);
                }
                return Some(self.end_frame());
            }
        }
        None
    }

    fn byte_order_mark(&mut self, seen: usize, byte: u8, input: &mut &[u8]) {
        if BOM.get(seen) != Some(&byte) {
            // Half a mark is a field name nobody knows: the line is ignored.
            self.state = if seen == 0 { State::LineStart } else { State::Text(FieldKind::Other) };
            return;
        }
        advance(input, 1);
        self.state = if seen + 1 == BOM.len() { State::LineStart } else { State::Bom(seen + 1) };
    }

    fn line_start<'a>(&mut self, byte: u8, input: &mut &'a [u8]) -> Option<Token<'a>> {
        if std::mem::take(&mut self.event_is_old) {
            self.event.clear();
        }
        if byte != b'\r' && byte != b'\n' {
            return self.field_start(input);
        }
        advance(input, 1);
        if byte == b'\n' {
            self.line_end = LineEnd::Lf;
            return Some(self.end_frame());
        }
        if self.line_end == LineEnd::CrLf {
            self.state = State::FrameLf;
            return None;
        }
        self.line_end = LineEnd::Cr;
        Some(self.end_frame())
    }

    /// The two names that matter are told at once where they are whole, as nearly always.
    fn field_start<'a>(&mut self, input: &mut &'a [u8]) -> Option<Token<'a>> {
        let known = [(&b"data:"[..], FieldKind::Data), (&b"event:"[..], FieldKind::Event)];
        for (name, kind) in known {
            if let Some(rest) = input.strip_prefix(name) {
                *input = rest;
                return self.begin_value(kind);
            }
        }
        self.field_length = 0;
        self.state = State::Field;
        None
    }

    fn field_byte<'a>(&mut self, byte: u8, input: &mut &'a [u8]) -> Option<Token<'a>> {
        if byte == b':' || byte == b'\r' || byte == b'\n' {
            let kind = self.field_kind();
            if byte == b':' {
                advance(input, 1);
            }
            return self.begin_value(kind);
        }
        if let Some(place) = self.field.get_mut(self.field_length) {
            *place = byte;
            self.field_length += 1;
            advance(input, 1);
            return None;
        }
        self.state = State::Text(FieldKind::Other);
        None
    }

    fn begin_value<'a>(&mut self, kind: FieldKind) -> Option<Token<'a>> {
        self.state = State::Value(kind);
        match kind {
            FieldKind::Data => Some(Token::DataLine),
            FieldKind::Event => {
                self.event.clear();
                None
            }
            FieldKind::Other => None,
        }
    }

    fn field_kind(&self) -> FieldKind {
        match self.field.get(..self.field_length) {
            Some(b"data") => FieldKind::Data,
            Some(b"event") => FieldKind::Event,
            _ => FieldKind::Other,
        }
    }

    fn value_start(&mut self, kind: FieldKind, byte: u8, input: &mut &[u8]) {
        if byte == b' ' {
            advance(input, 1);
        }
        self.state = State::Text(kind);
    }

    fn text<'a>(&mut self, kind: FieldKind, input: &mut &'a [u8]) -> Option<Token<'a>> {
        let end = memchr2(b'\r', b'\n', input).unwrap_or(input.len());
        if end == 0 {
            return self.end_line(kind, input);
        }
        let (text, rest) = input.split_at_checked(end)?;
        *input = rest;
        match kind {
            FieldKind::Data => return Some(Token::Data(text)),
            FieldKind::Event => {
                let room = EVENT_NAME_MAX.saturating_sub(self.event.len());
                self.event.extend_from_slice(text.get(..room).unwrap_or(text));
            }
            FieldKind::Other => {}
        }
        None
    }

    fn end_line<'a>(&mut self, kind: FieldKind, input: &mut &'a [u8]) -> Option<Token<'a>> {
        let carriage_return = input.first() == Some(&b'\r');
        advance(input, 1);
        self.after_cr = carriage_return;
        self.line_end = if carriage_return { LineEnd::Cr } else { LineEnd::Lf };
        self.state = State::LineStart;
        (kind == FieldKind::Event).then_some(Token::Event)
    }

    fn end_frame<'a>(&mut self) -> Token<'a> {
        self.state = State::LineStart;
        self.event_is_old = true;
        Token::FrameEnd
    }
}

fn advance(input: &mut &[u8], by: usize) {
    *input = input.get(by..).unwrap_or_default();
}
