//! Names as the client wrote them. Google takes each in `camelCase` and with underscores; the place of a loss
//! has the client's own spelling, so that it is there in its body.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::Refused;
use super::super::fields;
use super::super::loss::Losses;
use crate::wire::tree::Node;

/// Names, each in `camelCase`, that the client wrote with underscores.
#[derive(Clone, Debug, Default)]
pub(super) struct Spelled(Vec<&'static str>);

impl Spelled {
    /// Returns a name as the client wrote it.
    pub(super) fn name(&self, known: &'static str) -> Cow<'static, str> {
        if self.0.contains(&known) { underscored(known).into() } else { known.into() }
    }

    /// Returns a pointer of such names as the client wrote them.
    pub(super) fn pointer(&self, pointer: &'static str) -> Cow<'static, str> {
        if self.0.is_empty() {
            return pointer.into();
        }
        let steps = pointer.split('/').map(|step| self.name(step));
        steps.collect::<Vec<_>>().join("/").into()
    }

    /// Takes over what was found in another object.
    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

/// Reads an object, and says which of its fields nobody knows. It is looked through again only when it has one, or
/// a name with underscores.
///
/// # Errors
/// It is no object, or not of Gemini's form; `what` it is stands in the error.
pub(super) fn read_saying<'a, T: Deserialize<'a>>(
    raw: &'a RawValue,
    what: &str,
    known: &[&'static str],
    at: &str,
    losses: &mut Losses,
) -> Result<(T, Spelled), Refused> {
    let (read, is_plain) = read(raw, what, known)?;
    let spelled =
        if is_plain { Spelled::default() } else { say_unknown(raw.get(), known, at, losses) };
    Ok((read, spelled))
}

/// Reads an object, and tells whether all its names are known ones in `camelCase`.
///
/// # Errors
/// It is no object, or not of Gemini's form; `what` it is stands in the error.
pub(super) fn read<'a, T: Deserialize<'a>>(
    raw: &'a RawValue,
    what: &str,
    known: &[&'static str],
) -> Result<(T, bool), Refused> {
    // Serde would read a list as an object's values in order.
    if !raw.get().starts_with('{') {
        return Err(Refused::new(format!("{what} is no object")));
    }
    let (read, has_unknown) = fields::read_noticing(raw.get(), known)
        .map_err(|error| Refused::new(format!("{what} is not of Gemini's form: {error}")))?;
    Ok((read, !has_unknown))
}

/// Says which fields of an object are lost: those that ask for something and are none of the `known`, in either
/// spelling. Returns which of these are written with underscores.
pub(super) fn say_unknown(
    object: &str,
    known: &[&'static str],
    at: &str,
    losses: &mut Losses,
) -> Spelled {
    let mut spelled = Spelled::default();
    for member in Node::whole(object.as_bytes()).members() {
        let Some(name) = member.key.text() else { continue };
        if known.contains(&name.as_ref()) {
            continue;
        }
        match known.iter().find(|known| is_underscored(&name, known)) {
            Some(known) => spelled.0.push(known),
            None => fields::say_field(&name, member.value.raw(), at, losses),
        }
    }
    spelled
}

/// Tells whether a name is a known one with underscores.
fn is_underscored(name: &str, known: &str) -> bool {
    let mut letters = name.chars();
    let same = known.chars().all(|wanted| match letters.next() {
        Some('_') if wanted.is_ascii_uppercase() => {
            letters.next() == Some(wanted.to_ascii_lowercase())
        }
        letter => letter == Some(wanted) && !wanted.is_ascii_uppercase(),
    });
    same && letters.next().is_none()
}

fn underscored(known: &str) -> String {
    let mut name = String::with_capacity(known.len() + 4);
    for letter in known.chars() {
        if letter.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_two_spellings_and_is_told_in_the_clients() {
        let mut losses = Losses::default();
        let object =
            r#"{"file_uri":1,"mime_Type":1,"fileuri":1,"file_uri_":1,"parts":1,"none":null}"#;
        let known = ["fileUri", "mimeType", "displayName", "parts"];
        let spelled = say_unknown(object, &known, "/a", &mut losses);
        let said: Vec<&str> = losses.iter().map(|loss| loss.path.as_str()).collect();
        assert_eq!(said, ["/a/file_uri_", "/a/fileuri", "/a/mime_Type"]);
        assert_eq!(spelled.pointer("/fileUri/parts/displayName"), "/file_uri/parts/displayName");
        assert_eq!(Spelled::default().pointer("/fileUri"), "/fileUri");
    }
}
