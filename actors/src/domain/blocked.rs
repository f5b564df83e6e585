//! The note of a row whose request was answered here, on purpose, without asking a provider.

/// What all such notes begin with.
const PREFIX: &str = "blocked:";

/// Blocked by a word that may not be sent; the reason is a JSON object.
pub const SENSITIVE_WORD: &str = "sensitive_word";

/// Writes the note: what blocked the request, in one word, and why.
#[must_use]
pub fn note(by: &str, reason: &str) -> String {
    format!("{PREFIX}{by}:{reason}")
}

/// Reads a note back; `None` for every other one.
#[must_use]
pub fn read_note(note: &str) -> Option<(&str, &str)> {
    note.strip_prefix(PREFIX)?.split_once(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_back() {
        let written = note(SENSITIVE_WORD, r#"{"word":"a:b"}"#);
        assert_eq!(read_note(&written), Some((SENSITIVE_WORD, r#"{"word":"a:b"}"#)));
        assert_eq!(read_note("gate: slow"), None);
    }
}
