//! JSON that is kept as it was written: numbers, key order and all.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A JSON text, known to be valid. It prints and compares as it was written.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

impl Json {
    /// Reads a text; `None` when it is not JSON.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        RawValue::from_string(text.to_owned()).ok().map(Self)
    }

    /// Prints a value; `None` when it has no form in JSON.
    #[must_use]
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Option<Self> {
        serde_json::value::to_raw_value(value).ok().map(Self)
    }

    /// Makes `{}`.
    #[must_use]
    pub fn empty_object() -> Self {
        Self(RawValue::from_string("{}".to_owned()).unwrap_or_default())
    }

    /// Returns the text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.get()
    }

    /// Tells whether it is an object.
    #[must_use]
    pub fn is_object(&self) -> bool {
        self.text().trim_start().starts_with('{')
    }

    /// Reads it as a type.
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> serde_json::Result<T> {
        serde_json::from_str(self.text())
    }

    /// Reads it as a tree, for the few places that look into it.
    #[must_use]
    pub fn tree(&self) -> serde_json::Value {
        serde_json::from_str(self.text()).unwrap_or_default()
    }
}

/// Prints a value on one line, as a frame of a stream needs it: a break between its tokens, which JSON that
/// is kept as it was written may have, becomes a blank. (Within texts breaks are escaped.)
pub fn write_line<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    let from = out.len();
    // Writing into memory fails for none of the types that are written.
    let _ = serde_json::to_writer(&mut *out, value);
    let mut line = out.get_mut(from..).unwrap_or_default();
    while let Some(place) = memchr::memchr2(b'\n', b'\r', line) {
        let (_, rest) = line.split_at_mut(place);
        let Some((byte, behind)) = rest.split_first_mut() else { return };
        *byte = b' ';
        line = behind;
    }
}

/// Prints a text with its quotes: it is on one line ever.
pub fn write_text(text: &str, out: &mut Vec<u8>) {
    // Writing into memory does not fail.
    let _ = serde_json::to_writer(out, text);
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Json {}
