//! Names that strangers chose, such as a model's, as they can be read: what would turn text around
//! or takes no room is shown by its number. Pure.

use std::borrow::Cow;

/// Returns a text with each character that cannot be seen written as its number, such as `‹U+202E›`.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unseen) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(char) = rest.next() {
        if is_unseen(char) && !joins(before, char, rest.peek().copied()) {
            out += &number(char);
        } else {
            out.push(char);
        }
        before = Some(char);
    }
    Cow::Owned(out)
}

/// Writes a character's number.
fn number(char: char) -> String {
    format!("‹U+{:04X}›", u32::from(char))
}

/// Returns what is put into a sentence: visible, and set apart where it runs from right to left, so
/// that it does not pull the words beside it to its other side.
#[must_use]
pub fn set_apart(text: &str) -> Cow<'_, str> {
    let seen = visible(text);
    if seen.chars().any(runs_left) { Cow::Owned(format!("\u{2068}{seen}\u{2069}")) } else { seen }
}

/// Scripts that are written from right to left.
const fn runs_left(char: char) -> bool {
    matches!(
        char,
        '\u{590}'..='\u{8ff}'
            | '\u{fb1d}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefc}'
            | '\u{10800}'..='\u{10fff}'
            | '\u{1e800}'..='\u{1efff}'
    )
}

/// Returns the beginning of a text, with a mark where it was cut.
#[must_use]
pub fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
    }
}

/// Controls that are no blanks, marks of direction, and what has no width.
const fn is_unseen(char: char) -> bool {
    matches!(
        char,
        '\u{0}'..='\u{8}'
            | '\u{b}'..='\u{c}'
            | '\u{e}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Tells whether a joiner does its work between two characters that are seen: emoji and many scripts
/// are written with them.
fn joins(before: Option<char>, char: char, after: Option<char>) -> bool {
    let is_letter =
        |char: Option<char>| char.is_some_and(|char| !char.is_ascii() && !is_unseen(char));
    matches!(char, '\u{200c}' | '\u{200d}') && is_letter(before) && is_letter(after)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_turns_text_around_or_hides_is_shown_by_its_number() {
        assert_eq!(visible("a\u{202e}b"), "a‹U+202E›b");
        assert_eq!(visible("\u{200b}\u{feff}"), "‹U+200B›‹U+FEFF›");
        assert_eq!(visible("a\nb\u{0}"), "a\nb‹U+0000›");
        assert_eq!(visible("pay\u{200d}pal"), "pay‹U+200D›pal");
    }

    #[test]
    fn names_in_any_script_stay_as_they_are() {
        for name in
            ["claude-opus-4", "模型", "موديل", "👩\u{200d}💻", "می\u{200c}خواهم", "e\u{301}"]
        {
            assert!(matches!(visible(name), Cow::Borrowed(_)) || visible(name) == name, "{name}");
        }
    }

    #[test]
    fn what_runs_from_right_to_left_is_set_apart_in_a_sentence() {
        assert_eq!(set_apart("שלום"), "\u{2068}שלום\u{2069}");
        assert!(matches!(set_apart("claude 模型"), Cow::Borrowed("claude 模型")));
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(shortened("模型abc", 2), "模型…");
        assert_eq!(shortened("ab", 2), "ab");
    }

    proptest! {
        #[test]
        fn nothing_unseen_is_left_but_joiners(text in any::<String>()) {
            let left = |char: char| is_unseen(char) && !matches!(char, '\u{200c}' | '\u{200d}');
            prop_assert!(!visible(&text).chars().any(left));
        }
    }
}
