//! What of an upstream's words is compared with patterns, and how case is taken away.

use std::borrow::Cow;

use crate::domain::fold::fold;

/// So many bytes of a body are looked at.
pub const LOOKED_AT: usize = 64 << 10;

/// An upstream's words in the forms they are compared in.
pub(super) struct Words<'a> {
    /// The body as it came, the body without JSON's escapes where it has any, and the sentence that was
    /// found in it.
    forms: Vec<Cow<'a, str>>,
}

impl<'a> Words<'a> {
    pub(super) fn new(body: &'a [u8], message: &'a str) -> Self {
        let body = body.get(..LOOKED_AT).unwrap_or(body);
        let plain = String::from_utf8_lossy(body);
        let unescaped = unescaped(&plain).map(Cow::Owned);
        let message = message.get(..message.floor_char_boundary(LOOKED_AT)).unwrap_or_default();
        let message = Some(Cow::Borrowed(message)).filter(|message| !message.is_empty());
        let mut forms = vec![plain];
        forms.extend(unescaped);
        forms.extend(message);
        Self { forms }
    }

    pub(super) fn forms(&self) -> &[Cow<'a, str>] {
        &self.forms
    }

    /// Returns the forms without case.
    pub(super) fn folded(&self) -> Vec<String> {
        self.forms.iter().map(|form| fold(form)).collect()
    }
}

/// Resolves JSON's escapes wherever they stand: some relays write everything but ASCII as `\uXXXX`.
/// `None` when there is none.
fn unescaped(text: &str) -> Option<String> {
    if !text.contains('\\') {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let (found, length) = escape_at(escape);
        out.push(found);
        rest = escape.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    Some(out)
}

/// Reads the escape that a text begins with; returns its length in bytes as well. One that is none
/// stays a backslash.
fn escape_at(text: &str) -> (char, usize) {
    match text.as_bytes().get(1) {
        Some(b'n' | b'r' | b't' | b'b' | b'f') => (' ', 2),
        Some(b'"') => ('"', 2),
        Some(b'/') => ('/', 2),
        Some(b'\\') => ('\\', 2),
        Some(b'u') => unicode_at(text).unwrap_or(('\\', 1)),
        _ => ('\\', 1),
    }
}

/// Reads `\uXXXX`, or two of them that make one character.
fn unicode_at(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let first = unit(0)?;
    if let Some(found) = char::from_u32(u32::from(first)) {
        return Some((found, 6));
    }
    let found = char::decode_utf16([first, unit(6)?]).next()?.ok()?;
    Some((found, 12))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_are_resolved_wherever_they_stand() {
        let text = r#"{"m":"\u65e0\u53ef\u7528 \"x\" a\/b \ud83d\ude00 \ud83d \q"#;
        let read = unescaped(text).unwrap();
        assert_eq!(read, "{\"m\":\"无可用 \"x\" a/b 😀 \\ud83d \\q");
        assert_eq!(unescaped("plain"), None);
    }

    #[test]
    fn a_body_is_looked_at_in_three_forms_and_no_further_than_its_limit() {
        let body = br#"{"error":{"message":"a\u0062"}}"#;
        let words = Words::new(body, "ab");
        assert_eq!(words.forms().len(), 3);
        let long = vec![b'x'; LOOKED_AT + 9];
        assert_eq!(Words::new(&long, "").forms()[0].len(), LOOKED_AT);
        assert_eq!(Words::new(&[0xff, 0xfe], "").forms().len(), 1, "bytes that are no text");
    }

    proptest! {
        #[test]
        fn a_part_of_a_text_folds_to_a_part_of_its_fold(
            before in "\\PC{0,9}", part in "\\PC{1,9}", after in "\\PC{0,9}",
        ) {
            let whole = fold(&format!("{before}{part}{after}"));
            prop_assert!(whole.contains(&fold(&part)));
        }

        #[test]
        fn whatever_is_written_as_json_is_read_back(text in "[^\\p{Cc}]{0,20}") {
            let escaped: Vec<String> =
                text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            let escaped = escaped.concat();
            prop_assert_eq!(unescaped(&escaped).unwrap_or_default(), text);
        }

        #[test]
        fn no_text_makes_it_fail(text in "[\\\\ud8-9a-f\"]{0,24}") {
            let _ = unescaped(&text);
        }
    }
}
