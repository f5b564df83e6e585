//! Takes `content-encoding` off, chunk by chunk, with a bound on what may come out.
//!
//! Serves request bodies and upstream answers alike: every push gives what can be decoded so far, so
//! a compressed event stream is not held back. A body that grows beyond reason is refused early: a
//! bomb of some KB costs [`EXPANSION_FLOOR`] of output and not the whole limit.

mod codec;
mod gzip;

use bytes::BytesMut;

use self::codec::Codec;

/// Output that is always allowed, whatever the input was.
pub const EXPANSION_FLOOR: usize = 4 * 1024 * 1024;
/// How many bytes one byte may become once the floor is passed.
pub const EXPANSION_LIMIT: usize = 200;
const SCRATCH: usize = 16 * 1024;

/// One layer of compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// None.
    Identity,
    /// `gzip`, `x-gzip`
    Gzip,
    /// `deflate`, with the zlib frame or without it, as servers differ.
    Deflate,
    /// `br`
    Brotli,
    /// `zstd`
    Zstd,
}

impl Encoding {
    /// Reads a `content-encoding` header; an absent one is the identity.
    pub fn parse(header: Option<&str>) -> Result<Self, DecodeError> {
        let names = header.unwrap_or_default().split(',').map(str::trim);
        let mut layers = names.filter(|name| !name.is_empty() && !is(name, "identity"));
        let Some(name) = layers.next() else { return Ok(Self::Identity) };
        if layers.next().is_some() {
            return Err(DecodeError::Layered);
        }
        match name {
            _ if is(name, "gzip") || is(name, "x-gzip") => Ok(Self::Gzip),
            _ if is(name, "deflate") => Ok(Self::Deflate),
            _ if is(name, "br") => Ok(Self::Brotli),
            _ if is(name, "zstd") => Ok(Self::Zstd),
            _ => Err(DecodeError::Unsupported(name.chars().take(40).collect())),
        }
    }
}

fn is(name: &str, known: &str) -> bool {
    name.eq_ignore_ascii_case(known)
}

/// Why a body was not decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// An encoding nobody here knows.
    #[error("the content encoding `{0}` is not supported")]
    Unsupported(String),
    /// More than one encoding over each other.
    #[error("more than one content encoding is not supported")]
    Layered,
    /// More than the limit would come out.
    #[error("the decoded body is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// The body grows beyond reason.
    #[error("the body expands more than {EXPANSION_LIMIT} times")]
    Bomb,
    /// The bytes are not what the encoding says.
    #[error("the body is not valid in its content encoding")]
    Corrupt,
    /// The body ends in the middle.
    #[error("the compressed body ends too early")]
    Truncated,
}

impl DecodeError {
    /// Returns the HTTP status a client gets for its own body.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Unsupported(_) => 415,
            Self::TooLarge { .. } | Self::Bomb => 413,
            Self::Layered | Self::Corrupt | Self::Truncated => 400,
        }
    }
}

/// Decodes one body.
#[derive(Debug)]
pub struct BodyDecoder {
    codec: Option<Codec>,
    scratch: Vec<u8>,
    limit: usize,
    taken: usize,
    given: usize,
    failed: Option<DecodeError>,
}

impl BodyDecoder {
    /// Stands before the first byte of a body that may decode to `limit` bytes.
    pub fn new(encoding: Encoding, limit: usize) -> Result<Self, DecodeError> {
        let codec = Codec::new(encoding)?;
        let scratch = if codec.is_some() { vec![0; SCRATCH] } else { Vec::new() };
        Ok(Self { codec, scratch, limit, taken: 0, given: 0, failed: None })
    }

    /// Decodes on and appends to `out` what is ready. After an error every call answers it again.
    pub fn push(&mut self, bytes: &[u8], out: &mut BytesMut) -> Result<(), DecodeError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.taken = self.taken.saturating_add(bytes.len());
        let outcome =
            if self.codec.is_some() { self.decode(bytes, out) } else { self.copy(bytes, out) };
        outcome.inspect_err(|error| self.failed = Some(error.clone()))
    }

    /// Says that no more bytes come. An empty body is complete in every encoding.
    pub fn finish(&mut self) -> Result<(), DecodeError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let is_complete = self.codec.as_ref().is_none_or(Codec::is_complete);
        if is_complete || self.taken == 0 { Ok(()) } else { Err(DecodeError::Truncated) }
    }

    /// Returns how many bytes came out.
    pub const fn decoded(&self) -> usize {
        self.given
    }

    fn copy(&mut self, bytes: &[u8], out: &mut BytesMut) -> Result<(), DecodeError> {
        self.given = self.given.saturating_add(bytes.len());
        if self.given > self.limit {
            return Err(DecodeError::TooLarge { limit: self.limit });
        }
        out.extend_from_slice(bytes);
        Ok(())
    }

    fn decode(&mut self, bytes: &[u8], out: &mut BytesMut) -> Result<(), DecodeError> {
        let mut rest = bytes;
        while let Some(codec) = &mut self.codec {
            let step = codec.step(rest, &mut self.scratch)?;
            rest = rest.get(step.used..).unwrap_or_default();
            self.account(step.written)?;
            out.extend_from_slice(self.scratch.get(..step.written).unwrap_or_default());
            if rest.is_empty() && step.written < self.scratch.len() {
                break;
            }
            if step.used == 0 && step.written == 0 {
                return Err(DecodeError::Corrupt);
            }
        }
        Ok(())
    }

    /// Counts what came out before it is kept.
    fn account(&mut self, written: usize) -> Result<(), DecodeError> {
        self.given = self.given.saturating_add(written);
        if self.given > self.limit {
            return Err(DecodeError::TooLarge { limit: self.limit });
        }
        if self.given > EXPANSION_FLOOR.max(self.taken.saturating_mul(EXPANSION_LIMIT)) {
            return Err(DecodeError::Bomb);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
