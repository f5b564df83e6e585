//! Tells how far a string's bytes need no closer look: ASCII but quotes, backslashes and controls.

const WORD: usize = size_of::<u64>();
/// Told apart at once in a long run.
const BLOCK: usize = 4 * WORD;

const ONES: u64 = u64::from_ne_bytes([0x01; WORD]);
/// Turns a quote into a blank, and leaves the controls below it.
const QUOTE_TO_BLANK: u64 = u64::from_ne_bytes([b'"' ^ b' '; WORD]);
const BEHIND_BLANKS: u64 = u64::from_ne_bytes([b' ' + 1; WORD]);
const SLASHES: u64 = u64::from_ne_bytes([b'\\'; WORD]);
const TOP_BITS: u64 = u64::from_ne_bytes([0x80; WORD]);

/// Returns how many bytes at the beginning are plain.
#[inline]
pub(super) fn plain_len(bytes: &[u8]) -> usize {
    // Most runs end in their first word: keys, names, code between two escapes.
    let Some((word, rest)) = bytes.split_first_chunk() else { return plain_in_tail(bytes) };
    let special = special_bits(u64::from_le_bytes(*word));
    if special != 0 {
        return special.trailing_zeros() as usize / 8;
    }
    WORD + long_plain_len(rest)
}

#[inline(never)]
fn long_plain_len(bytes: &[u8]) -> usize {
    // Words first: a line of text is not worth a block.
    let near = bytes.get(..BLOCK).unwrap_or(bytes);
    let len = plain_in_words(near);
    if len < near.len() {
        return len;
    }
    let far = bytes.get(len..).unwrap_or_default();
    let blocks = far.as_chunks::<BLOCK>().0.iter().take_while(|block| is_plain(block)).count();
    len + blocks * BLOCK + plain_in_words(far.get(blocks * BLOCK..).unwrap_or_default())
}

fn plain_in_words(bytes: &[u8]) -> usize {
    let (words, tail) = bytes.as_chunks::<WORD>();
    let mut len = 0;
    for word in words {
        let special = special_bits(u64::from_le_bytes(*word));
        if special != 0 {
            return len + special.trailing_zeros() as usize / 8;
        }
        len += WORD;
    }
    len + plain_in_tail(tail)
}

fn plain_in_tail(bytes: &[u8]) -> usize {
    let is_plain = |byte: u8| matches!(byte, b' '..0x80) && !matches!(byte, b'"' | b'\\');
    bytes.iter().take_while(|byte| is_plain(**byte)).count()
}

/// Sets the top bit of each byte that is not plain. A borrow may set bits above the lowest one that
/// is set, never below it: only the lowest may be relied on.
const fn special_bits(word: u64) -> u64 {
    let controls_and_quotes = (word ^ QUOTE_TO_BLANK).wrapping_sub(BEHIND_BLANKS);
    let slashes = (word ^ SLASHES).wrapping_sub(ONES);
    (word | controls_and_quotes | slashes) & TOP_BITS
}

fn is_plain(block: &[u8; BLOCK]) -> bool {
    let words = block.as_chunks::<WORD>().0;
    words.iter().fold(0, |bits, word| bits | special_bits(u64::from_le_bytes(*word))) == 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one_by_one(bytes: &[u8]) -> usize {
        let is_special = |byte: &u8| matches!(byte, 0..0x20 | b'"' | b'\\' | 0x80..);
        bytes.iter().position(is_special).unwrap_or(bytes.len())
    }

    #[test]
    fn every_byte_is_told_apart_wherever_it_stands() {
        for byte in 0..=u8::MAX {
            for at in 0..100 {
                let mut bytes = [b'a'; 100];
                bytes[at] = byte;
                assert_eq!(plain_len(&bytes), one_by_one(&bytes), "{byte} at {at}");
            }
        }
    }

    proptest! {
        #[test]
        fn the_fast_way_is_the_way_byte_by_byte(
            plain in "[ -~]{0,80}",
            bytes in prop::collection::vec(
                prop_oneof![20 => 0x20..0x7f_u8, 1 => any::<u8>()], 0..200),
        ) {
            let bytes = [plain.as_bytes(), &bytes].concat();
            prop_assert_eq!(plain_len(&bytes), one_by_one(&bytes));
        }
    }
}
