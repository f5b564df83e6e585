//! Fields that nobody here knows: whatever they ask for is lost, and that is said.

use std::borrow::Cow;
use std::cell::Cell;

use serde::Deserialize;

use super::loss::{Losses, Token};
use super::watched::{Watch, Watched};
use crate::wire::tree::Node;

/// Letters of a field's name in a place, at most.
const LONGEST: usize = 64;
/// Values that ask for nothing.
const NOTHING: [&[u8]; 5] = [b"null", b"false", b"\"\"", b"[]", b"{}"];

/// Reads an object, and says which of its fields are lost, as [`say_unknown`] does. It is read once, unless it
/// has a field that nobody knows. `T` is a plain struct or an `Option` of one: of what else reads an object, a field
/// that nobody knows would not be noticed.
pub(super) fn read_saying<'a, T: Deserialize<'a>>(
    object: &'a str,
    known: &[&str],
    at: &str,
    losses: &mut Losses,
) -> serde_json::Result<T> {
    let (read, has_unknown) = read_noticing(object, known)?;
    if has_unknown {
        say_unknown(object, known, at, losses);
    }
    Ok(read)
}

/// Reads an object, and tells whether it has a field that is not among the `known`.
pub(super) fn read_noticing<'a, T: Deserialize<'a>>(
    object: &'a str,
    known: &[&str],
) -> serde_json::Result<(T, bool)> {
    let has_unknown = Cell::new(false);
    let mut text = serde_json::Deserializer::from_str(object);
    let read = T::deserialize(Watched(&mut text, Watch { known, has_unknown: &has_unknown }))?;
    text.end()?;
    Ok((read, has_unknown.get()))
}

/// Says which fields of an object are lost: those that ask for something and are not among the `known`.
/// What is no object has none. The text was read before: nothing of it is checked.
pub(super) fn say_unknown(object: &str, known: &[&str], at: &str, losses: &mut Losses) {
    for member in Node::whole(object.as_bytes()).members() {
        let Some(name) = member.key.text() else { continue };
        if !known.contains(&name.as_ref()) {
            say_field(&name, member.value.raw(), at, losses);
        }
    }
}

/// Says that a field of an object is lost, unless what it has asks for nothing.
pub(super) fn say_field(name: &str, value: &[u8], at: &str, losses: &mut Losses) {
    if !NOTHING.contains(&value) {
        losses.push(Token::DropField, place(at, name));
    }
}

/// Returns the place of a field, as a JSON pointer has it.
fn place(at: &str, name: &str) -> String {
    let name: String = name.chars().take(LONGEST).collect();
    format!("{at}/{}", escaped(&name))
}

/// Returns a key as it stands in a JSON pointer.
pub(super) fn escaped(key: &str) -> Cow<'_, str> {
    if key.contains(['~', '/']) {
        key.replace('~', "~0").replace('/', "~1").into()
    } else {
        key.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(object: &str, known: &[&str]) -> Vec<String> {
        let mut losses = Losses::default();
        say_unknown(object, known, "/a", &mut losses);
        losses.iter().map(|loss| loss.path.clone()).collect()
    }

    #[test]
    fn what_nobody_knows_is_said_unless_it_asks_for_nothing() {
        let object = r#"{"known":1,"b":{"c":1},"none":null,"off":false,"no":[],"d/e~":"x"}"#;
        assert_eq!(said(object, &["known"]), ["/a/b", "/a/d~1e~0"]);
        assert!(said("[1]", &[]).is_empty() && said("5", &[]).is_empty());
    }
}
