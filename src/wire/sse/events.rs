//! Events for who reads them and passes nothing on: name and data, without the bytes they came in. The data
//! of a frame that comes whole in one piece, as nearly all do, is never copied.

use super::{FrameTooLong, SseMachine, Token};

/// Reads a stream of events, piece by piece.
#[derive(Debug)]
pub struct EventReader {
    machine: SseMachine,
    /// The name of the frame, once it is whole.
    name: String,
    /// Data that came in earlier pieces, or in several lines.
    held: Vec<u8>,
    /// So many lines of data has the frame.
    lines: usize,
    /// So many bytes has the frame.
    length: usize,
    limit: usize,
}

impl EventReader {
    /// Makes a reader that takes at most about `limit` bytes of one frame.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            machine: SseMachine::new(),
            name: String::new(),
            held: Vec::new(),
            lines: 0,
            length: 0,
            limit,
        }
    }

    /// Reads a piece, and tells of each event that is whole with it: its name, empty for none, and its
    /// data, lines joined by line feeds. Frames without data are not told.
    ///
    /// # Errors
    /// A frame is longer than any may be; the stream cannot be read on.
    pub fn read(
        &mut self,
        piece: &[u8],
        mut event: impl FnMut(&str, &str),
    ) -> Result<(), FrameTooLong> {
        let mut input = piece;
        // Data of this piece alone that nothing had to be put behind yet.
        let mut whole: &[u8] = &[];
        loop {
            let before = input.len();
            let Some(token) = self.machine.next_token(&mut input) else {
                self.length = self.length.saturating_add(before - input.len());
                break;
            };
            self.length = self.length.saturating_add(before - input.len());
            match token {
                Token::DataLine => {
                    if self.lines > 0 {
                        self.held.extend_from_slice(std::mem::take(&mut whole));
                        self.held.push(b'\n');
                    }
                    self.lines += 1;
                }
                Token::Data(text) if self.held.is_empty() && whole.is_empty() => whole = text,
                Token::Data(text) => {
                    self.held.extend_from_slice(std::mem::take(&mut whole));
                    self.held.extend_from_slice(text);
                }
                Token::Event => {
                    self.name.clear();
                    self.name.push_str(&String::from_utf8_lossy(self.machine.event()));
                }
                Token::FrameEnd => {
                    self.tell(std::mem::take(&mut whole), &mut event);
                }
            }
        }
        self.held.extend_from_slice(whole);
        if self.length > self.limit {
            self.held = Vec::new();
            return Err(FrameTooLong { limit: self.limit });
        }
        Ok(())
    }

    /// At the stream's end: tells of the event whose blank line was forgotten.
    pub fn finish(&mut self, mut event: impl FnMut(&str, &str)) {
        self.tell(&[], &mut event);
    }

    fn tell(&mut self, whole: &[u8], event: &mut impl FnMut(&str, &str)) {
        let data = if self.held.is_empty() { whole } else { self.held.as_slice() };
        if !data.is_empty() {
            event(&self.name, &String::from_utf8_lossy(data));
        }
        self.held.clear();
        self.name.clear();
        (self.lines, self.length) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::FrameReader;
    use super::*;

    type Events = Vec<(String, String)>;

    fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Events {
        let (mut reader, mut events) = (EventReader::new(1 << 20), Vec::new());
        let mut take = |name: &str, data: &str| events.push((name.to_owned(), data.to_owned()));
        for piece in pieces {
            reader.read(piece, &mut take).expect("within the limit");
        }
        reader.finish(&mut take);
        events
    }

    /// As the gate reads it.
    fn framed(bytes: &[u8]) -> Events {
        let (mut reader, mut frames) = (FrameReader::new(1 << 20), Vec::new());
        reader.push(bytes);
        while let Some(frame) = reader.next_frame().expect("within the limit") {
            frames.push(frame);
        }
        frames.extend(reader.finish());
        let told = frames.into_iter().filter(|frame| !frame.data.is_empty());
        told.map(|frame| (frame.event, String::from_utf8_lossy(&frame.data).into_owned())).collect()
    }

    #[test]
    fn names_and_data_are_told() {
        let text = "\u{feff}: hello\r\nevent: a\r\ndata: 1\r\ndata: 2\r\n\r\n\n\ndata: ä\n\nevent: b\n\ndata: x";
        let wanted = [("a", "1\n2"), ("", "ä"), ("", "x")];
        let wanted = wanted.map(|(name, data)| (name.to_owned(), data.to_owned()));
        assert_eq!(read([text.as_bytes()].into_iter()), wanted);
    }

    #[test]
    fn a_frame_has_a_bound() {
        let mut reader = EventReader::new(16);
        assert!(reader.read(b"data: 0123456789", |_, _| {}).is_ok());
        assert!(reader.read(b"\n\ndata: 0123456789", |_, _| {}).is_ok(), "each has its own");
        let long = Err(FrameTooLong { limit: 16 });
        assert_eq!(reader.read(b"0123456789", |_, _| {}), long);
    }

    proptest! {
        #[test]
        fn it_tells_what_the_gate_sees_however_the_bytes_come(
            lines in prop::collection::vec(
                prop_oneof![
                    Just("data: one".to_owned()),
                    Just("data:".to_owned()),
                    Just("event: name".to_owned()),
                    Just(String::new()),
                    Just(String::new()),
                    "[a-z:☃ ]{0,9}",
                ],
                0..24,
            ),
            end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
            size in 1..9_usize,
        ) {
            let text = lines.join(end);
            let wanted = framed(text.as_bytes());
            prop_assert_eq!(read([text.as_bytes()].into_iter()), wanted.clone());
            prop_assert_eq!(read(text.as_bytes().chunks(size)), wanted);
        }
    }
}
