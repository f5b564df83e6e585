//! The frame that nearly all are: one more piece of text. As all vendors write it, it is read by its
//! letters; whatever is written in another way is for who reads them all.

use memchr::memchr2;

const BEGIN: &str = "{\"type\":\"content_block_delta\",\"index\":";
const MIDDLE: &str = ",\"delta\":{\"type\":\"text_delta\",\"text\":";

/// Reads the number of the block and the text that is added to it.
pub(super) fn text(data: &str) -> Option<(u64, String)> {
    let data = data.strip_prefix(BEGIN)?;
    let digits = data.bytes().take_while(u8::is_ascii_digit).count();
    let (index, data) = data.split_at_checked(digits)?;
    let data = data.strip_prefix(MIDDLE)?;
    let (quoted, tail) = data.split_at_checked(length(data.as_bytes())?)?;
    // Some pad the end by blanks.
    let mut braces = tail.bytes().filter(|byte| *byte != b' ');
    if !braces.by_ref().eq(*b"}}") {
        return None;
    }
    Some((index.parse().ok()?, serde_json::from_str(quoted).ok()?))
}

/// Returns the length of the JSON text that the bytes begin with, with its quotes.
fn length(bytes: &[u8]) -> Option<usize> {
    let mut end = 1;
    loop {
        let found = end + memchr2(b'"', b'\\', bytes.get(end..)?)?;
        if bytes.get(found) == Some(&b'"') {
            return (bytes.first() == Some(&b'"')).then_some(found + 1);
        }
        // Whatever is escaped ends no text.
        end = found + 2;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn frame(index: u64, text: &str) -> String {
        let delta = json!({ "type": "text_delta", "text": text });
        format!("{BEGIN}{index},\"delta\":{{\"type\":\"text_delta\",\"text\":{}}}}}", delta["text"])
    }

    proptest! {
        #[test]
        fn a_piece_of_text_is_read_as_it_was_written(index: u64, text in any::<String>(), pad in 0..9_usize) {
            let mut data = frame(index, &text);
            data.insert_str(data.len() - 1, &" ".repeat(pad));
            prop_assert_eq!(super::text(&data), Some((index, text)));
        }

        #[test]
        fn nothing_else_is_taken_for_one(text in "[a\"\\\\{}\u{1}é ]{0,12}", at: prop::sample::Index, byte in "[a\"\\\\{}, ]") {
            let mut data = frame(7, "some text, and \"quotes\"");
            let place = at.index(data.len());
            data.insert_str(place, &byte);
            data.push_str(&text);
            let whole = serde_json::from_str::<serde_json::Value>(&data);
            if let Some((index, read)) = super::text(&data) {
                let whole = whole.expect("what is read is JSON");
                prop_assert_eq!(&whole["index"], &json!(index));
                prop_assert_eq!(&whole["delta"], &json!({ "type": "text_delta", "text": read }));
            }
        }
    }
}
