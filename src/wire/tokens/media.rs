//! What pictures and files weigh: by their size where it can be read off, else by a flat rule.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::size;

/// Pixels of a picture that make one token.
const PIXELS: u64 = 750;
/// A picture is made smaller until its longer edge has so many pixels.
const LONGEST_EDGE: u64 = 1_568;
/// No picture has more tokens.
const MOST_OF_PICTURE: u64 = 1_600;
/// A picture, recording or film whose size nobody knows.
const UNKNOWN: u64 = 1_500;
/// One page of a PDF: its text and its picture.
const PAGE: u64 = 2_000;
/// No vendor takes more pages.
const MOST_PAGES: u64 = 100;
/// So much of a picture, in base64, has its size in it: what cameras write in front is no longer.
const HEAD: usize = 128 << 10;

/// Some clients leave the padding out.
const LAX: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Returns the tokens of a file in base64.
pub(super) fn tokens(mime: &str, data: &str) -> u64 {
    if mime.starts_with("image/") {
        return picture(data);
    }
    if mime.starts_with("application/pdf") {
        return pdf(data);
    }
    if mime.starts_with("text/") || mime.starts_with("application/json") {
        // Four characters of base64 are three bytes, and four of those a token.
        return as_u64(data.len()) * 3 / 16;
    }
    UNKNOWN
}

/// Returns the tokens of a file that lies elsewhere.
pub(super) const fn elsewhere() -> u64 {
    UNKNOWN
}

/// Takes a `data:` address apart: its type and its base64.
pub(super) fn data_url(url: &str) -> Option<(&str, &str)> {
    let (head, data) = url.strip_prefix("data:")?.split_once(',')?;
    Some((head.strip_suffix(";base64")?.split(';').next().unwrap_or_default(), data))
}

fn picture(data: &str) -> u64 {
    let head = data.get(..HEAD).unwrap_or(data);
    let Some((width, height)) = decode(head).and_then(|bytes| size::of(&bytes)) else {
        return UNKNOWN;
    };
    of_size(u64::from(width), u64::from(height))
}

fn of_size(width: u64, height: u64) -> u64 {
    let longer = width.max(height);
    let area = width * height;
    let shown = if longer > LONGEST_EDGE {
        area * LONGEST_EDGE / longer * LONGEST_EDGE / longer
    } else {
        area
    };
    shown.div_ceil(PIXELS).clamp(1, MOST_OF_PICTURE)
}

fn pdf(data: &str) -> u64 {
    let bytes = decode(data).unwrap_or_default();
    match size::pages(&bytes) {
        0 => (as_u64(data.len()) * 3 / 16).clamp(PAGE, MOST_PAGES * PAGE),
        pages => pages.min(MOST_PAGES) * PAGE,
    }
}

/// Decodes as much as there is in whole groups of four.
fn decode(data: &str) -> Option<Vec<u8>> {
    let whole = data.len() - data.len() % 4;
    LAX.decode(data.get(..whole)?).ok()
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn png(width: u32, height: u32) -> String {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 6, 0, 0, 0]);
        STANDARD.encode(bytes)
    }

    #[test]
    fn a_picture_counts_by_its_area_up_to_a_bound() {
        assert_eq!(tokens("image/png", &png(750, 100)), 100);
        assert_eq!(tokens("image/png", &png(1, 1)), 1);
        assert_eq!(tokens("image/png", &png(8_000, 6_000)), MOST_OF_PICTURE);
        assert_eq!(tokens("image/png", "bm90IGEgcGljdHVyZQ=="), UNKNOWN);
    }

    #[test]
    fn a_pdf_counts_by_its_pages_else_by_its_bytes() {
        let two = STANDARD.encode("%PDF-1.4 /Type /Pages /Count 2 /Type /Page x /Type/Page y");
        assert_eq!(tokens("application/pdf", &two), 2 * PAGE);
        let unreadable = STANDARD.encode("x".repeat(40_000));
        assert_eq!(tokens("application/pdf", &unreadable), 10_000);
    }

    #[test]
    fn addresses_of_data_are_taken_apart() {
        assert_eq!(data_url("data:image/png;base64,AAAA"), Some(("image/png", "AAAA")));
        assert_eq!(data_url("data:text/plain;charset=x;base64,QQ"), Some(("text/plain", "QQ")));
        assert_eq!(data_url("https://example.com/x.png"), None);
    }
}
