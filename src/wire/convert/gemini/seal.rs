//! Signatures: whose they are, and what stands for one that is missing.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::super::hub::{Family, Seal};

/// What Google documents for calls of a history that it did not see: without a signature the newest
/// models refuse the first call of each step.
pub(super) const PLACEHOLDER: &str = "skip_thought_signature_validator";
/// Placeholders that clients send, in base64 too. They seal nothing.
const PLACEHOLDERS: [&str; 4] = [
    PLACEHOLDER,
    "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=",
    "context_engineering_is_the_way_to_go",
    "Y29udGV4dF9lbmdpbmVlcmluZ19pc190aGVfd2F5X3RvX2dv",
];

/// Returns whose a blob is, by its shape. Google's have none that is sure, so what is base64 and nobody
/// else's is Google's: nothing else is ever given to a client of this format.
#[must_use]
pub fn family_of(blob: &str) -> Family {
    // OpenAI's are Fernet tokens, which begin with a version and zeros of a time.
    if blob.starts_with("gAAAA") {
        return Family::OpenAi;
    }
    match bytes(blob) {
        Some(bytes) if is_anthropic(&bytes) => Family::Anthropic,
        Some(_) => Family::Google,
        None => Family::Other,
    }
}

/// Google's libraries write either alphabet.
fn bytes(blob: &str) -> Option<Vec<u8>> {
    let plain = blob.trim_end_matches('=');
    let bytes = STANDARD_NO_PAD.decode(plain).or_else(|_| URL_SAFE_NO_PAD.decode(plain));
    bytes.ok().filter(|bytes| !bytes.is_empty())
}

/// Anthropic's are a message whose field 2 holds one whose field 1 holds one that begins with a number
/// in field 1. Google's may begin alike, but not so deep.
fn is_anthropic(bytes: &[u8]) -> bool {
    let inner = |bytes, tag| field(bytes, tag);
    let channel = inner(bytes, 0x12).and_then(|bytes| inner(bytes, 0x0a));
    channel.is_some_and(|bytes| bytes.first() == Some(&0x08))
}

/// Returns what stands behind a tag and a length.
fn field(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(&[tag])?;
    let length = rest.iter().position(|byte| byte & 0x80 == 0)?;
    rest.get(length.checked_add(1)?..)
}

/// Reads a signature that a client sends back.
pub(super) fn of_client(blob: String) -> Option<Seal> {
    if blob.is_empty() || PLACEHOLDERS.contains(&blob.as_str()) {
        return None;
    }
    let family = family_of(&blob);
    // Google's libraries read it to bytes and write it anew; Anthropic compares what it gave.
    let blob = match bytes(&blob) {
        Some(bytes) if family == Family::Anthropic => STANDARD.encode(bytes),
        _ => blob,
    };
    Some(Seal { family, blob })
}

/// Returns the signature that a client is given to send back: Google's, and what is known again.
pub(super) fn shown(seal: &Seal) -> Option<String> {
    let is_known = seal.family == Family::Google || family_of(&seal.blob) == seal.family;
    (is_known && seal.family != Family::Other).then(|| seal.blob.clone())
}

/// Returns the blob of Google's own seal.
pub(super) fn own(seal: Option<Seal>) -> Option<String> {
    seal.filter(|seal| seal.family == Family::Google).map(|seal| seal.blob)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_known_by_its_shape() {
        assert_eq!(family_of("gAAAAABo1x"), Family::OpenAi);
        // 12 0a | 0a 08 | 08 0b 18 02 ...
        assert_eq!(family_of("EgoKCAgLGAIiAggB"), Family::Anthropic);
        // 12 aa 07 | 0a a7 07 | 01 d1 ed
        assert_eq!(family_of("EqoHCqcHAdHtim8="), Family::Google);
        assert_eq!(family_of("CsYBAXLI2nw"), Family::Google);
        assert_eq!(family_of("not a blob!"), Family::Other);
        assert_eq!(family_of(""), Family::Other);
    }

    #[test]
    fn a_seal_comes_back_as_it_was_given() {
        let (given, sent) = ("EgsKCQgLGAIiA/8IAg==", "EgsKCQgLGAIiA_8IAg");
        let seal = Seal { family: Family::Anthropic, blob: given.to_owned() };
        assert_eq!(of_client(sent.to_owned()), Some(seal));
    }

    #[test]
    fn what_would_not_be_known_again_is_not_given() {
        let seal = |family, blob: &str| Seal { family, blob: blob.to_owned() };
        for (seal, is_shown) in [
            (seal(Family::Google, "any"), true),
            (seal(Family::OpenAi, "gAAAAB"), true),
            (seal(Family::Anthropic, "EgoKCAgLGAIiAggB"), true),
            (seal(Family::Anthropic, "c2ln"), false),
            (seal(Family::Other, "c2ln"), false),
            (seal(Family::Other, "not a blob!"), false),
        ] {
            assert_eq!(shown(&seal).is_some(), is_shown, "{seal:?}");
        }
    }

    #[test]
    fn a_placeholder_is_no_seal() {
        for placeholder in PLACEHOLDERS {
            assert_eq!(of_client(placeholder.to_owned()), None);
        }
        assert!(of_client("c2ln".to_owned()).is_some());
    }
}
