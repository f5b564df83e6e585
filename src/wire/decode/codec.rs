//! The four compressions behind one step: some bytes in, some bytes out, never more than asked.

use std::fmt;

use brotli::enc::StandardAlloc;
use brotli::{BrotliDecompressStream, BrotliResult, BrotliState};
use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{DParameter, Decoder, Operation as _};

use super::gzip::Gzip;
use super::{DecodeError, Encoding};

/// RFC 9659: who sends zstd over HTTP keeps the window at 8 MiB; more would be ours to allocate.
const ZSTD_WINDOW_LOG: u32 = 23;

/// What one step did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Step {
    pub(super) used: usize,
    pub(super) written: usize,
}

#[derive(Debug)]
pub(super) enum Codec {
    Gzip(Box<Gzip>),
    Deflate(Deflate),
    Brotli(Box<Brotli>),
    Zstd(Zstd),
}

impl Codec {
    /// `None` for the identity.
    pub(super) fn new(encoding: Encoding) -> Result<Option<Self>, DecodeError> {
        Ok(match encoding {
            Encoding::Identity => None,
            Encoding::Gzip => Some(Self::Gzip(Box::default())),
            Encoding::Deflate => Some(Self::Deflate(Deflate::default())),
            Encoding::Brotli => Some(Self::Brotli(Box::new(Brotli::new()))),
            Encoding::Zstd => Some(Self::Zstd(Zstd::new()?)),
        })
    }

    /// Decodes some of the input. Nothing used and nothing written means it cannot go on.
    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, DecodeError> {
        match self {
            Self::Gzip(gzip) => gzip.step(input, output),
            Self::Deflate(deflate) => deflate.step(input, output),
            Self::Brotli(brotli) => brotli.step(input, output),
            Self::Zstd(zstd) => zstd.step(input, output),
        }
    }

    pub(super) fn is_complete(&self) -> bool {
        match self {
            Self::Gzip(gzip) => gzip.is_complete(),
            Self::Deflate(deflate) => deflate.is_done,
            Self::Brotli(brotli) => brotli.is_done,
            Self::Zstd(zstd) => zstd.is_done,
        }
    }
}

/// Runs a deflate stream; answers whether it ended.
pub(super) fn inflate(
    stream: &mut Decompress,
    input: &[u8],
    output: &mut [u8],
) -> Result<(Step, bool), DecodeError> {
    let (before_in, before_out) = (stream.total_in(), stream.total_out());
    let status = stream
        .decompress(input, output, FlushDecompress::None)
        .map_err(|_| DecodeError::Corrupt)?;
    let step = Step {
        used: usize::try_from(stream.total_in() - before_in).unwrap_or(usize::MAX),
        written: usize::try_from(stream.total_out() - before_out).unwrap_or(usize::MAX),
    };
    Ok((step, status == Status::StreamEnd))
}

/// `deflate`: its first two bytes tell whether it has the zlib frame.
#[derive(Debug, Default)]
pub(super) struct Deflate {
    first: Option<u8>,
    stream: Option<Decompress>,
    is_done: bool,
}

impl Deflate {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, DecodeError> {
        if self.is_done {
            return Ok(Step::default());
        }
        if let Some(stream) = &mut self.stream {
            let (step, is_done) = inflate(stream, input, output)?;
            self.is_done = is_done;
            return Ok(step);
        }
        let Some(byte) = input.first() else { return Ok(Step::default()) };
        let Some(first) = self.first else {
            self.first = Some(*byte);
            return Ok(Step { used: 1, written: 0 });
        };
        self.begin([first, *byte], output)
    }

    fn begin(&mut self, head: [u8; 2], output: &mut [u8]) -> Result<Step, DecodeError> {
        let has_frame = head[0] & 0x0f == 8 && u16::from_be_bytes(head).is_multiple_of(31);
        let stream = self.stream.insert(Decompress::new(has_frame));
        let (step, is_done) = inflate(stream, &head, output)?;
        self.is_done = is_done;
        if step.used < head.len() {
            return Err(DecodeError::Corrupt);
        }
        Ok(Step { used: 1, written: step.written })
    }
}

pub(super) struct Brotli {
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    is_done: bool,
}

impl fmt::Debug for Brotli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Brotli").field("is_done", &self.is_done).finish_non_exhaustive()
    }
}

impl Brotli {
    fn new() -> Self {
        let [bytes, words, codes] = [StandardAlloc::default(); 3];
        // Strict: no "large window", which could ask for a GiB.
        Self { state: BrotliState::new_strict(bytes, words, codes), is_done: false }
    }

    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, DecodeError> {
        if self.is_done {
            return Ok(Step::default());
        }
        let (mut left, mut room) = (input.len(), output.len());
        let (mut step, mut total) = (Step::default(), 0);
        let result = BrotliDecompressStream(
            &mut left,
            &mut step.used,
            input,
            &mut room,
            &mut step.written,
            output,
            &mut total,
            &mut self.state,
        );
        match result {
            BrotliResult::ResultFailure => return Err(DecodeError::Corrupt),
            BrotliResult::ResultSuccess => self.is_done = true,
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {}
        }
        Ok(step)
    }
}

pub(super) struct Zstd {
    decoder: Decoder<'static>,
    is_done: bool,
}

impl fmt::Debug for Zstd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zstd").field("is_done", &self.is_done).finish_non_exhaustive()
    }
}

impl Zstd {
    fn new() -> Result<Self, DecodeError> {
        let mut decoder = Decoder::new().map_err(|_| DecodeError::Corrupt)?;
        decoder
            .set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG))
            .map_err(|_| DecodeError::Corrupt)?;
        Ok(Self { decoder, is_done: false })
    }

    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, DecodeError> {
        // Asked again without input, it would begin to wait for another frame.
        if self.is_done && input.is_empty() {
            return Ok(Step::default());
        }
        let status =
            self.decoder.run_on_buffers(input, output).map_err(|_| DecodeError::Corrupt)?;
        self.is_done = status.remaining == 0;
        Ok(Step { used: status.bytes_read, written: status.bytes_written })
    }
}
