//! Fields that nobody here knows: whatever they ask for is lost, and that is said.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::loss::{Losses, Token};

/// Letters of a field's name in a place, at most.
const LONGEST: usize = 64;
/// Values that ask for nothing.
const NOTHING: [&str; 5] = ["null", "false", "\"\"", "[]", "{}"];

/// Says which fields of an object are lost: those that ask for something and are not among the `known`.
/// What is no object has none.
pub(super) fn say_unknown(object: &str, known: &[&str], at: &str, losses: &mut Losses) {
    say(object, at, losses, |name| known.contains(&name));
}

/// As [`say_unknown`], where each name may also be written with underscores.
pub(super) fn say_unknown_spellings(object: &str, known: &[&str], at: &str, losses: &mut Losses) {
    say(object, at, losses, |name| known.iter().any(|known| is_spelling(name, known)));
}

fn say(object: &str, at: &str, losses: &mut Losses, is_known: impl Fn(&str) -> bool) {
    let Ok(Fields(fields)) = serde_json::from_str(object) else { return };
    for (name, value) in fields {
        if !is_known(&name) && !NOTHING.contains(&value.get()) {
            losses.push(Token::DropField, place(at, &name));
        }
    }
}

/// Tells whether a name is `camelCase` or `camel_case` of a known one.
fn is_spelling(name: &str, known: &str) -> bool {
    let mut letters = name.chars();
    let same = known.chars().all(|wanted| match letters.next() {
        Some(letter) if letter == wanted => true,
        Some('_') if wanted.is_ascii_uppercase() => {
            letters.next() == Some(wanted.to_ascii_lowercase())
        }
        _ => false,
    });
    same && letters.next().is_none()
}

/// Returns the place of a field, as a JSON pointer has it.
fn place(at: &str, name: &str) -> String {
    let name: String = name.chars().take(LONGEST).collect();
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// An object's fields.
struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

/// A name, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some((Name(name), value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
            fields.push((name, value));
        }
        Ok(Fields(fields))
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

    #[test]
    fn a_name_has_two_spellings() {
        let mut losses = Losses::default();
        let object = r#"{"fileUri":1,"file_uri":1,"file_Uri":1,"fileuri":1,"file_uri_":1}"#;
        say_unknown_spellings(object, &["fileUri"], "", &mut losses);
        let said: Vec<&str> = losses.iter().map(|loss| loss.path.as_str()).collect();
        assert_eq!(said, ["/file_Uri", "/file_uri_", "/fileuri"]);
    }
}
