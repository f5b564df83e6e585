//! The inside of a JSON string: its end, its escapes, its UTF-8, and its text when it is wanted.

use memchr::memchr2;

use super::ScanError;
use super::capture::Capture;
use super::plain::plain_len;

/// Looked at in one go, so that the passes over a long string stay in the cache.
const WINDOW: usize = 16 * 1024;
/// Longer strings are not looked for in one piece: what is in vain is done twice.
const WHOLE_MAX: usize = 128;

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
        while let Some(rest) = bytes.get(used..).filter(|rest| !rest.is_empty()) {
            let here = at + used;
            if self.escape != Escape::None {
                self.in_escape(rest, here, capture.as_deref_mut())?;
                used += 1;
                continue;
            }
            let plain = match capture.as_deref_mut() {
                _ if self.partial_len > 0 => 0,
                None => skim(rest),
                Some(capture) => self.plain(rest, capture),
            };
            used += plain;
            let special = rest.get(plain..).unwrap_or_default();
            used += match special.first() {
                _ if self.partial_len > 0 => self.odd(special, here, capture.as_deref_mut())?,
                None => 0,
                Some(b'"') => return Ok(self.close(used + 1, capture)),
                Some(b'\\') => self.slash(special, capture.as_deref_mut()),
                Some(_) => self.odd(special, here + plain, capture.as_deref_mut())?,
            };
        }
        Ok(Progress { used, closed: false })
    }

    /// Takes the bytes that are their own text; answers how many.
    fn plain(&mut self, bytes: &[u8], capture: &mut Capture) -> usize {
        let len = plain_len(bytes);
        if len > 0 {
            self.flush_high(capture);
            capture.push_str(prefix(bytes, len));
        }
        len
    }

    /// Reads a whole escape, or only its backslash where it is cut or broken; answers its length.
    fn slash(&mut self, bytes: &[u8], mut capture: Option<&mut Capture>) -> usize {
        let Some(byte) = bytes.get(1) else { return self.begin_escape() };
        if let Some(character) = unescaped(*byte) {
            if let Some(capture) = capture.as_deref_mut() {
                self.flush_high(capture);
                capture.push(character);
            }
            return 2;
        }
        let digits = bytes.get(2..6).filter(|_| *byte == b'u');
        let Some(unit) = digits.and_then(unit_of) else { return self.begin_escape() };
        if let Some(capture) = capture {
            self.unit(unit, capture);
        }
        6
    }

    const fn begin_escape(&mut self) -> usize {
        self.escape = Escape::Slash;
        1
    }

    fn in_escape(
        &mut self,
        rest: &[u8],
        at: usize,
        capture: Option<&mut Capture>,
    ) -> Result<(), ScanError> {
        match (self.escape, rest.first()) {
            (Escape::Slash, Some(byte)) => self.escaped(*byte, at, capture),
            (Escape::Hex { unit, digits }, Some(byte)) => {
                self.hex(*byte, (unit, digits), at, capture)
            }
            _ => Ok(()),
        }
    }

    /// Reads on to the next quote or backslash with all checks; answers how far it is.
    fn odd(
        &mut self,
        bytes: &[u8],
        at: usize,
        capture: Option<&mut Capture>,
    ) -> Result<usize, ScanError> {
        let window = bytes.get(..WINDOW).unwrap_or(bytes);
        let end = memchr2(b'"', b'\\', window);
        let run = end.and_then(|end| window.get(..end)).unwrap_or(window);
        self.run(run, at, end.is_some(), capture)?;
        Ok(run.len())
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
        if rest.is_empty() {
            return Ok(());
        }
        self.careful_run(rest, at + taken, ended, capture)
    }

    fn careful_run(
        &mut self,
        run: &[u8],
        at: usize,
        ended: bool,
        capture: Option<&mut Capture>,
    ) -> Result<(), ScanError> {
        // The smallest byte first: unlike a search for one, that is vector code.
        let has_control = run.iter().fold(u8::MAX, |lowest, byte| lowest.min(*byte)) < 0x20;
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
        if byte == b'u' {
            self.escape = Escape::Hex { unit: 0, digits: 0 };
            return Ok(());
        }
        let character = unescaped(byte).ok_or(ScanError::Malformed { offset: at })?;
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
        let unit = with_digit(unit, byte).ok_or(ScanError::Malformed { offset: at })?;
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

/// Returns the text of a short string without escapes that is whole in `bytes`, which begin behind
/// its opening quote: most keys and names are.
#[inline]
pub(super) fn whole(bytes: &[u8]) -> Option<&str> {
    let near = bytes.get(..WHOLE_MAX).unwrap_or(bytes);
    let (text, rest) = near.split_at_checked(plain_len(near))?;
    rest.first().filter(|byte| **byte == b'"')?;
    std::str::from_utf8(text).ok()
}

/// Passes plain bytes, whole escapes and single characters of a text that nobody wants; answers how
/// many bytes that were.
// On its own: within `push` the loop would keep its masks on the stack.
#[inline(never)]
fn skim(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    loop {
        rest = rest.get(plain_len(rest)..).unwrap_or_default();
        let passed = match rest {
            [b'\\', letter, ..] if is_short_escape(*letter) => 2,
            [b'\\', b'u', digits @ ..] if digits.get(..4).and_then(unit_of).is_some() => 6,
            [0x80..=0xff, ..] => lone_character(rest),
            _ => 0,
        };
        if passed == 0 {
            return bytes.len() - rest.len();
        }
        rest = rest.get(passed..).unwrap_or_default();
    }
}

/// Returns the length of a character that stands alone in ASCII, as accents do; 0 where more
/// follow, which are better checked together, and where it is cut or broken.
fn lone_character(bytes: &[u8]) -> usize {
    let width = match bytes.first() {
        Some(..0xe0) => 2,
        Some(..0xf0) => 3,
        _ => 4,
    };
    let Some((character, rest)) = bytes.split_at_checked(width) else { return 0 };
    let is_alone = rest.first().is_some_and(u8::is_ascii);
    if is_alone && std::str::from_utf8(character).is_ok() { width } else { 0 }
}

/// Tells whether a letter behind a backslash is a whole escape.
const fn is_short_escape(letter: u8) -> bool {
    // A set of bits, which no compiler makes of a match in a loop.
    const LETTERS: u128 = 1 << b'"'
        | 1 << b'\\'
        | 1 << b'/'
        | 1 << b'b'
        | 1 << b'f'
        | 1 << b'n'
        | 1 << b'r'
        | 1 << b't';
    letter < 128 && LETTERS >> letter & 1 == 1
}

/// What an escape of one letter stands for.
const fn unescaped(byte: u8) -> Option<char> {
    Some(match byte {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        _ => return None,
    })
}

fn unit_of(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0, |unit, digit| with_digit(unit, *digit))
}

fn with_digit(unit: u16, digit: u8) -> Option<u16> {
    let digit = char::from(digit).to_digit(16)?;
    Some(unit << 4 | u16::try_from(digit).ok()?)
}

fn prefix(run: &[u8], len: usize) -> &str {
    run.get(..len).and_then(|head| std::str::from_utf8(head).ok()).unwrap_or_default()
}
