//! Keeps the extra usage chunk from a chat client that did not ask for it.
//!
//! The relay asks every chat provider for usage; a client that did not ask gets all other bytes as
//! they came and never sees the chunk with `choices: []` and `usage`.

use bytes::{Bytes, BytesMut};
use memchr::memmem;

use super::super::scan::{Kind, Path, Value, Visitor, Want, scan};
use super::super::sse::{FrameReader, SseMachine, Token};

/// The usage chunk is some hundred bytes; a longer frame is not it and passes at once.
const HELD_MAX: usize = 8 * 1024;

/// The filter of one stream.
#[derive(Debug)]
pub struct UsageChunkFilter {
    machine: SseMachine,
    held: BytesMut,
    /// The current frame is too long to be the usage chunk: its rest passes as it comes.
    passing: bool,
    withheld: usize,
}

impl Default for UsageChunkFilter {
    fn default() -> Self {
        Self::new()
    }
}

impl UsageChunkFilter {
    /// Makes a filter for one stream.
    #[must_use]
    pub fn new() -> Self {
        Self { machine: SseMachine::new(), held: BytesMut::new(), passing: false, withheld: 0 }
    }

    /// Takes bytes as they came; returns what may go to the client now, in order.
    pub fn push(&mut self, chunk: &Bytes) -> Vec<Bytes> {
        let mut out = Vec::new();
        let mut clean_from = 0;
        let mut frame_from = 0;
        let mut input: &[u8] = chunk;
        while let Some(token) = self.machine.next_token(&mut input) {
            if token != Token::FrameEnd {
                continue;
            }
            let end = chunk.len() - input.len();
            if self.ends_withheld(chunk.get(frame_from..end).unwrap_or_default()) {
                emit(&mut out, chunk, clean_from, frame_from);
                self.held.clear();
                clean_from = end;
            } else if !self.held.is_empty() {
                out.push(self.held.split().freeze());
            }
            self.passing = false;
            frame_from = end;
        }
        self.tail(&mut out, chunk, clean_from, frame_from);
        out
    }

    /// At the stream's end: what was held, unless it is the usage chunk without its blank line.
    pub fn finish(&mut self) -> Option<Bytes> {
        let held = self.held.split().freeze();
        if is_usage_chunk(&held) {
            self.withheld += 1;
            return None;
        }
        (!held.is_empty()).then_some(held)
    }

    /// Returns how many chunks were kept back.
    #[must_use]
    pub const fn withheld(&self) -> usize {
        self.withheld
    }

    /// Judges the frame made of what is held and of `piece`.
    fn ends_withheld(&mut self, piece: &[u8]) -> bool {
        if self.passing || self.held.len() + piece.len() > HELD_MAX {
            return false;
        }
        let is_usage = if self.held.is_empty() {
            is_usage_chunk(piece)
        } else {
            let mut frame = self.held.clone();
            frame.extend_from_slice(piece);
            is_usage_chunk(&frame)
        };
        self.withheld += usize::from(is_usage);
        is_usage
    }

    /// Passes the whole frames behind the last cut and holds the one that has only begun.
    fn tail(&mut self, out: &mut Vec<Bytes>, chunk: &Bytes, clean_from: usize, frame_from: usize) {
        let begun = chunk.get(frame_from..).unwrap_or_default();
        if self.passing || self.held.len() + begun.len() > HELD_MAX {
            self.passing = !begun.is_empty() || self.passing;
            if !self.held.is_empty() {
                out.push(self.held.split().freeze());
            }
            emit(out, chunk, clean_from, chunk.len());
            return;
        }
        emit(out, chunk, clean_from, frame_from);
        self.held.extend_from_slice(begun);
    }
}

fn emit(out: &mut Vec<Bytes>, chunk: &Bytes, from: usize, to: usize) {
    if from < to {
        out.push(chunk.slice(from..to));
    }
}

/// Tells whether a whole frame is the extra usage chunk.
fn is_usage_chunk(frame: &[u8]) -> bool {
    if memmem::find(frame, b"\"usage\"").is_none() {
        return false;
    }
    let mut reader = FrameReader::new(HELD_MAX);
    reader.push(frame);
    let frame = reader.next_frame().ok().flatten().or_else(|| reader.finish());
    frame
        .and_then(|frame| scan(&frame.data, Chunk::default()).ok())
        .is_some_and(|chunk| chunk.no_choice && chunk.usage)
}

/// The two members that tell the chunk.
#[derive(Default)]
struct Chunk {
    no_choice: bool,
    usage: bool,
    choices: usize,
}

impl Visitor for Chunk {
    fn wants(&mut self, path: &Path<'_>, _kind: Kind) -> Want {
        match (path.len(), path.key(0)) {
            (0, _) | (1, Some("choices")) => Want::Enter,
            (1, Some("usage")) => Want::Span,
            (2, Some("choices")) => {
                self.choices += 1;
                Want::Skip
            }
            _ => Want::Skip,
        }
    }

    fn value(&mut self, path: &Path<'_>, value: &Value<'_>) {
        match path.key(0) {
            Some("choices") if path.len() == 1 => {
                self.no_choice = value.kind == Kind::Array && self.choices == 0;
            }
            Some("usage") => self.usage = value.kind == Kind::Object,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BEFORE: &str =
        "data: {\"choices\":[{\"delta\":{\"content\":\"say \\\"usage\\\" é\"}}]}\n\n: note\n\n";
    const USAGE: &str =
        "data: {\"id\":\"c\",\"choices\":[ ],\"usage\":{\"prompt_tokens\":9}}\r\n\r\n";
    const KEPT: &str = "data: {\"choices\":[{\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":9}}\n\ndata: {\"choices\":[],\"usage\":null}\n\n";
    const AFTER: &str = "data: [DONE]\n\n";

    fn filtered(chunks: &[&[u8]]) -> (Vec<u8>, usize, usize) {
        let mut filter = UsageChunkFilter::new();
        let mut out = Vec::new();
        let mut most_held = 0;
        for chunk in chunks {
            for piece in filter.push(&Bytes::copy_from_slice(chunk)) {
                out.extend_from_slice(&piece);
            }
            most_held = most_held.max(filter.held.len());
        }
        out.extend(filter.finish().unwrap_or_default());
        (out, filter.withheld(), most_held)
    }

    #[test]
    fn only_the_extra_chunk_is_kept_back() {
        let stream = [BEFORE, KEPT, USAGE, AFTER].concat();
        let (out, withheld, _) = filtered(&[stream.as_bytes()]);
        assert_eq!(String::from_utf8(out).unwrap(), [BEFORE, KEPT, AFTER].concat());
        assert_eq!(withheld, 1);
    }

    #[test]
    fn whole_frames_pass_without_waiting_and_without_a_copy() {
        let mut filter = UsageChunkFilter::new();
        let chunk = Bytes::from_static(BEFORE.as_bytes());
        let out = filter.push(&chunk);
        assert_eq!(out, std::slice::from_ref(&chunk));
        assert_eq!(out[0].as_ptr(), chunk.as_ptr());
    }

    #[test]
    fn a_long_frame_passes_as_it_comes_even_if_it_speaks_of_usage() {
        let long =
            format!("data: {{\"choices\":[],\"usage\":{{\"x\":\"{}\"}}}}\n\n", "y".repeat(9_000));
        let pieces: Vec<&[u8]> = long.as_bytes().chunks(100).collect();
        let (out, withheld, most_held) = filtered(&pieces);
        assert_eq!(out, long.as_bytes());
        assert_eq!(withheld, 0);
        assert!(most_held <= HELD_MAX);
    }

    #[test]
    fn the_extra_chunk_is_known_without_its_last_blank_line() {
        let (out, withheld, _) = filtered(&[BEFORE.as_bytes(), USAGE.trim_end().as_bytes()]);
        assert_eq!((out, withheld), (BEFORE.as_bytes().to_vec(), 1));
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_bytes(
            cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let stream = [BEFORE, USAGE, KEPT, BEFORE, USAGE, AFTER].concat();
            let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len())).collect();
            places.extend([0, stream.len()]);
            places.sort_unstable();
            let chunks: Vec<&[u8]> =
                places.windows(2).map(|pair| &stream.as_bytes()[pair[0]..pair[1]]).collect();
            let (out, withheld, _) = filtered(&chunks);
            prop_assert_eq!(out, [BEFORE, KEPT, BEFORE, AFTER].concat().into_bytes());
            prop_assert_eq!(withheld, 2);
        }
    }
}
