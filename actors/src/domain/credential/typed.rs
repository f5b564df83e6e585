//! A provider's key as it is typed or pasted, and as it can be sent.

use std::borrow::Cow;

use super::is_document;
use crate::domain::dialect::ProviderKind;

/// What marks a key as a bearer token. It is pasted along with keys; at Google it says what a key is.
const MARK: &str = "Bearer";
/// How the keys of Google begin that are no bearer tokens.
const API_KEY: &str = "AIza";
/// Signs that texts are put between, and what ends each.
const QUOTES: [(char, char); 5] =
    [('"', '"'), ('\'', '\''), ('`', '`'), ('\u{201C}', '\u{201D}'), ('\u{2018}', '\u{2019}')];
/// Signs without a width that come along with what is copied.
const INVISIBLE: [char; 2] = ['\u{FEFF}', '\u{200B}'];

/// Returns a key without what is pasted around it and is no part of it: white space, quotes, and the word
/// `Bearer`. A key of Google that is marked with it stays marked, unless it is an API key.
#[must_use]
pub fn cleaned(kind: ProviderKind, typed: &str) -> Cow<'_, str> {
    let (mut key, mut is_marked) = (bare(typed), false);
    while let Some(rest) = without_mark(key).or_else(|| without_quotes(key)) {
        is_marked |= without_mark(key).is_some();
        key = bare(rest);
    }
    let keeps_mark = is_marked && kind.is_google() && !key.is_empty();
    if keeps_mark && !key.starts_with(API_KEY) && !is_document(key) {
        return Cow::Owned(format!("{MARK} {key}"));
    }
    Cow::Borrowed(key)
}

/// Tells whether a text can be the value of a header that lets a request in: it is not blank, and all of it is
/// printable ASCII, but for tabs around it.
#[must_use]
pub fn can_be_sent(text: &str) -> bool {
    let inside = text.trim_matches('\t');
    !inside.trim().is_empty() && inside.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn bare(text: &str) -> &str {
    text.trim_matches(|sign: char| sign.is_whitespace() || INVISIBLE.contains(&sign))
}

fn without_mark(text: &str) -> Option<&str> {
    let (mark, rest) = text.split_at_checked(MARK.len())?;
    let ends = rest.is_empty() || rest.starts_with(char::is_whitespace);
    (ends && mark.eq_ignore_ascii_case(MARK)).then_some(rest)
}

fn without_quotes(text: &str) -> Option<&str> {
    QUOTES.iter().find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_pasted_around_a_key_is_cut() {
        for typed in [
            "sk-abc\n",
            "\r\n\t sk-abc \r\n",
            "Bearer sk-abc",
            "bearer   sk-abc\n",
            "\"sk-abc\"",
            "'Bearer sk-abc'",
            "Bearer \"sk-abc\"",
            "\u{FEFF}\u{201C}sk-abc\u{201D}",
        ] {
            assert_eq!(cleaned(ProviderKind::Claude, typed), "sk-abc", "{typed:?}");
        }
        for blank in ["", " \n", "Bearer", "Bearer \n", "\"\"", "'Bearer '"] {
            assert_eq!(cleaned(ProviderKind::Gemini, blank), "", "{blank:?}");
        }
        for own in ["Bearers-1", "a\nb", "\"", "\"a", "sk-'a'"] {
            assert_eq!(cleaned(ProviderKind::Codex, own), own, "{own:?}");
        }
    }

    #[test]
    fn the_mark_of_a_token_of_google_stays() {
        for (typed, wanted) in [
            ("Bearer other-1\n", "Bearer other-1"),
            ("'bearer\tother-1'", "Bearer other-1"),
            ("Bearer Bearer other-1", "Bearer other-1"),
            ("Bearer AIza1", "AIza1"),
            ("\"ya29.1\n\"", "ya29.1"),
            (" '{\"type\":1}'\n", "{\"type\":1}"),
        ] {
            assert_eq!(cleaned(ProviderKind::GeminiCli, typed), wanted, "{typed:?}");
        }
    }

    #[test]
    fn a_key_with_a_sign_that_no_header_takes_cannot_be_sent() {
        assert!(
            can_be_sent("sk-abc")
                && can_be_sent("Bearer a")
                && can_be_sent("~!")
                && can_be_sent("sk-abc\t")
        );
        for other in ["", "  ", "a\n", "a\u{1}b", "a\tb", "ключ", "a\u{7F}"] {
            assert!(!can_be_sent(other), "{other:?}");
        }
    }

    proptest! {
        /// Cutting once is enough, and the key that is meant is what stays.
        #[test]
        fn the_key_comes_out_of_whatever_is_around_it(
            key in "[a-zA-Z0-9_.-]{7,30}",
            around in proptest::collection::vec(0_usize..4, 0..6),
            google in any::<bool>(),
        ) {
            let mut typed = key.clone();
            for what in around {
                typed = match what {
                    0 => format!("\"{typed}\""),
                    1 => format!("Bearer {typed}"),
                    2 => format!("{typed}\r\n"),
                    _ => format!(" '{typed}'"),
                };
            }
            let kind = if google { ProviderKind::Gemini } else { ProviderKind::Claude };
            let once = cleaned(kind, &typed).into_owned();
            prop_assert_eq!(cleaned(kind, &once).into_owned(), once.as_str());
            prop_assert!(can_be_sent(&once));
            let bare = if google { once.strip_prefix("Bearer ").unwrap_or(&once) } else { &once };
            prop_assert_eq!(bare, key.as_str());
        }
    }
}
