//! The inside of a JSON string: its end, its escapes, its UTF-8, and its text when it is wanted.

use memchr::memchr2;

use super::ScanError;
use super::capture::Capture;

/// Looked at in one go, so that the passes over a long string stay in the cache.
const WINDOW: usize = 16 * 1024;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    Slash,
    Hex {
        unit: u16,
        digits: u8,
    },
}

/// The state between two chunks of one string.
#[derive(Debug, Default)]
pub(super) struct Text {
    escape: Escape,
    /// A character that the last piece cut, and where it began.
    partial: [u8; 4],
    partial_len: usize,
    partial_at: usize,
    /// The first half of a surrogate pair.
    high: Option<u16>,
}

/// How far a chunk was read.
pub(super) struct Progress {
    pub(super) used: usize,
    pub(super) closed: bool,
}

impl Text {
    /// Reads on behind the opening quote; `at` is the offset of `bytes` in the document.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        at: usize,
        mut capture: Option<&mut Capture>,
    ) -> Result<Progress, ScanError> {
        let mut used = 0;
        while let Some((first, _)) = bytes.get(used..).and_then(<[u8]>::split_first) {
            let here = at + used;
            match self.escape {
                Escape::None => {
                    let window = window(bytes, used);
                    let end = memchr2(b'"', b'\\', window);
                    let run = end.and_then(|end| window.get(..end)).unwrap_or(window);
                    self.run(run, here, end.is_some(), capture.as_deref_mut())?;
                    used += run.len() + usize::from(end.is_some());
                    match end.and_then(|end| window.get(end)) {
                        Some(b'"') => return Ok(self.close(used, capture)),
                        Some(_) => self.escape = Escape::Slash,
                        None => {}
                    }
                    continue;
                }
                Escape::Slash => self.escaped(*first, here, capture.as_deref_mut())?,
                Escape::Hex { unit, digits } => {
                    self.hex(*first, (unit, digits), here, capture.as_deref_mut())?;
                }
            }
            used += 1;
        }
        Ok(Progress { used, closed: false })
    }

    fn close(&mut self, used: usize, capture: Option<&mut Capture>) -> Progress {
        if let Some(capture) = capture {
            self.flush_high(capture);
        }
        *self = Self::default();
        Progress { used, closed: true }
    }

    /// Checks a piece without quotes and backslashes; `ended` when one follows it.
    fn run(
        &mut self,
        run: &[u8],
        at: usize,
        ended: bool,
        mut capture: Option<&mut Capture>,
    ) -> Result<(), ScanError> {
        let taken = self.complete_partial(run, capture.as_deref_mut())?;
        if self.partial_len > 0 {
            let broken = Err(ScanError::InvalidUtf8 { offset: self.partial_at });
            return if ended { broken } else { Ok(()) };
        }
        let rest = run.get(taken..).unwrap_or_default();
        let (lowest, bits) =
            rest.iter().fold((u8::MAX, 0), |(low, bits), byte| (low.min(*byte), bits | byte));
        if rest.is_empty() || (lowest >= 0x20 && bits < 0x80 && capture.is_none()) {
            return Ok(());
        }
        self.careful_run(rest, at + taken, (ended, lowest < 0x20), capture)
    }

    fn careful_run(
        &mut self,
        run: &[u8],
        at: usize,
        (ended, has_control): (bool, bool),
        capture: Option<&mut Capture>,
    ) -> Result<(), ScanError> {
        let control = has_control.then(|| run.iter().position(|byte| *byte < 0x20)).flatten();
        let (valid, broken) = match std::str::from_utf8(run) {
            Ok(text) => (text, None),
            Err(error) => (prefix(run, error.valid_up_to()), Some(error)),
        };
        if let Some(control) = control.filter(|control| *control <= valid.len()) {
            return Err(ScanError::Malformed { offset: at + control });
        }
        if let Some(error) = broken {
            if ended || error.error_len().is_some() {
                return Err(ScanError::InvalidUtf8 { offset: at + valid.len() });
            }
            self.keep_partial(run.get(valid.len()..).unwrap_or_default(), at + valid.len());
        }
        if let Some(capture) = capture.filter(|_| !valid.is_empty()) {
            self.flush_high(capture);
            capture.push_str(valid);
        }
        Ok(())
    }

    fn keep_partial(&mut self, tail: &[u8], at: usize) {
        for (kept, byte) in self.partial.iter_mut().zip(tail) {
            *kept = *byte;
        }
        self.partial_len = tail.len().min(self.partial.len());
        self.partial_at = at;
    }

    /// Ends the character the last piece cut; answers how many bytes that took.
    fn complete_partial(
        &mut self,
        run: &[u8],
        mut capture: Option<&mut Capture>,
    ) -> Result<usize, ScanError> {
        let mut taken = 0;
        while self.partial_len > 0 {
            let Some(byte) = run.get(taken) else { break };
            if let Some(slot) = self.partial.get_mut(self.partial_len) {
                *slot = *byte;
            }
            self.partial_len += 1;
            taken += 1;
            let kept = self.partial;
            match std::str::from_utf8(kept.get(..self.partial_len).unwrap_or_default()) {
                Ok(character) => {
                    self.partial_len = 0;
                    if let Some(capture) = capture.as_deref_mut() {
                        self.flush_high(capture);
                        capture.push_str(character);
                    }
                }
                Err(error) if error.error_len().is_none() && self.partial_len < kept.len() => {}
                Err(_) => return Err(ScanError::InvalidUtf8 { offset: self.partial_at }),
            }
        }
        Ok(taken)
    }

    fn escaped(
        &mut self,
        byte: u8,
        at: usize,
        capture: Option<&mut Capture>,
    ) -> Result<(), ScanError> {
        let character = match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.escape = Escape::Hex { unit: 0, digits: 0 };
                return Ok(());
            }
            _ => return Err(ScanError::Malformed { offset: at }),
        };
        self.escape = Escape::None;
        if let Some(capture) = capture {
            self.flush_high(capture);
            capture.push(character);
        }
        Ok(())
    }

    fn hex(
        &mut self,
        byte: u8,
        (unit, digits): (u16, u8),
        at: usize,
        capture: Option<&mut Capture>,
    ) -> Result<(), ScanError> {
        let digit = char::from(byte).to_digit(16).and_then(|digit| u16::try_from(digit).ok());
        let unit = unit << 4 | digit.ok_or(ScanError::Malformed { offset: at })?;
        if digits < 3 {
            self.escape = Escape::Hex { unit, digits: digits + 1 };
            return Ok(());
        }
        self.escape = Escape::None;
        if let Some(capture) = capture {
            self.unit(unit, capture);
        }
        Ok(())
    }

    /// Takes one UTF-16 unit of the captured text.
    fn unit(&mut self, unit: u16, capture: &mut Capture) {
        let is_low = (0xdc00..0xe000).contains(&unit);
        if let Some(high) = self.high.filter(|_| is_low) {
            self.high = None;
            let code = 0x1_0000 + (u32::from(high - 0xd800) << 10) + u32::from(unit - 0xdc00);
            capture.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            return;
        }
        self.flush_high(capture);
        if (0xd800..0xdc00).contains(&unit) {
            self.high = Some(unit);
        } else {
            let character = char::from_u32(u32::from(unit));
            capture.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
        }
    }

    fn flush_high(&mut self, capture: &mut Capture) {
        if self.high.take().is_some() {
            capture.push(char::REPLACEMENT_CHARACTER);
        }
    }
}

fn window(bytes: &[u8], from: usize) -> &[u8] {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.get(..WINDOW).unwrap_or(rest)
}

fn prefix(run: &[u8], len: usize) -> &str {
    run.get(..len).and_then(|head| std::str::from_utf8(head).ok()).unwrap_or_default()
}
