//! The messages of a turn, cut out of the event stream that answers it, and what they add up to.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::wire::sse::{FrameReader, FrameTooLong, RawFrame};

/// What keeping an item takes beside its bytes.
const ITEM: usize = 64;

/// Cuts an event stream into the messages of a socket.
#[derive(Debug)]
pub struct EventReader {
    frames: FrameReader,
    limit: usize,
    learned: Learned,
    /// What the items take.
    learned_bytes: usize,
}

/// What a turn's events told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// The id of the response that was completed.
    pub id: Option<String>,
    /// Its items, each as it was written.
    pub items: Vec<Bytes>,
    /// The event came that ends a turn.
    pub ended: bool,
    /// There was no room for the items.
    pub is_lost: bool,
}

/// The members of an event that are read.
#[derive(Deserialize)]
struct Event<'a> {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(borrow)]
    item: Option<&'a RawValue>,
    #[serde(borrow)]
    response: Option<Response<'a>>,
}

#[derive(Deserialize)]
struct Response<'a> {
    id: Option<String>,
    #[serde(borrow, default)]
    output: Option<Vec<&'a RawValue>>,
}

impl EventReader {
    /// Makes a reader that holds at most about `limit` bytes of one event, and as many of items.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        let frames = FrameReader::new(limit);
        Self { frames, limit, learned: Learned::default(), learned_bytes: 0 }
    }

    /// Reads on; returns the messages that are whole by now.
    ///
    /// # Errors
    /// An event is longer than the limit.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Bytes>, FrameTooLong> {
        self.frames.push(bytes);
        let mut messages = Vec::new();
        while let Some(frame) = self.frames.next_frame()? {
            messages.extend(self.message(frame));
        }
        Ok(messages)
    }

    /// Ends the stream; returns the event whose last blank line was forgotten.
    pub fn finish(&mut self) -> Option<Bytes> {
        let rest = self.frames.finish()?;
        // Half an event is none.
        serde_json::from_slice::<&RawValue>(&rest.data).ok()?;
        self.message(rest)
    }

    /// Returns how many bytes it holds: of an event whose end has not come, and of items.
    #[must_use]
    pub fn held(&self) -> usize {
        self.frames.held() + self.learned_bytes
    }

    /// Learns no items, and forgets those that it knows: there is no room for them.
    pub fn lose_items(&mut self) {
        self.learned.items = Vec::new();
        self.learned.is_lost = true;
        self.learned_bytes = 0;
    }

    /// Takes what was told so far.
    pub fn take_learned(&mut self) -> Learned {
        self.learned_bytes = 0;
        std::mem::take(&mut self.learned)
    }

    fn message(&mut self, frame: RawFrame) -> Option<Bytes> {
        if frame.data.is_empty() || frame.data.as_ref() == b"[DONE]" {
            return None;
        }
        self.learn(&frame);
        Some(frame.data)
    }

    /// Few events say more than a piece of the answer: only those are looked into.
    fn learn(&mut self, frame: &RawFrame) {
        if !frame.event.is_empty() && !tells(&frame.event) {
            return;
        }
        let Ok(event) = serde_json::from_slice::<Event<'_>>(&frame.data) else {
            self.learned.ended |= ends(&frame.event);
            return;
        };
        let kind = if event.kind.is_empty() { &frame.event } else { &event.kind };
        self.learned.ended |= ends(kind);
        match kind.as_str() {
            "response.output_item.done" => self.items(event.item),
            "response.completed" | "response.done" | "response.incomplete" => {
                let Some(response) = event.response else { return };
                self.learned.id = response.id;
                // Some vendors tell the items at the end alone.
                if self.learned.items.is_empty() {
                    self.items(response.output.into_iter().flatten());
                }
            }
            _ => {}
        }
    }

    fn items<'a>(&mut self, items: impl IntoIterator<Item = &'a RawValue>) {
        for item in items {
            if self.learned.is_lost {
                return;
            }
            // A copy: a part of an event would keep all that came with it.
            self.learned.items.push(Bytes::copy_from_slice(item.get().as_bytes()));
            self.learned_bytes += item.get().len() + ITEM;
            if self.learned_bytes > self.limit {
                self.lose_items();
            }
        }
    }
}

fn tells(kind: &str) -> bool {
    kind == "response.output_item.done" || ends(kind)
}

pub(super) fn ends(kind: &str) -> bool {
    matches!(
        kind,
        "response.completed"
            | "response.done"
            | "response.incomplete"
            | "response.failed"
            | "response.cancelled"
            | "error"
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STREAM: &str = concat!(
        "event: response.created\ndata: {\"type\":\"response.created\"}\n\n",
        ": a comment\n\n",
        "event: response.output_item.done\n",
        "data: {\"type\":\"response.output_item.done\",\"item\":{\"b\": 1}}\n\n",
        "data: {\"type\":\"response.completed\",\n",
        "data: \"response\":{\"id\":\"resp_1\",\"output\":[{\"b\": 1}]}}\n\n",
        "data: [DONE]\n\n",
    );

    fn read(pieces: &[&[u8]]) -> (Vec<Bytes>, Learned) {
        let mut reader = EventReader::new(1 << 20);
        let mut messages = Vec::new();
        for piece in pieces {
            messages.extend(reader.push(piece).unwrap());
        }
        messages.extend(reader.finish());
        (messages, reader.take_learned())
    }

    #[test]
    fn each_event_is_a_message_and_the_response_is_learned() {
        let (messages, learned) = read(&[STREAM.as_bytes()]);
        assert_eq!(messages.len(), 3);
        assert_eq!(messages[0], "{\"type\":\"response.created\"}");
        assert_eq!(learned.id.as_deref(), Some("resp_1"));
        assert_eq!(learned.items, [Bytes::from_static(b"{\"b\": 1}")]);
        assert!(learned.ended);
    }

    #[test]
    fn items_that_are_told_at_the_end_alone_are_learned_too() {
        let end =
            r#"data: {"type":"response.completed","response":{"id":"r","output":[1,{"x":2}]}}"#;
        let (_, learned) = read(&[end.as_bytes()]);
        assert_eq!(learned.items, ["1", "{\"x\":2}"].map(Bytes::from));
        assert!(learned.ended, "a forgotten blank line does not hide the end");
    }

    #[test]
    fn half_an_event_is_none() {
        let (messages, learned) = read(&[b"data: {\"type\":\"response.comp"]);
        assert!(messages.is_empty() && !learned.ended);
    }

    #[test]
    fn items_are_counted_and_those_beyond_the_limit_are_not_learned() {
        let item = r#"data: {"type":"response.output_item.done","item":{"b":1}}"#;
        let end = r#"data: {"type":"response.completed","response":{"id":"r","output":[1]}}"#;
        let mut reader = EventReader::new(300);
        let push = |reader: &mut EventReader, text: &str| {
            reader.push(format!("{text}\n\n").as_bytes()).unwrap();
            reader.held()
        };
        assert_eq!(push(&mut reader, item), 7 + ITEM);
        for _ in 0..10 {
            assert!(push(&mut reader, item) <= 300);
        }
        push(&mut reader, end);
        let learned = reader.take_learned();
        assert!(learned.is_lost && learned.ended && learned.items.is_empty(), "{learned:?}");
        assert_eq!(learned.id.as_deref(), Some("r"));
    }

    #[test]
    fn an_event_beyond_the_limit_is_an_error() {
        let mut reader = EventReader::new(8);
        assert!(reader.push(b"data: 0123456789").is_err());
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_the_stream_is_cut(cuts in proptest::collection::vec(0..400_usize, 0..8)) {
            let stream = STREAM.as_bytes();
            let mut places: Vec<usize> = cuts.into_iter().map(|at| at.min(stream.len())).collect();
            places.extend([0, stream.len()]);
            places.sort_unstable();
            let pieces: Vec<&[u8]> = places.windows(2).map(|at| &stream[at[0]..at[1]]).collect();
            prop_assert_eq!(read(&pieces), read(&[stream]));
        }
    }
}
