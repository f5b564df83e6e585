//! Percent-encoding of path segments and query values, without touching what needs none.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Decodes `%xx`; `None` when an escape is broken or the result is not UTF-8. A `+` stays a `+`.
pub fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let byte = if byte == b'%' { hex(bytes.next()?)? << 4 | hex(bytes.next()?)? } else { byte };
        decoded.push(byte);
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

/// Encodes text as one path segment: `/` and everything else with a meaning of its own is escaped.
pub fn encode_segment(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn broken_escapes_are_refused() {
        assert_eq!(decode("a%2"), None);
        assert_eq!(decode("a%+1"), None);
        assert_eq!(decode("%ff"), None);
        assert_eq!(decode("a+b%20c").as_deref(), Some("a+b c"));
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes_to_itself(text in any::<String>()) {
            let encoded = encode_segment(&text);
            prop_assert!(encoded.is_ascii() && !encoded.contains(['/', '?', '#', ':', ' ']));
            prop_assert_eq!(decode(&encoded).unwrap(), text);
        }
    }
}
