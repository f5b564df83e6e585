//! The key that encrypts stored credentials, as people write it down.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

/// Reads 32 bytes from 64 hex digits or from base64 of any common alphabet.
#[must_use]
pub fn read(text: &str) -> Option<[u8; 32]> {
    let text = text.trim();
    if text.len() == 64 {
        return hex::decode(text).ok()?.try_into().ok();
    }
    [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD]
        .iter()
        .find_map(|alphabet| alphabet.decode(text).ok())
        .and_then(|bytes| bytes.try_into().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_and_base64_give_the_same_key() {
        let bytes = [0xFB_u8; 32];
        for text in [hex::encode(bytes), STANDARD.encode(bytes), URL_SAFE_NO_PAD.encode(bytes)] {
            assert_eq!(read(&text), Some(bytes), "{text}");
        }
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        for text in ["", "abc", &hex::encode([1_u8; 16]), &STANDARD.encode([1_u8; 31])] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
