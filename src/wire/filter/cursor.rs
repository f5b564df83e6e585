//! Walks over a document that is known to be JSON, without reading what nobody asks for.

use std::ops::Range;

use memchr::memchr2;

use super::text;

/// What a value is, known from its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    List,
    Null,
    Other,
}

/// Returns where the value of a whole document stands.
pub(super) fn root(doc: &[u8]) -> Range<usize> {
    let start = skip_blanks(doc, 0);
    start..value_end(doc, start)
}

pub(super) fn kind(doc: &[u8], at: usize) -> Kind {
    match doc.get(at) {
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::List,
        Some(b'n') => Kind::Null,
        _ => Kind::Other,
    }
}

/// Returns where the next byte that is no blank stands.
pub(super) fn skip_blanks(doc: &[u8], mut at: usize) -> usize {
    while matches!(doc.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// Returns where a string ends whose opening quote stands at `start`.
pub(super) fn string_end(doc: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(found) = doc.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if doc.get(at) == Some(&b'"') {
            return at + 1;
        }
        at += 2;
    }
    doc.len()
}

/// Returns where a value ends that begins at `start`.
pub(super) fn value_end(doc: &[u8], start: usize) -> usize {
    match doc.get(start) {
        Some(b'"') => string_end(doc, start),
        Some(b'{' | b'[') => container_end(doc, start),
        _ => {
            let rest = doc.get(start..).unwrap_or_default();
            let is_end =
                |byte: &u8| matches!(byte, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t');
            start + rest.iter().position(is_end).unwrap_or(rest.len())
        }
    }
}

fn container_end(doc: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    while let Some(byte) = doc.get(at) {
        match byte {
            b'"' => {
                at = string_end(doc, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    doc.len()
}

/// One member or element of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// The key with its quotes; `None` in lists.
    pub(super) key: Option<Range<usize>>,
    /// The value.
    pub(super) value: Range<usize>,
}

impl Item {
    /// Returns where the item begins.
    pub(super) fn start(&self) -> usize {
        self.key.as_ref().map_or(self.value.start, |key| key.start)
    }

    /// Tells whether it is the member of this name.
    pub(super) fn is_named(&self, doc: &[u8], name: &str) -> bool {
        let raw = self.key.clone().and_then(|key| doc.get(key.start + 1..key.end - 1));
        raw.is_some_and(|raw| text::is(raw, name))
    }
}

/// The items of a container, in their order.
pub(super) struct Items<'b> {
    doc: &'b [u8],
    at: usize,
    in_object: bool,
}

impl<'b> Items<'b> {
    /// Begins behind the opening bracket of the container at `start`.
    pub(super) fn of(doc: &'b [u8], start: usize) -> Self {
        Self { doc, at: start + 1, in_object: doc.get(start) == Some(&b'{') }
    }
}

impl Iterator for Items<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let mut at = skip_blanks(self.doc, self.at);
        if self.doc.get(at) == Some(&b',') {
            at = skip_blanks(self.doc, at + 1);
        }
        if matches!(self.doc.get(at), None | Some(b'}' | b']')) {
            return None;
        }
        let key = self.in_object.then(|| at..string_end(self.doc, at));
        if let Some(key) = &key {
            let colon = skip_blanks(self.doc, key.end);
            at = skip_blanks(self.doc, colon + 1);
        }
        let value = at..value_end(self.doc, at);
        self.at = value.end;
        Some(Item { key, value })
    }
}
