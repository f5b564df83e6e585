//! Hidden state in `encrypted_content`, the one place of this format that a client sends back. What is
//! not `OpenAI`'s own carries a mark of ours, so that it is known again: whose it is and where it sat.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::hub::{Family, Seal};
use super::super::seal::{MARK, family_of};

/// Where a seal sits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// On thinking that the client was shown.
    Thinking,
    /// On thinking that it was not: the seal is worth nothing without this text.
    Hidden(String),
    /// In place of thinking.
    Redacted,
    /// On the call before it.
    Call,
    /// On the text before it.
    Text,
}

const FAMILIES: [(&str, Family); 4] =
    [("a", Family::Anthropic), ("o", Family::OpenAi), ("g", Family::Google), ("x", Family::Other)];

/// Returns the blob as it goes to the client.
pub(super) fn blob(seal: &Seal, slot: &Slot) -> String {
    let own = seal.family == Family::OpenAi;
    let (slot, text) = match slot {
        // `OpenAI` reads its own thinking out of the blob.
        Slot::Thinking | Slot::Hidden(_) if own => return seal.blob.clone(),
        Slot::Thinking => ("t", ""),
        Slot::Hidden(text) => ("h", text.as_str()),
        Slot::Redacted => ("r", ""),
        Slot::Call => ("c", ""),
        Slot::Text => ("s", ""),
    };
    let family = FAMILIES.iter().find(|(_, one)| *one == seal.family).map_or("x", |one| one.0);
    format!("{MARK}{family}.{slot}.{}.{}", STANDARD.encode(text), seal.blob)
}

/// Returns what stands in the place of a blob on thinking that nobody sealed: our mark, and nothing behind it.
/// `OpenAI` refuses an item that it has not made, and nothing else of it says who did.
pub(super) fn unsealed() -> String {
    blob(&Seal { family: Family::Other, blob: String::new() }, &Slot::Thinking)
}

/// Reads a blob that a client sends back; without a seal if nobody sealed it. What nobody knows is foreign
/// to all.
pub(super) fn read(blob: &str) -> (Option<Seal>, Slot) {
    let (seal, slot) = marked(blob).unwrap_or_else(|| {
        (Seal { family: family_of(blob), blob: blob.to_owned() }, Slot::Thinking)
    });
    (Some(seal).filter(|seal| !seal.blob.is_empty()), slot)
}

fn marked(blob: &str) -> Option<(Seal, Slot)> {
    let mut pieces = blob.strip_prefix(MARK)?.splitn(4, '.');
    let (family, slot, text) = (pieces.next()?, pieces.next()?, pieces.next()?);
    let family = FAMILIES.iter().find(|(word, _)| *word == family)?.1;
    let slot = match slot {
        "t" => Slot::Thinking,
        "h" => Slot::Hidden(String::from_utf8(STANDARD.decode(text).ok()?).ok()?),
        "r" => Slot::Redacted,
        "c" => Slot::Call,
        "s" => Slot::Text,
        _ => return None,
    };
    Some((Seal { family, blob: pieces.next()?.to_owned() }, slot))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_seal_comes_back_to_its_family_and_place() {
        let hidden = Slot::Hidden("so. Und \u{fc}ber\n".to_owned());
        for family in [Family::Anthropic, Family::Google, Family::Other] {
            for slot in [Slot::Thinking, hidden.clone(), Slot::Redacted, Slot::Call, Slot::Text] {
                let seal = Seal { family, blob: "gAAAAc2.ln==".to_owned() };
                assert_eq!(read(&blob(&seal, &slot)), (Some(seal), slot));
            }
        }
    }

    #[test]
    fn a_blob_of_openai_stays_as_it_is_and_an_unknown_one_is_foreign() {
        let seal = Seal { family: Family::OpenAi, blob: "gAAAAB".to_owned() };
        assert_eq!(blob(&seal, &Slot::Thinking), "gAAAAB");
        assert_eq!(blob(&seal, &Slot::Hidden("so".to_owned())), "gAAAAB");
        assert_eq!(read("gAAAAB"), (Some(seal), Slot::Thinking));
        for unknown in ["EqQBCg", "sy1.", "sy1.q.t..x", "sy1.a", "sy1.a.h.!.x"] {
            let family = read(unknown).0.map(|seal| seal.family);
            assert_eq!(family, Some(Family::Other), "{unknown}");
        }
    }

    #[test]
    fn what_nobody_sealed_bears_the_mark_and_comes_back_without_a_seal() {
        assert_eq!(unsealed(), "sy1.x.t..");
        assert_eq!(read(&unsealed()), (None, Slot::Thinking));
    }
}
