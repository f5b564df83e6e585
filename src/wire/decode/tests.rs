//! Real compressed bodies, cut everywhere, damaged, and made to explode.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use proptest::prelude::*;

use super::*;

const LIMIT: usize = 64 * 1024 * 1024;
const ALL: [Encoding; 5] =
    [Encoding::Identity, Encoding::Gzip, Encoding::Deflate, Encoding::Brotli, Encoding::Zstd];

fn encoded(encoding: Encoding, body: &[u8]) -> Vec<u8> {
    match encoding {
        Encoding::Identity => body.to_vec(),
        Encoding::Gzip => gzip(body),
        Encoding::Deflate => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(body).unwrap();
            encoder.finish().unwrap()
        }
        Encoding::Brotli => {
            let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
            encoder.write_all(body).unwrap();
            encoder.into_inner()
        }
        Encoding::Zstd => zstd::encode_all(body, 3).unwrap(),
    }
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn raw_deflate(body: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn decoded(encoding: Encoding, body: &[u8], piece: usize) -> Result<Vec<u8>, DecodeError> {
    let mut decoder = BodyDecoder::new(encoding, LIMIT)?;
    let mut out = BytesMut::new();
    for chunk in body.chunks(piece) {
        decoder.push(chunk, &mut out)?;
    }
    decoder.finish()?;
    assert_eq!(decoder.decoded(), out.len());
    Ok(out.to_vec())
}

fn body() -> Vec<u8> {
    (0..3000)
        .flat_map(|line| format!("{{\"line\":{line},\"text\":\"é\"}}\n").into_bytes())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_body_comes_back_however_it_is_cut(
        body in prop::collection::vec(any::<u8>(), 0..400), repeat in 1..50_usize, piece in 1..700_usize,
    ) {
        let body = body.repeat(repeat);
        for encoding in ALL {
            prop_assert_eq!(&decoded(encoding, &encoded(encoding, &body), piece).unwrap(), &body);
        }
        prop_assert_eq!(&decoded(Encoding::Deflate, &raw_deflate(&body), piece).unwrap(), &body);
    }

    #[test]
    fn a_damaged_body_is_refused_or_the_damage_was_in_no_text(
        at in any::<prop::sample::Index>(), bits in 1..=255_u8, noise in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        for encoding in ALL {
            let mut damaged = encoded(encoding, &body());
            let at = at.index(damaged.len());
            damaged[at] ^= bits;
            let answer = decoded(encoding, &damaged, 1000);
            if encoding == Encoding::Gzip && let Ok(answer) = answer {
                prop_assert_eq!(answer, body());
            }
            let answer = decoded(encoding, &noise, 7);
            prop_assert!(encoding != Encoding::Gzip || noise.is_empty() || answer.is_err());
        }
    }
}

#[test]
fn a_truncated_body_is_an_error_at_every_length() {
    for encoding in &ALL[1..] {
        let whole = encoded(*encoding, b"{\"model\":\"m\"}");
        for length in 1..whole.len() {
            let answer = decoded(*encoding, &whole[..length], 5);
            assert_eq!(answer, Err(DecodeError::Truncated), "{encoding:?} {length}");
        }
        assert_eq!(decoded(*encoding, b"", 5), Ok(Vec::new()));
    }
}

#[test]
fn what_follows_the_end_is_refused_unless_it_is_another_member() {
    for encoding in &ALL[1..] {
        let whole = encoded(*encoding, b"body");
        assert!(decoded(*encoding, &[&whole[..], b"trailing bytes"].concat(), 9).is_err());
    }
    assert_eq!(decoded(Encoding::Gzip, &gzip(b"body").repeat(2), 3).unwrap(), b"bodybody");
    let members = gzip(b"").repeat(2000);
    assert_eq!(decoded(Encoding::Gzip, &members, 100), Err(DecodeError::Corrupt));
    let frames = zstd::encode_all(&b"body"[..], 3).unwrap().repeat(2);
    assert_eq!(decoded(Encoding::Zstd, &frames, 3).unwrap(), b"bodybody");
}

#[test]
fn a_gzip_checksum_is_checked_and_every_header_field_is_read() {
    let mut wrong = gzip(b"body");
    let checksum = wrong.len() - 8;
    wrong[checksum] ^= 1;
    assert_eq!(decoded(Encoding::Gzip, &wrong, 100), Err(DecodeError::Corrupt));

    let mut full = vec![0x1f, 0x8b, 8, 2 | 4 | 8 | 16, 0, 0, 0, 0, 0, 255];
    full.extend_from_slice(b"\x03\x00xyzname\0comment\0\x01\x02");
    full.extend_from_slice(&gzip(b"body")[10..]);
    for piece in [1, 4, 100] {
        assert_eq!(decoded(Encoding::Gzip, &full, piece).unwrap(), b"body");
    }
}

#[test]
fn a_bomb_is_refused_after_the_floor() {
    let zeros = vec![0; 24 * 1024 * 1024];
    for encoding in &ALL[1..] {
        let bomb = encoded(*encoding, &zeros);
        let mut decoder = BodyDecoder::new(*encoding, LIMIT).unwrap();
        let mut out = BytesMut::new();
        let outcome = bomb.chunks(4096).try_for_each(|chunk| decoder.push(chunk, &mut out));
        assert_eq!(outcome, Err(DecodeError::Bomb), "{encoding:?}");
        assert!(out.len() <= EXPANSION_FLOOR, "{encoding:?} {}", out.len());
        assert!(out.capacity() <= 4 * EXPANSION_FLOOR, "{encoding:?} {}", out.capacity());
        assert_eq!(decoder.push(b"x", &mut out), Err(DecodeError::Bomb));
        assert_eq!(decoder.finish(), Err(DecodeError::Bomb));
    }
}

#[test]
fn a_body_over_the_limit_is_refused_and_one_at_the_limit_is_not() {
    let body = body();
    for encoding in ALL {
        let bytes = encoded(encoding, &body);
        let push =
            |limit| BodyDecoder::new(encoding, limit).unwrap().push(&bytes, &mut BytesMut::new());
        assert_eq!(push(body.len()), Ok(()));
        let limit = body.len() - 1;
        assert_eq!(push(limit), Err(DecodeError::TooLarge { limit }), "{encoding:?}");
    }
}

#[test]
fn a_zstd_window_beyond_the_bound_is_refused() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.window_log(27).unwrap();
    encoder.write_all(&body()).unwrap();
    let bytes = encoder.finish().unwrap();
    assert_eq!(decoded(Encoding::Zstd, &bytes, 1000), Err(DecodeError::Corrupt));
}

#[test]
fn an_event_comes_out_as_soon_as_it_was_flushed() {
    let event = b"event: ping\ndata: {}\n\n";
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    let mut brotli = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
    let mut zstd = zstd::Encoder::new(Vec::new(), 3).unwrap();
    for writer in [&mut gzip as &mut dyn std::io::Write, &mut brotli, &mut zstd] {
        writer.write_all(event).unwrap();
        writer.flush().unwrap();
    }
    let flushed = [
        (Encoding::Gzip, gzip.get_ref().clone()),
        (Encoding::Brotli, brotli.get_ref().clone()),
        (Encoding::Zstd, zstd.get_ref().clone()),
    ];
    for (encoding, bytes) in flushed {
        let mut out = BytesMut::new();
        BodyDecoder::new(encoding, LIMIT).unwrap().push(&bytes, &mut out).unwrap();
        assert_eq!(&out[..], event, "{encoding:?}");
    }
}

#[test]
fn the_header_names_at_most_one_known_encoding() {
    let cases = [
        (None, Encoding::Identity),
        (Some(""), Encoding::Identity),
        (Some("identity"), Encoding::Identity),
        (Some(" GZIP "), Encoding::Gzip),
        (Some("x-gzip, identity"), Encoding::Gzip),
        (Some("deflate"), Encoding::Deflate),
        (Some("br"), Encoding::Brotli),
        (Some("zstd"), Encoding::Zstd),
    ];
    for (header, expected) in cases {
        assert_eq!(Encoding::parse(header), Ok(expected), "{header:?}");
    }
    let layered = Encoding::parse(Some("gzip, br")).unwrap_err();
    let unknown = Encoding::parse(Some("compress")).unwrap_err();
    assert_eq!((layered, DecodeError::Layered.status()), (DecodeError::Layered, 400));
    assert_eq!((unknown.status(), DecodeError::Bomb.status()), (415, 413));
    assert_eq!(unknown.to_string(), "the content encoding `compress` is not supported");
}
