//! Strings of a document as they are written, and the texts they stand for.

use std::ops::Range;

use memchr::memchr;

use super::cursor::{skip_blanks, string_end};

/// Hands the text of a string over in parts: what is written plainly as it stands, escapes one by one.
/// `raw` is what stands between the quotes. A lone surrogate reads as U+FFFD.
pub fn parts(raw: &[u8], mut take: impl FnMut(&str)) {
    let mut rest = raw;
    while let Some(slash) = memchr(b'\\', rest) {
        let (plain, escaped) = rest.split_at(slash);
        hand(plain, &mut take);
        let (character, len) = escape(escaped);
        take(character.encode_utf8(&mut [0; 4]));
        rest = escaped.get(len..).unwrap_or_default();
    }
    hand(rest, &mut take);
}

fn hand(plain: &[u8], take: &mut impl FnMut(&str)) {
    if let Some(text) = std::str::from_utf8(plain).ok().filter(|text| !text.is_empty()) {
        take(text);
    }
}

/// Returns the character of the escape at the beginning, and how many bytes it takes.
pub(super) fn escape(raw: &[u8]) -> (char, usize) {
    let short = |character| (character, 2);
    match raw.get(1) {
        Some(b'n') => short('\n'),
        Some(b't') => short('\t'),
        Some(b'r') => short('\r'),
        Some(b'b') => short('\u{8}'),
        Some(b'f') => short('\u{c}'),
        Some(b'u') => long(raw),
        Some(other) => short(char::from(*other)),
        None => (char::REPLACEMENT_CHARACTER, 1),
    }
}

fn long(raw: &[u8]) -> (char, usize) {
    let unit = |at: usize| {
        let digits = std::str::from_utf8(raw.get(at..at + 4)?).ok()?;
        u32::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(2) else { return (char::REPLACEMENT_CHARACTER, 2) };
    let is_pair = raw.get(6..8) == Some(b"\\u");
    let second = unit(8).filter(|low| is_pair && (0xdc00..0xe000).contains(low));
    if let (0xd800..0xdc00, Some(low)) = (first, second) {
        let code = 0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00);
        return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6)
}

/// Tells whether a string, as it is written, is this text.
pub(super) fn is(raw: &[u8], text: &str) -> bool {
    if memchr(b'\\', raw).is_none() {
        return raw == text.as_bytes();
    }
    let mut rest = Some(text);
    parts(raw, |part| rest = rest.and_then(|rest| rest.strip_prefix(part)));
    rest == Some("")
}

/// Reads a string as it is written.
pub(super) fn read(raw: &[u8]) -> String {
    let mut text = String::with_capacity(raw.len());
    parts(raw, |part| text.push_str(part));
    text
}

/// Writes a text as it stands between quotes.
pub(super) fn write(text: &str) -> Vec<u8> {
    let quoted = serde_json::to_string(text).unwrap_or_default();
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().as_bytes().to_vec()
}

/// Finds every string of a document that is a value, wherever it lies; keys are none. The spans are of
/// what stands between the quotes.
pub fn strings(doc: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + memchr(b'"', doc.get(at..)?)?;
            let end = string_end(doc, start);
            at = end;
            if doc.get(skip_blanks(doc, end)) != Some(&b':') {
                return Some(start + 1..end - 1);
            }
        }
    })
}
