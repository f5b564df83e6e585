//! Keys and the values that hold no others: strings, numbers, literals.

use super::super::capture::cut;
use super::super::number::Number;
use super::super::path::Path;
use super::super::text::whole;
use super::super::{KEY_LIMIT, ScanError, Visitor};
use super::{Literal, Scanner, State, path};

impl<V: Visitor> Scanner<V> {
    /// Begins a string at its opening quote, and ends it when it is short and whole.
    pub(super) fn begin_string(&mut self, rest: &[u8]) -> Result<usize, ScanError> {
        let inside = rest.get(1..).unwrap_or_default();
        if self.wants_text()
            && let Some(text) = whole(inside)
        {
            let used = text.len() + 2;
            self.end_string(self.offset + used, text);
            return Ok(used);
        }
        self.state = State::InString;
        Ok(1 + self.text_at(inside, self.offset + 1)?)
    }

    /// Ends a string whose text stands in the chunk: nothing is copied.
    fn end_string(&mut self, end: usize, text: &str) {
        if let Some(pending) = self.pending.take() {
            let kept = cut(text, self.text_limit);
            let value = pending.value(end, Some(kept), kept.len() < text.len());
            self.visitor.value(&Path::new(path(&self.frames, self.entered)), &value);
        }
        self.state = if self.depth == 0 { State::Done } else { State::CommaOrEnd };
    }

    /// Reads on inside a key or string; `at` is the offset of `rest`.
    pub(super) fn text_at(&mut self, rest: &[u8], at: usize) -> Result<usize, ScanError> {
        let is_key = self.state == State::InKey;
        let wanted = if is_key { self.sees_members() } else { self.wants_text() };
        let capture = wanted.then_some(&mut self.capture);
        let progress = self.text.push(rest, at, capture)?;
        if progress.closed && is_key {
            self.end_key();
        } else if progress.closed {
            self.end_value(at + progress.used);
        }
        Ok(progress.used)
    }

    /// Begins a key at its opening quote, and ends it when it is short and whole.
    pub(super) fn begin_key(&mut self, rest: &[u8]) -> Result<usize, ScanError> {
        let inside = rest.get(1..).unwrap_or_default();
        if self.sees_members() {
            let start = self.offset;
            if let Some(frame) = self.frame() {
                frame.key_start = start;
                if let Some(key) = whole(inside) {
                    frame.key.clear();
                    frame.key.push_str(key);
                    return Ok(self.colon(rest, key.len() + 2));
                }
            }
            self.capture.restart(KEY_LIMIT);
        }
        self.state = State::InKey;
        Ok(1 + self.text_at(inside, self.offset + 1)?)
    }

    /// Ends a key of `used` bytes, with its colon when that follows at once.
    fn colon(&mut self, rest: &[u8], used: usize) -> usize {
        let follows = rest.get(used) == Some(&b':');
        self.state = if follows { State::Value } else { State::Colon };
        used + usize::from(follows)
    }

    fn end_key(&mut self) {
        if self.sees_members() {
            let mut text = std::mem::take(&mut self.capture.text);
            if let Some(frame) = self.frame() {
                std::mem::swap(&mut frame.key, &mut text);
            }
            self.capture.text = text;
        }
        self.state = State::Colon;
    }

    pub(super) fn begin_literal(&mut self, literal: Literal, rest: &[u8]) -> usize {
        let text = literal.text();
        if self.wants_text() {
            self.capture.push_str(text);
        }
        if rest.starts_with(text.as_bytes()) {
            self.end_value(self.offset + text.len());
            return text.len();
        }
        self.state = State::InLiteral(literal, 1);
        1
    }

    pub(super) fn in_literal(
        &mut self,
        literal: Literal,
        read: u8,
        byte: u8,
    ) -> Result<usize, ScanError> {
        let text = literal.text().as_bytes();
        if text.get(usize::from(read)) != Some(&byte) {
            return Err(ScanError::Malformed { offset: self.offset });
        }
        self.state = State::InLiteral(literal, read + 1);
        if usize::from(read) + 1 == text.len() {
            self.end_value(self.offset + 1);
        }
        Ok(1)
    }

    pub(super) fn begin_number(&mut self, byte: u8) {
        if self.wants_text() {
            self.capture.push(char::from(byte));
        }
        // `kind_of` let only the first byte of a number come here.
        self.state = State::InNumber(Number::begin(byte).unwrap_or(Number::Sign));
    }

    pub(super) fn in_number(
        &mut self,
        mut number: Number,
        rest: &[u8],
    ) -> Result<usize, ScanError> {
        let mut used = 0;
        while let Some(next) = rest.get(used).and_then(|byte| number.next(*byte)) {
            number = next;
            used += 1;
        }
        self.state = State::InNumber(number);
        if self.wants_text() {
            let digits = rest.get(..used).unwrap_or_default();
            self.capture.push_str(std::str::from_utf8(digits).unwrap_or_default());
        }
        if used == rest.len() {
            return Ok(used);
        }
        let offset = self.offset + used;
        if !number.is_complete() {
            return Err(ScanError::Malformed { offset });
        }
        self.end_value(offset);
        Ok(used)
    }
}

impl Literal {
    const fn text(self) -> &'static str {
        match self {
            Self::True => "true",
            Self::False => "false",
            Self::Null => "null",
        }
    }
}
