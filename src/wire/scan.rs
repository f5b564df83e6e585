//! A push scanner for JSON that is never held whole: any split of the bytes gives the same events.
//!
//! The whole document is validated (grammar, UTF-8 in strings, nothing after its end), whatever the
//! visitor skips; memory is fixed. A visitor is asked once for each value it can see ([`Visitor::wants`],
//! at the value's first byte) and told when a value it asked for ends ([`Visitor::value`]). The root has
//! the empty path; members are seen only in containers the visitor answered [`Want::Enter`] for.
//! Keys arrive unescaped, so `"mod\u0065l"` is `model`; a key met twice is asked for twice.
//! A lone surrogate escape is legal JSON and is tolerated: in captured text it reads as U+FFFD.

mod capture;
mod number;
mod path;
mod plain;
mod scanner;
mod text;

use std::ops::Range;

pub use path::{Path, Segment, Steps};
pub use scanner::Scanner;

/// The deepest path the scanner tells apart; what lies below is skimmed.
pub const PATH_LIMIT: usize = 8;
/// The deepest nesting that is accepted at all.
pub const DEPTH_LIMIT: usize = 512;
/// The longest string or number text that is captured, in bytes, unless told otherwise.
pub const TEXT_LIMIT: usize = 512;
/// The longest key that is told apart, in bytes; a longer one is cut there.
pub const KEY_LIMIT: usize = 256;

/// What a visitor wants of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Nothing: the value is skimmed and never reported.
    Skip,
    /// Its kind and span at its end.
    Span,
    /// Its text too, when it is a string, number, bool or null; a container is reported as by `Span`.
    Scalar,
    /// As `Scalar`, and the members of a container are asked for before it is reported itself.
    Enter,
}

/// The kind of a value, known from its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `{}`
    Object,
    /// `[]`
    Array,
    /// A string.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`
    Null,
}

/// A value that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its bytes in the whole document, quotes and brackets included.
    pub span: Range<usize>,
    /// Where its key's opening quote stands; the start of `span` for elements and the root.
    pub member_start: usize,
    /// Its text when it was asked for: unescaped for strings, as written for numbers and literals.
    pub text: Option<&'a str>,
    /// Whether `text` is only the beginning.
    pub truncated: bool,
}

impl Value<'_> {
    /// Returns the text of a string that was captured whole.
    pub fn as_str(&self) -> Option<&str> {
        self.text.filter(|_| self.kind == Kind::String && !self.truncated)
    }

    /// Returns a captured number that is an unsigned integer.
    pub fn as_u64(&self) -> Option<u64> {
        self.text.filter(|_| self.kind == Kind::Number && !self.truncated)?.parse().ok()
    }

    /// Returns a captured count; some programs write whole numbers as `12.0`, `1.2e1` or in quotes.
    pub fn as_count(&self) -> Option<u64> {
        self.as_u64().or_else(|| {
            let is_written = matches!(self.kind, Kind::Number | Kind::String) && !self.truncated;
            whole_number(self.text.filter(|_| is_written)?)
        })
    }

    /// Returns a captured bool.
    pub fn as_bool(&self) -> Option<bool> {
        self.text.filter(|_| self.kind == Kind::Bool)?.parse().ok()
    }
}

/// Reads a number that is whole and not negative.
fn whole_number(text: &str) -> Option<u64> {
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !are_digits(whole) || !are_digits(fraction) {
        return None;
    }
    let exponent: i32 = exponent.parse().ok()?;
    let places = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let digits: u64 = [whole, fraction].concat().parse().ok()?;
    if let Ok(places) = u32::try_from(places) {
        return digits.checked_mul(10_u64.checked_pow(places)?);
    }
    let divisor = 10_u64.checked_pow(places.unsigned_abs())?;
    digits.is_multiple_of(divisor).then_some(digits / divisor)
}

/// Decides what is looked at and takes what was found.
pub trait Visitor {
    /// Says what is wanted of the value that begins at `path`.
    fn wants(&mut self, path: &Path<'_>, kind: Kind) -> Want;

    /// Takes a value that was asked for, at its end (a container after its members).
    fn value(&mut self, path: &Path<'_>, value: &Value<'_>);
}

/// Skips everything: checks a document and nothing else.
impl Visitor for () {
    fn wants(&mut self, _path: &Path<'_>, _kind: Kind) -> Want {
        Want::Skip
    }

    fn value(&mut self, _path: &Path<'_>, _value: &Value<'_>) {}
}

impl<V: Visitor + ?Sized> Visitor for &mut V {
    fn wants(&mut self, path: &Path<'_>, kind: Kind) -> Want {
        (**self).wants(path, kind)
    }

    fn value(&mut self, path: &Path<'_>, value: &Value<'_>) {
        (**self).value(path, value);
    }
}

/// Why a document was refused. An offset counts the bytes of all chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// A byte that JSON does not allow there.
    #[error("malformed JSON at byte {offset}")]
    Malformed {
        /// Where the byte stands.
        offset: usize,
    },
    /// A string is not UTF-8.
    #[error("invalid UTF-8 at byte {offset}")]
    InvalidUtf8 {
        /// Where the broken character begins.
        offset: usize,
    },
    /// More than [`DEPTH_LIMIT`] containers within each other.
    #[error("JSON nested deeper than {DEPTH_LIMIT} levels")]
    TooDeep,
    /// The document is not complete.
    #[error("the JSON ends too early")]
    UnexpectedEnd,
}

/// Scans a whole document at once and hands the visitor back.
pub fn scan<V: Visitor>(document: &[u8], visitor: V) -> Result<V, ScanError> {
    let mut scanner = Scanner::new(visitor);
    scanner.push(document)?;
    scanner.finish()?;
    Ok(scanner.into_visitor())
}

#[cfg(test)]
mod tests;
