//! The frame of an event stream that is still arriving. No client can do anything with half a frame,
//! and what stands behind half a frame is read as a part of it: so it waits for its end.

use bytes::Bytes;

/// A frame longer than this is not held: its parts pass as they come.
const HELD_MAX: usize = 64 << 10;

/// What of a frame has come.
#[derive(Debug, Default)]
pub struct BegunFrame {
    pieces: Vec<Bytes>,
    length: usize,
    /// It is too long to be held, and a part of it has passed.
    passing: bool,
}

impl BegunFrame {
    /// Takes a piece of the stream whose last whole frame ends at `frame_end`; returns what may pass.
    pub fn take(&mut self, mut piece: Bytes, frame_end: Option<usize>) -> Vec<Bytes> {
        let mut out = Vec::new();
        if let Some(end) = frame_end {
            let rest = piece.split_off(end.min(piece.len()));
            out = self.release();
            out.push(std::mem::replace(&mut piece, rest));
        }
        if piece.is_empty() {
            return out;
        }
        self.length += piece.len();
        self.pieces.push(piece);
        if self.length > HELD_MAX {
            self.passing = true;
            out.append(&mut self.pieces);
        }
        out
    }

    /// Returns all that is held: its frame has ended, or nothing more comes.
    pub fn release(&mut self) -> Vec<Bytes> {
        std::mem::take(self).pieces
    }

    /// Drops what is held. Returns whether a part of the frame has passed: then it must be ended
    /// before anything else can be said.
    pub fn drop_held(&mut self) -> bool {
        std::mem::take(self).passing
    }

    /// Tells whether a part of it has passed.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        self.passing
    }

    /// Tells whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(frame: &mut BegunFrame, piece: &str, frame_end: Option<usize>) -> String {
        let out = frame.take(Bytes::copy_from_slice(piece.as_bytes()), frame_end).concat();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn whole_frames_pass_and_a_begun_one_waits_for_its_end() {
        let mut frame = BegunFrame::default();
        assert_eq!(take(&mut frame, "data: 1\n\n", Some(9)), "data: 1\n\n");
        assert_eq!(take(&mut frame, "data: 2\n\nda", Some(9)), "data: 2\n\n");
        assert_eq!(take(&mut frame, "ta: 3", None), "");
        assert_eq!(take(&mut frame, "\n\ndata", Some(2)), "data: 3\n\n");
        assert!(!frame.is_empty());
        assert!(!frame.drop_held(), "nothing of it has passed");
        assert!(frame.is_empty());
    }

    #[test]
    fn a_frame_that_is_too_long_passes_as_it_comes_and_is_known_to_be_open() {
        let mut frame = BegunFrame::default();
        let long = "x".repeat(HELD_MAX);
        assert_eq!(take(&mut frame, &long, None), "");
        assert_eq!(take(&mut frame, "y", None), format!("{long}y"));
        assert_eq!(take(&mut frame, "z", None), "z");
        assert!(frame.drop_held());
        assert_eq!(take(&mut frame, "a", None), "", "the next one begins anew");
    }
}
