//! Text as JSON writes it. Text without a byte to escape, which nearly all is, is copied whole.

use std::fmt;

/// Writes a text in quotes.
pub fn put_text(line: &mut Vec<u8>, value: &str) {
    line.push(b'"');
    put_escaped(line, value.as_bytes());
    line.push(b'"');
}

/// Escapes what passes through it.
pub struct Escaped<'a>(pub &'a mut Vec<u8>);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, value: &str) -> fmt::Result {
        put_escaped(self.0, value.as_bytes());
        Ok(())
    }
}

fn put_escaped(line: &mut Vec<u8>, text: &[u8]) {
    if !needs_escape(text) {
        line.extend_from_slice(text);
        return;
    }
    for &byte in text {
        put_byte(line, byte);
    }
}

fn put_byte(line: &mut Vec<u8>, byte: u8) {
    match byte {
        b'\n' => line.extend_from_slice(b"\\n"),
        b'\t' => line.extend_from_slice(b"\\t"),
        b'\r' => line.extend_from_slice(b"\\r"),
        b'"' | b'\\' => line.extend_from_slice(&[b'\\', byte]),
        0..b' ' => line.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        _ => line.push(byte),
    }
}

/// Tells whether a byte of the text must be escaped, eight bytes at a time.
fn needs_escape(text: &[u8]) -> bool {
    let Some(last) = text.last_chunk::<8>() else {
        return text.iter().any(|byte| matches!(byte, 0..b' ' | b'"' | b'\\'));
    };
    let (words, _) = text.as_chunks::<8>();
    // The last word overlaps the one before: looking twice is cheaper than byte by byte.
    let special = |word: &[u8; 8]| word_needs_escape(u64::from_le_bytes(*word));
    words.iter().any(special) || special(last)
}

/// The tests "has a byte below n" and "has a zero byte" of "Bit Twiddling Hacks" by S. E. Anderson.
const fn word_needs_escape(word: u64) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = ONES << 7;
    const fn below(word: u64, limit: u8) -> u64 {
        word.wrapping_sub(ONES * limit as u64) & !word
    }
    let quote = below(word ^ (ONES * b'"' as u64), 1);
    let backslash = below(word ^ (ONES * b'\\' as u64), 1);
    (below(word, b' ') | quote | backslash) & HIGHS != 0
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn quoted(text: &str) -> String {
        let mut line = Vec::new();
        put_text(&mut line, text);
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn every_byte_is_found_at_every_place() {
        for length in 1..20 {
            for place in 0..length {
                for byte in 0..=u8::MAX {
                    let mut text = vec![b'x'; length];
                    text[place] = byte;
                    let special = byte < b' ' || byte == b'"' || byte == b'\\';
                    assert_eq!(needs_escape(&text), special, "{byte} at {place} of {length}");
                }
            }
        }
    }

    #[test]
    fn controls_have_their_short_or_their_hexadecimal_form() {
        assert_eq!(
            quoted("\n\r\t\"\\\u{1}\u{1f}\u{7f}"),
            "\"\\n\\r\\t\\\"\\\\\\u0001\\u001f\u{7f}\""
        );
        assert_eq!(quoted(""), "\"\"");
    }

    proptest! {
        #[test]
        fn any_text_reads_back_the_same(text in "(?s).{0,40}") {
            prop_assert_eq!(serde_json::from_str::<String>(&quoted(&text)).unwrap(), text);
        }

        #[test]
        fn text_with_much_to_escape_reads_back_the_same(text in "[\u{0}-\u{30}\\\\üx]{0,40}") {
            prop_assert_eq!(serde_json::from_str::<String>(&quoted(&text)).unwrap(), text);
        }

        #[test]
        fn pieces_are_written_as_the_whole(text in "[ -~\n]{0,20}", more in "(?s).{0,20}") {
            let mut line = Vec::new();
            write!(Escaped(&mut line), "{text}{more}").unwrap();
            let whole = quoted(&format!("{text}{more}"));
            prop_assert_eq!(format!("\"{}\"", String::from_utf8(line).unwrap()), whole);
        }
    }
}
