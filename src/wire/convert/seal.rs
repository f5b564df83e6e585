//! Whose hidden state a blob is. A client gives back what it was given, without a word about where that
//! came from. The shapes of the great families differ enough to tell them apart; what cannot be told
//! by its shape is marked on its way to the client. A blob of no known shape is nobody's.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::hub::{Family, Seal};

/// What begins a blob that is marked. What follows says whose it is, in the words of the format that
/// carries it.
pub(in crate::wire) const MARK: &str = "sy1.";
/// Whose it is, by the letter behind the mark.
const FAMILIES: [(&str, Family); 3] =
    [("o.", Family::OpenAi), ("g.", Family::Google), ("x.", Family::Other)];

/// Returns a seal's blob as a client of Anthropic's format carries it. That of its own family is never
/// changed: it may come to its provider by the straight way, too.
#[must_use]
pub fn carried(seal: &Seal) -> Cow<'_, str> {
    let shape = || family_of(&seal.blob);
    // Without a mark it would be taken for Anthropic's of a shape that is not known yet.
    let is_told = seal.family != Family::Other && shape() == seal.family;
    let known = seal.family == Family::Anthropic || is_told;
    let letter = FAMILIES.iter().find(|(_, family)| *family == seal.family);
    match letter {
        Some((letter, _)) if !known => Cow::Owned(format!("{MARK}{letter}{}", seal.blob)),
        _ => Cow::Borrowed(&seal.blob),
    }
}

/// Makes a seal of a blob whose origin is not known; `None` of an empty one.
#[must_use]
pub fn of_blob(blob: &str) -> Option<Seal> {
    let marked = blob.strip_prefix(MARK).and_then(|rest| {
        let letter =
            |(letter, family): &(&str, Family)| Some((*family, rest.strip_prefix(letter)?));
        FAMILIES.iter().find_map(letter)
    });
    let (family, blob) = marked.unwrap_or_else(|| (family_of(blob), blob));
    (!blob.is_empty()).then(|| Seal { family, blob: blob.to_owned() })
}

/// Tells whether a blob is certainly not Anthropic's: it is marked, or has the shape of another
/// family's.
#[must_use]
pub fn is_not_anthropics(blob: &str) -> bool {
    let is_others = || matches!(family_of(blob), Family::OpenAi | Family::Google);
    is_marked(blob) || is_others()
}

/// Tells whether a blob bears a mark of ours: no vendor knows it as its own.
#[must_use]
pub fn is_marked(blob: &str) -> bool {
    blob.starts_with(MARK)
}

/// Tells whose a blob without a mark is, by its shape. Where that leaves a doubt it is nobody's: a
/// family refuses what is not its own, and misses nothing that it cannot read.
#[must_use]
pub fn family_of(blob: &str) -> Family {
    if is_openai(blob) {
        return Family::OpenAi;
    }
    let Some(bytes) = decoded(blob) else { return Family::Other };
    // Anthropic's shape is the stricter one, and both may begin alike.
    if is_anthropic(&bytes) || decoded_again(&bytes).is_some_and(|inner| is_anthropic(&inner)) {
        return Family::Anthropic;
    }
    if is_google(&bytes) { Family::Google } else { Family::Other }
}

/// Fernet tokens: version 0x80 and the zeros of a time, in base64 for addresses.
fn is_openai(blob: &str) -> bool {
    let is_in = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    blob.starts_with("gAAAA") && blob.trim_end_matches('=').bytes().all(is_in)
}

fn decoded(blob: &str) -> Option<Vec<u8>> {
    STANDARD.decode(blob).or_else(|_| STANDARD_NO_PAD.decode(blob)).ok()
}

/// Some channels wrap Anthropic's signatures in base64 once more.
fn decoded_again(bytes: &[u8]) -> Option<Vec<u8>> {
    decoded(std::str::from_utf8(bytes).ok()?)
}

/// A version may come first; then field 2 with field 1 in it, whose own fields begin with a number.
fn is_anthropic(bytes: &[u8]) -> bool {
    let Some(fields) = fields(bytes) else { return false };
    let container = fields.iter().find(|field| field.number == 2).and_then(|field| field.bytes);
    let version = fields.first().is_some_and(|first| first.number == 1 && first.bytes.is_none());
    let place = fields.iter().position(|field| field.number == 2);
    let Some(container) = container.filter(|_| place == Some(usize::from(version))) else {
        return false;
    };
    let Some(first) = self::fields(container).and_then(|inner| inner.into_iter().next()) else {
        return false;
    };
    let Field { number: 1, bytes: Some(block) } = first else { return false };
    let block = self::fields(block).unwrap_or_default();
    matches!(block.first(), Some(Field { number: 1 | 3, bytes: None }))
}

/// Field 1 over and over, or field 2 with field 1 in it; what is in that says nothing.
fn is_google(bytes: &[u8]) -> bool {
    let Some(fields) = fields(bytes) else { return false };
    let is_record = |field: &Field<'_>| field.number == 1 && field.bytes.is_some();
    match fields.as_slice() {
        [Field { number: 2, bytes: Some(inner) }] => self::fields(inner)
            .is_some_and(|inner| matches!(inner.as_slice(), [one] if is_record(one))),
        fields => !fields.is_empty() && fields.iter().all(is_record),
    }
}

/// A field of a protobuf message: its number, and its bytes when it has such.
struct Field<'a> {
    number: u64,
    bytes: Option<&'a [u8]>,
}

/// Fields of one message, at most: signatures have fewer than a dozen, Gemini's repeat.
const MOST_FIELDS: usize = 4_096;

/// Reads a protobuf message to its end; `None` when it is none.
fn fields(mut rest: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    while !rest.is_empty() && fields.len() < MOST_FIELDS {
        let key = varint(&mut rest)?;
        let number = key >> 3;
        let bytes = match key & 7 {
            0 => varint(&mut rest).map(|_| None)?,
            1 => take(&mut rest, 8).map(|_| None)?,
            2 => {
                let length = varint(&mut rest)?;
                Some(take(&mut rest, usize::try_from(length).ok()?)?)
            }
            5 => take(&mut rest, 4).map(|_| None)?,
            _ => return None,
        };
        if number == 0 {
            return None;
        }
        fields.push(Field { number, bytes });
    }
    Some(fields)
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (first, behind) = rest.split_first()?;
        *rest = behind;
        value |= u64::from(first & 0x7f).checked_shl(shift)?;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn blob(bytes: &[u8]) -> String {
        STANDARD.encode(bytes)
    }

    #[test]
    fn each_family_is_known_by_its_shape() {
        // Field 2 { field 1 { field 1 = 11, field 3 = 2 } }.
        let classic = [0x12, 0x06, 0x0a, 0x04, 0x08, 0x0b, 0x18, 0x02];
        let versioned = [&[0x08, 0x02][..], &classic[..]].concat();
        let redacted = [0x12, 0x04, 0x0a, 0x02, 0x18, 0x01];
        for bytes in [&classic[..], &versioned[..], &redacted[..]] {
            assert_eq!(family_of(&blob(bytes)), Family::Anthropic, "{bytes:?}");
            assert_eq!(family_of(&blob(blob(bytes).as_bytes())), Family::Anthropic, "wrapped");
        }
        let google_3 = [0x12, 0x05, 0x0a, 0x03, 0x01, 0xd1, 0xed];
        let google_2 = [0x0a, 0x02, 0x01, 0xff, 0x0a, 0x01, 0x00];
        for bytes in [&google_3[..], &google_2[..]] {
            assert_eq!(family_of(&blob(bytes)), Family::Google, "{bytes:?}");
        }
        assert_eq!(family_of("gAAAAABo-x_1=="), Family::OpenAi);
        for unknown in ["c2ln", "sig", "not base64!", "f00d-f00d", "gAAAA and more"] {
            assert_eq!(family_of(unknown), Family::Other, "{unknown}");
        }
        assert_eq!(of_blob(""), None);
    }

    #[test]
    fn what_its_shape_does_not_tell_is_marked_and_comes_back() {
        let seal = |family, blob: &str| Seal { family, blob: blob.to_owned() };
        for (seal, wanted) in [
            (seal(Family::Anthropic, "c2ln"), "c2ln"),
            (seal(Family::OpenAi, "gAAAAABo"), "gAAAAABo"),
            (seal(Family::OpenAi, "c2ln"), "sy1.o.c2ln"),
            (seal(Family::Google, "c2ln"), "sy1.g.c2ln"),
            (seal(Family::Other, "c2ln"), "sy1.x.c2ln"),
            (seal(Family::Other, "gAAAAABo"), "sy1.x.gAAAAABo"),
        ] {
            assert_eq!(carried(&seal), wanted);
            if seal.family != Family::Anthropic {
                assert_eq!(of_blob(wanted), Some(seal));
            }
        }
        assert_eq!(of_blob("sy1.o."), None);
    }

    proptest! {
        #[test]
        fn any_blob_has_a_family(bytes in prop::collection::vec(any::<u8>(), 0..80), text in ".{0,40}") {
            let known = [family_of(&blob(&bytes)), family_of(&text)];
            prop_assert_eq!(known, [family_of(&blob(&bytes)), family_of(&text)]);
        }
    }
}
