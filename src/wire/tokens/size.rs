//! How large a picture is, and how many pages a PDF has, read off their first bytes.

/// Returns width and height in pixels: PNG, GIF, WebP and JPEG.
pub(super) fn of(bytes: &[u8]) -> Option<(u32, u32)> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some((be32(bytes, 16)?, be32(bytes, 20)?));
    }
    if bytes.starts_with(b"GIF8") {
        return Some((le16(bytes, 6)?, le16(bytes, 8)?));
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12)? == b"WEBP" {
        return webp(bytes);
    }
    if bytes.starts_with(b"\xff\xd8") { jpeg(bytes) } else { None }
}

/// Counts the pages of a PDF; 0 when they are packed away.
pub(super) fn pages(bytes: &[u8]) -> u64 {
    let mut single = 0;
    let mut told = 0;
    for at in slashes(bytes) {
        let rest = bytes.get(at..).unwrap_or_default();
        if let Some(kind) = rest.strip_prefix(b"/Type") {
            let kind = kind.trim_ascii_start();
            single += u64::from(kind.starts_with(b"/Page") && !kind.starts_with(b"/Pages"));
        } else if let Some(count) = rest.strip_prefix(b"/Count") {
            told = told.max(number(count.trim_ascii_start()));
        }
    }
    single.max(told)
}

fn slashes(bytes: &[u8]) -> impl Iterator<Item = usize> {
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(at, _)| at)
}

fn number(text: &[u8]) -> u64 {
    let digits = text.iter().take(7).take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'))
}

/// The three forms of WebP.
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    match bytes.get(12..16)? {
        b"VP8 " => Some((le16(bytes, 26)? & 0x3fff, le16(bytes, 28)? & 0x3fff)),
        b"VP8L" => {
            let bits = le16(bytes, 21)? | le16(bytes, 23)? << 16;
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8X" => Some((le24(bytes, 24)? + 1, le24(bytes, 27)? + 1)),
        _ => None,
    }
}

/// Walks the segments to the one that says the size.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        match marker {
            // Filling, and marks without a length.
            0xff => at += 1,
            0x01 | 0xd0..=0xd8 => at += 2,
            // The start of a frame; the three between mean something else.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                return Some((be16(bytes, at + 7)?, be16(bytes, at + 5)?));
            }
            _ => at += 2 + usize::try_from(be16(bytes, at + 2)?).ok()?,
        }
    }
}

fn byte(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at).copied().map(u32::from)
}

fn be16(bytes: &[u8], at: usize) -> Option<u32> {
    Some(byte(bytes, at)? << 8 | byte(bytes, at + 1)?)
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(be16(bytes, at)? << 16 | be16(bytes, at + 2)?)
}

fn le16(bytes: &[u8], at: usize) -> Option<u32> {
    Some(byte(bytes, at)? | byte(bytes, at + 1)? << 8)
}

fn le24(bytes: &[u8], at: usize) -> Option<u32> {
    Some(le16(bytes, at)? | byte(bytes, at + 2)? << 16)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_size_is_where_each_form_has_it() {
        let jpeg = b"\xff\xd8\xff\xe0\0\x04xy\xff\xc0\0\x11\x08\x01\x02\x03\x04".as_slice();
        assert_eq!(of(jpeg), Some((0x304, 0x102)));
        assert_eq!(of(b"GIF89a\x10\0\x20\0"), Some((16, 32)));
        let mut webp = b"RIFF....WEBPVP8X".to_vec();
        webp.extend([0; 8]);
        webp.extend([99, 0, 0, 49, 0, 0]);
        assert_eq!(of(&webp), Some((100, 50)));
        assert_eq!(of(b"BM"), None);
    }

    proptest! {
        /// Nothing that a client sends makes it stumble, nor go on for ever.
        #[test]
        fn any_bytes_are_read_to_their_end(head in 0_usize..4, mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let magic: [&[u8]; 4] =
                [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF....WEBPVP8L", b"GIF8"];
            bytes.splice(0..0, magic[head].iter().copied());
            let _ = of(&bytes);
            let _ = pages(&bytes);
        }
    }
}
