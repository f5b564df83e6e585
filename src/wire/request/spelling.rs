//! Keys that are written in another way than their interface writes them.
//!
//! Go's `encoding/json` knows a key by its letters, small or capital, and takes the last of two: a relay
//! behind us that is written so would read `"Model"` where our lists have read `"model"`.

use std::borrow::Cow;

/// The keys at the top of a body, or of an envelope, that say what it asks for.
const KNOWN: [&str; 25] = [
    "model",
    "messages",
    "input",
    "system",
    "instructions",
    "prompt",
    "contents",
    "systemInstruction",
    "system_instruction",
    "generationConfig",
    "generation_config",
    "request",
    "requests",
    "stream",
    "stream_options",
    "max_tokens",
    "max_completion_tokens",
    "max_output_tokens",
    "n",
    "tools",
    "metadata",
    "service_tier",
    "prompt_cache_key",
    "previous_response_id",
    "conversation",
];

/// Returns a key in small letters, as who does not tell them from capitals compares it (Unicode's simple
/// folding has two letters that become ASCII).
pub(super) fn folded(key: &str) -> Cow<'_, str> {
    if key.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(key);
    }
    let fold = |letter: char| match letter {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    };
    Cow::Owned(key.chars().map(fold).collect())
}

/// Returns how a key that we know is written, where this one is written otherwise.
pub(super) fn other_than(key: &str) -> Option<&'static str> {
    let folded = folded(key);
    let known = KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(&folded));
    known.filter(|known| *known != key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_other_letters_is_known() {
        for (key, known) in [
            ("Model", Some("model")),
            ("MESSAGES", Some("messages")),
            ("me\u{17f}\u{17f}ages", Some("messages")),
            ("max_to\u{212a}ens", Some("max_tokens")),
            ("generationconfig", Some("generationConfig")),
            ("model", None),
            ("generationConfig", None),
            ("safetySettings", None),
            ("mod\u{e9}l", None),
            ("", None),
        ] {
            assert_eq!(other_than(key), known, "{key}");
        }
        assert!(matches!(folded("safety_settings"), Cow::Borrowed(_)));
        assert_eq!(folded("Too\u{212a}\u{17f}\u{c4}"), "tooks\u{c4}");
    }
}
