//! A provider's stream: for each client it becomes a stream that its format reads, which ends well when the
//! provider's did and else has no end; and no split of the bytes changes a byte of it.

use switchyard_actors::domain::dialect::Dialect;

use super::{is_bounded, reply};
use crate::wire::convert::codec::{StreamIn, StreamOut};
use crate::wire::convert::hub::{Event, Finish};
use crate::wire::convert::stream::{Converter, Ended};
use crate::wire::sse::{EventReader, FrameReader};

const LIMIT: usize = 1 << 20;

/// Reads any bytes as a stream of a format, and writes it in each other.
pub fn any(from: Dialect, data: &[u8]) {
    for to in Dialect::ALL.into_iter().filter(|to| *to != from) {
        let (out, ended) = convert(from, to, [data].into_iter());
        let what = format!("a stream for {to}");
        is_bounded(data, &out, &what);
        is_lawful(to, &out, &ended, &what);
        let cut = data.first().map_or(0, |byte| usize::from(*byte) % data.len());
        let (head, tail) = data.split_at(cut);
        assert_eq!(out, convert(from, to, [head, tail].into_iter()).0, "{what}, cut at {cut}");
    }
}

/// Converts a stream that comes in pieces.
fn convert<'a>(
    from: Dialect,
    to: Dialect,
    chunks: impl Iterator<Item = &'a [u8]>,
) -> (Vec<u8>, Ended) {
    let mut reader = EventReader::new(LIMIT);
    let out = StreamOut::new(to, reply());
    let mut converter = Converter::reading(StreamIn::lenient(from), out);
    let mut out = Vec::new();
    for chunk in chunks {
        let read = reader.read(chunk, |event, data| converter.frame(event, data, &mut out));
        read.expect("within the limit");
    }
    reader.finish(|event, data| converter.frame(event, data, &mut out));
    converter.end(&mut out);
    let ended = converter.ended().cloned().expect("it has ended");
    (out, ended)
}

/// What was written is a stream of its format with the right end.
fn is_lawful(to: Dialect, out: &[u8], ended: &Ended, what: &str) {
    let (mut reader, mut events) = (FrameReader::new(usize::MAX), Vec::new());
    let mut from = StreamIn::new(to);
    reader.push(out);
    while let Some(frame) = reader.next_frame().expect("there is no limit") {
        let text = std::str::from_utf8(&frame.data).expect("text");
        let read = from.frame(&frame.event, text, &mut events);
        assert!(read.is_ok(), "{what}: {read:?}: {text}");
    }
    assert_eq!(reader.held(), 0, "{what}: half a frame");
    from.end(&mut events);
    let finished = events.iter().any(|event| matches!(event, Event::Finish(_)));
    let well = matches!(ended, Ended::Well(finish) if *finish != Finish::BadToolCall);
    let badly = matches!(ended, Ended::Badly(_));
    assert!(!well || finished, "{what} has no end: {}", String::from_utf8_lossy(out));
    assert!(!badly || !finished, "{what} has an end: {}", String::from_utf8_lossy(out));
    let mut open = Vec::new();
    for (place, event) in events.iter().enumerate() {
        match event {
            Event::Start { .. } => assert_eq!(place, 0, "{what} begins twice"),
            Event::PartStart { index, .. } => open.push(*index),
            Event::PartDelta { index, .. } => assert!(open.contains(index), "{what}: no part"),
            Event::PartEnd { index } => open.retain(|one| one != index),
            Event::Finish(_) | Event::Error(_) => {
                assert_eq!(place + 1, events.len(), "{what} goes on behind its end");
                assert!(!finished || open.is_empty(), "{what}: a part has no end");
            }
            Event::PartCut { .. } => panic!("{what}: what was cut is found behind the reader"),
            Event::Usage(_) => {}
        }
    }
}
