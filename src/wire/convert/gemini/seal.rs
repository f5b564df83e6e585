//! Signatures: whose they are, and what stands for one that is missing.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::super::hub::{Family, Seal};
use super::super::seal::{family_of, is_marked};

/// What Google documents for calls of a history that it did not see: without a signature the newest
/// models refuse the first call of each step.
pub(in crate::wire) const PLACEHOLDER: &str = "skip_thought_signature_validator";
/// Placeholders that clients send, in base64 too. They seal nothing.
const PLACEHOLDERS: [&str; 4] = [
    PLACEHOLDER,
    "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=",
    "context_engineering_is_the_way_to_go",
    "Y29udGV4dF9lbmdpbmVlcmluZ19pc190aGVfd2F5X3RvX2dv",
];

/// Google's libraries write either alphabet.
fn bytes(blob: &str) -> Option<Vec<u8>> {
    let plain = blob.trim_end_matches('=');
    let bytes = STANDARD_NO_PAD.decode(plain).or_else(|_| URL_SAFE_NO_PAD.decode(plain));
    bytes.ok().filter(|bytes| !bytes.is_empty())
}

/// Reads a signature that a client sends back.
pub(super) fn of_client(blob: String) -> Option<Seal> {
    if blob.is_empty() || PLACEHOLDERS.contains(&blob.as_str()) {
        return None;
    }
    let family = family_of(&blob);
    if family != Family::Other {
        return Some(Seal { family, blob });
    }
    // Google's libraries read it to bytes and write it anew; Anthropic compares what it gave.
    let Some(given) = bytes(&blob).map(|bytes| STANDARD.encode(bytes)) else {
        return Some(Seal { family, blob });
    };
    match family_of(&given) {
        Family::Anthropic => Some(Seal { family: Family::Anthropic, blob: given }),
        // Google's have no shape that is sure, and another family's is never given to a client of this
        // format unless it is known again.
        _ => Some(Seal { family: Family::Google, blob }),
    }
}

/// Returns the signature that a client is given to send back: Google's, and what is known again.
pub(super) fn shown(seal: &Seal) -> Option<String> {
    let is_known = seal.family == Family::Google || family_of(&seal.blob) == seal.family;
    (is_known && seal.family != Family::Other).then(|| seal.blob.clone())
}

/// Tells whether a blob is certainly not Google's: it is marked, or has the shape of another family's.
#[must_use]
pub fn is_not_googles(blob: &str) -> bool {
    let seal = || of_client(blob.to_owned());
    let is_others = |seal: Seal| matches!(seal.family, Family::Anthropic | Family::OpenAi);
    is_marked(blob) || seal().is_some_and(is_others)
}

/// Returns the blob of Google's own seal.
pub(super) fn own(seal: Option<Seal>) -> Option<String> {
    seal.filter(|seal| seal.family == Family::Google).map(|seal| seal.blob)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_known_in_either_alphabet_and_without_its_end() {
        let family = |blob: &str| of_client(blob.to_owned()).unwrap().family;
        assert_eq!(family("gAAAAABo1x"), Family::OpenAi);
        // 12 0a | 0a 08 | 08 0b 18 02 ...
        assert_eq!(family("EgoKCAgLGAIiAggB"), Family::Anthropic);
        // 12 07 | 0a 05 | 01 d1 ed ff fe
        assert_eq!(family("EgcKBQHR7f_-"), Family::Google);
        assert_eq!(family("not a blob!"), Family::Other);
        assert_eq!(family("CsYBAXLI2nw"), Family::Google, "of no shape, and given to this client");
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
