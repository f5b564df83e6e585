//! Whether a value, as it is written, is the same as another.

use serde_json::Value;
use switchyard_actors::domain::filters::{JsonPath, Matcher, Step, Test};

use super::cursor::root;
use super::place::{Place, follow};
use super::text;

/// Blanks and escapes that a value may have beside its shortest form, in bytes and as a factor. One
/// that is longer is another one: large values are not read to be compared.
const SLACK: usize = 4_096;
const STRETCH: usize = 8;

/// Tells whether a written value is the same as a printed one.
pub(super) fn is_same_text(written: &[u8], printed: &[u8]) -> bool {
    if written == printed {
        return true;
    }
    let value = serde_json::from_slice(printed).unwrap_or(Value::Null);
    is_same(written, &value, printed.len())
}

/// Tells whether a written value is the same as one whose shortest form has so many bytes.
fn is_same(written: &[u8], value: &Value, len: usize) -> bool {
    written.len() <= STRETCH * len + SLACK
        && serde_json::from_slice::<Value>(written).is_ok_and(|written| written == *value)
}

/// Tells whether an element has what is looked for.
pub(super) fn fits(element: &[u8], matcher: &Matcher) -> bool {
    let Some(field) = at(element, &matcher.field) else { return false };
    match &matcher.test {
        Test::Equal(value) => is_same(field, value, value.to_string().len()),
        Test::Text(text) => {
            let raw = field.strip_prefix(b"\"").and_then(|raw| raw.strip_suffix(b"\""));
            raw.is_some_and(|raw| text.is_in(&text::read(raw)))
        }
    }
}

/// Tells whether an element is the same as a value by these members; by all when there are none.
pub(super) fn is_same_by(element: &[u8], value: &Value, printed: &[u8], by: &[JsonPath]) -> bool {
    if by.is_empty() {
        return is_same(element, value, printed.len());
    }
    by.iter().all(|path| match (at(element, path), inside(value, path)) {
        (Some(written), Some(value)) => is_same(written, value, value.to_string().len()),
        _ => false,
    })
}

/// Returns what stands at a path of a written value.
fn at<'e>(element: &'e [u8], path: &JsonPath) -> Option<&'e [u8]> {
    match follow(element, root(element), path, path.steps()) {
        Ok(Place::Found(span)) => element.get(span),
        _ => None,
    }
}

/// Returns what stands at a path of a value.
fn inside<'v>(value: &'v Value, path: &JsonPath) -> Option<&'v Value> {
    path.steps().iter().try_fold(value, |value, step| match step {
        Step::Key(name) => value.get(name.as_ref()),
        Step::Index(index) => value.get(index),
    })
}
