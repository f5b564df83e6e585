//! One journal record as bytes: `u32 length | u32 crc32c | u8 version | u8 kind | payload`.
//!
//! The payload is `MessagePack` with the names of its fields: as open to later fields as JSON, and
//! without looking at each byte of a text for something to escape. Integers of the frame are little-endian. `length` counts version, kind and payload; the checksum covers the
//! same bytes. A length of zero is the untouched rest of a preallocated segment.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The version this program writes.
pub const VERSION: u8 = 2;
/// The version before it, whose payload is JSON: a journal of an older program is replayed as well.
pub const JSON_VERSION: u8 = 1;
/// Bytes before the version byte.
const HEAD: usize = 8;
/// No record is longer; a longer length is damage.
const MAX_BODY: usize = 16 << 20;

/// What a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Written to see whether the disk works again; carries nothing.
    Probe = 0,
    /// A request was admitted.
    Opened = 1,
    /// A request has ended: the whole row.
    Closed = 2,
}

/// One step of reading a segment.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// A whole record; `next` is where the following one starts.
    Record {
        /// The format's version.
        version: u8,
        /// The kind as written; an unknown one belongs to a later version.
        kind: u8,
        /// What the record says, in the form of its version.
        payload: &'a [u8],
        /// Offset of the following record.
        next: usize,
    },
    /// Nothing more was written.
    End,
    /// What follows is no whole record: a torn tail or damage.
    Torn,
}

/// Writes one record into `buffer`, replacing what it held.
pub fn encode(buffer: &mut Vec<u8>, kind: Kind, payload: &impl Serialize) -> io::Result<()> {
    buffer.clear();
    buffer.extend_from_slice(&[0; HEAD]);
    buffer.extend_from_slice(&[VERSION, kind as u8]);
    rmp_serde::encode::write_named(buffer, payload).map_err(io::Error::other)?;
    seal(buffer)
}

/// Reads the payload of a record.
///
/// # Errors
/// The version is not known, or the payload is not of that type.
pub fn decode<T: DeserializeOwned>(version: u8, payload: &[u8]) -> Result<T, String> {
    match version {
        VERSION => rmp_serde::from_slice(payload).map_err(|error| error.to_string()),
        JSON_VERSION => serde_json::from_slice(payload).map_err(|error| error.to_string()),
        later => Err(format!("a record of version {later}")),
    }
}

/// Fills in length and checksum of the record in `buffer`.
fn seal(buffer: &mut [u8]) -> io::Result<()> {
    let too_long = || io::Error::new(io::ErrorKind::InvalidData, "a journal record is too long");
    let Some((head, body)) = buffer.split_first_chunk_mut::<HEAD>() else {
        return Err(too_long());
    };
    let length = u32::try_from(body.len()).ok().filter(|_| body.len() <= MAX_BODY);
    let [l0, l1, l2, l3] = length.ok_or_else(too_long)?.to_le_bytes();
    let [c0, c1, c2, c3] = crc32c::crc32c(body).to_le_bytes();
    *head = [l0, l1, l2, l3, c0, c1, c2, c3];
    Ok(())
}

/// Tells whether a record may be so long.
#[must_use]
pub fn is_possible(length: u32) -> bool {
    usize::try_from(length).is_ok_and(|length| length <= MAX_BODY)
}

/// Reads the record that starts at `offset`.
#[must_use]
pub fn step(segment: &[u8], offset: usize) -> Step<'_> {
    let rest = segment.get(offset..).unwrap_or_default();
    if rest.is_empty() {
        return Step::End;
    }
    whole(rest, offset).unwrap_or_else(|| {
        let untouched = rest.iter().take(HEAD).all(|byte| *byte == 0);
        if untouched { Step::End } else { Step::Torn }
    })
}

/// Reads a whole record, `None` when there is none.
fn whole(rest: &[u8], offset: usize) -> Option<Step<'_>> {
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (checksum, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let body = rest.get(..length).filter(|_| length <= MAX_BODY)?;
    let [version, kind, payload @ ..] = body else { return None };
    if crc32c::crc32c(body) != u32::from_le_bytes(*checksum) {
        return None;
    }
    let next = offset.checked_add(HEAD)?.checked_add(length)?;
    Some(Step::Record { version: *version, kind: *kind, payload, next })
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod form_tests;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn records(texts: &[String]) -> (Vec<u8>, Vec<usize>) {
        let (mut segment, mut borders, mut buffer) = (Vec::new(), vec![0], Vec::new());
        for text in texts {
            encode(&mut buffer, Kind::Closed, text).unwrap();
            segment.extend_from_slice(&buffer);
            borders.push(segment.len());
        }
        (segment, borders)
    }

    /// Reads to the end: the payloads and whether the end was torn.
    fn read(segment: &[u8]) -> (Vec<String>, bool) {
        let (mut payloads, mut offset) = (Vec::new(), 0);
        loop {
            match step(segment, offset) {
                Step::Record { payload, next, .. } => {
                    payloads.push(decode(VERSION, payload).unwrap());
                    offset = next;
                }
                Step::End => return (payloads, false),
                Step::Torn => return (payloads, true),
            }
        }
    }

    proptest! {
        #[test]
        fn a_cut_at_any_byte_loses_only_the_record_it_cuts(
            texts in prop::collection::vec(".{0,40}", 1..6),
            zeros in 0_usize..32,
        ) {
            let (segment, borders) = records(&texts);
            for cut in 0..=segment.len() {
                let mut torn = segment[..cut].to_vec();
                torn.resize(cut + zeros, 0);
                let (payloads, _) = read(&torn);
                // Where only zeros were cut off, the zeros behind the cut are the record's own.
                let is_whole = |border: &&usize| torn.get(..**border) == segment.get(..**border);
                let whole = borders.iter().filter(is_whole).count() - 1;
                prop_assert_eq!(&payloads[..], &texts[..whole]);
            }
        }

        #[test]
        fn a_flipped_bit_is_never_read_as_a_record(
            texts in prop::collection::vec("[a-z]{1,20}", 1..4),
            at in any::<prop::sample::Index>(),
            bit in 0_u8..8,
        ) {
            let (mut segment, _) = records(&texts);
            let at = at.index(segment.len());
            segment[at] ^= 1 << bit;
            let (payloads, _) = read(&segment);
            prop_assert!(payloads.len() < texts.len());
            prop_assert!(texts.starts_with(&payloads));
        }
    }

    #[test]
    fn the_untouched_rest_of_a_segment_is_its_end() {
        let (mut segment, _) = records(&["one".to_owned()]);
        segment.resize(4_096, 0);
        assert_eq!(read(&segment), (vec!["one".to_owned()], false));
    }
}
