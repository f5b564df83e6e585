//! The gzip frame (RFC 1952): header, deflate, checksum, and perhaps another member.

use flate2::{Crc, Decompress};

use super::DecodeError;
use super::codec::{Step, inflate};

/// Members of one body; each costs a fresh window, and an empty one is 20 bytes.
const MEMBERS_LIMIT: u32 = 1024;
const HAS_CHECKSUM: u8 = 2;
const HAS_EXTRA: u8 = 4;
const HAS_NAME: u8 = 8;
const HAS_COMMENT: u8 = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The ten fixed bytes, this many of them read.
    Fixed(u8),
    /// The length of the extra field, low byte first.
    ExtraLength(Option<u8>),
    Extra(u16),
    Name,
    Comment,
    HeaderChecksum(u8),
    Body,
    /// The checksum and length, this many bytes read.
    Trailer(u8),
    /// Between two members, or at the end.
    Between,
}

/// Decodes gzip members one after another.
#[derive(Debug)]
pub(super) struct Gzip {
    part: Part,
    flags: u8,
    stream: Decompress,
    crc: Crc,
    trailer: u64,
    members: u32,
}

impl Default for Gzip {
    fn default() -> Self {
        let (stream, crc) = (Decompress::new(false), Crc::new());
        Self { part: Part::Fixed(0), flags: 0, stream, crc, trailer: 0, members: 1 }
    }
}

impl Gzip {
    pub(super) fn is_complete(&self) -> bool {
        self.part == Part::Between
    }

    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, DecodeError> {
        if self.part == Part::Body {
            return self.body(input, output);
        }
        let mut used = 0;
        for byte in input {
            if self.part == Part::Body {
                break;
            }
            self.part = self.frame(*byte)?;
            used += 1;
        }
        Ok(Step { used, written: 0 })
    }

    fn body(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, DecodeError> {
        let (step, is_done) = inflate(&mut self.stream, input, output)?;
        self.crc.update(output.get(..step.written).unwrap_or_default());
        if is_done {
            self.part = Part::Trailer(0);
        }
        Ok(step)
    }

    /// Takes one byte of the frame; answers the part the next byte belongs to.
    fn frame(&mut self, byte: u8) -> Result<Part, DecodeError> {
        Ok(match self.part {
            Part::Between => {
                if self.members >= MEMBERS_LIMIT {
                    return Err(DecodeError::Corrupt);
                }
                *self = Self { members: self.members + 1, ..Self::default() };
                return self.frame(byte);
            }
            Part::Fixed(at) => return self.fixed(at, byte),
            Part::ExtraLength(None) => Part::ExtraLength(Some(byte)),
            Part::ExtraLength(Some(low)) => match u16::from_le_bytes([low, byte]) {
                0 => self.behind(HAS_EXTRA),
                length => Part::Extra(length),
            },
            Part::Extra(1) => self.behind(HAS_EXTRA),
            Part::Extra(left) => Part::Extra(left - 1),
            Part::Name if byte == 0 => self.behind(HAS_NAME),
            Part::Comment if byte == 0 => self.behind(HAS_COMMENT),
            part @ (Part::Name | Part::Comment | Part::Body) => part,
            // Nobody writes a wrong one alone: the body has its own checksum.
            Part::HeaderChecksum(0) => Part::HeaderChecksum(1),
            Part::HeaderChecksum(_) => Part::Body,
            Part::Trailer(at) => {
                self.trailer |= u64::from(byte) << (8 * u32::from(at));
                if at < 7 { Part::Trailer(at + 1) } else { self.check()? }
            }
        })
    }

    fn fixed(&mut self, at: u8, byte: u8) -> Result<Part, DecodeError> {
        match (at, byte) {
            (0, 0x1f) | (1, 0x8b) | (2, 8) | (4.., _) => {}
            (3, flags) if flags & 0xe0 == 0 => self.flags = flags,
            _ => return Err(DecodeError::Corrupt),
        }
        Ok(if at < 9 { Part::Fixed(at + 1) } else { self.behind(0) })
    }

    /// Finds the first optional part that follows the one with this flag.
    fn behind(&self, flag: u8) -> Part {
        let has =
            |other: u8, position: u8| self.flags & other != 0 && position < position_of(other);
        let position = position_of(flag);
        match () {
            () if has(HAS_EXTRA, position) => Part::ExtraLength(None),
            () if has(HAS_NAME, position) => Part::Name,
            () if has(HAS_COMMENT, position) => Part::Comment,
            () if has(HAS_CHECKSUM, position) => Part::HeaderChecksum(0),
            () => Part::Body,
        }
    }

    fn check(&self) -> Result<Part, DecodeError> {
        let expected = u64::from(self.crc.amount()) << 32 | u64::from(self.crc.sum());
        if self.trailer == expected { Ok(Part::Between) } else { Err(DecodeError::Corrupt) }
    }
}

/// The order of the optional parts, which is not that of their flags.
const fn position_of(flag: u8) -> u8 {
    match flag {
        HAS_EXTRA => 1,
        HAS_NAME => 2,
        HAS_COMMENT => 3,
        HAS_CHECKSUM => 4,
        _ => 0,
    }
}
