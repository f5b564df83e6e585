//! Server-sent events: no split of the bytes changes a frame, and no byte is lost.

use crate::wire::sse::{EventReader, FrameReader, RawFrame};

const LIMIT: usize = 1 << 20;

/// Reads any bytes as events, whole, in two and byte by byte.
pub fn any(data: &[u8]) {
    let whole = read([data].into_iter());
    let cut = data.first().map_or(0, |byte| usize::from(*byte) % data.len());
    let (head, tail) = data.split_at(cut);
    assert_eq!(whole, read([head, tail].into_iter()));
    if data.len() <= 512 {
        assert_eq!(whole, read(data.chunks(1)));
    }
    let told = whole.iter().filter(|frame| !frame.data.is_empty());
    let told =
        told.map(|frame| (frame.event.clone(), String::from_utf8_lossy(&frame.data).into_owned()));
    let told: Vec<(String, String)> = told.collect();
    assert_eq!(events([data].into_iter()), told, "whole");
    assert_eq!(events([head, tail].into_iter()), told, "cut at {cut}");
    let bytes: Vec<u8> = whole.iter().flat_map(|frame| frame.raw.iter().copied()).collect();
    assert_eq!(bytes, data, "the frames are not what came");
}

fn events<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> Vec<(String, String)> {
    let (mut reader, mut events) = (EventReader::new(LIMIT), Vec::new());
    let mut take = |name: &str, data: &str| events.push((name.to_owned(), data.to_owned()));
    for chunk in chunks {
        reader.read(chunk, &mut take).expect("within the limit");
    }
    reader.finish(&mut take);
    events
}

fn read<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> Vec<RawFrame> {
    let (mut reader, mut frames) = (FrameReader::new(LIMIT), Vec::new());
    for chunk in chunks {
        reader.push(chunk);
        while let Some(frame) = reader.next_frame().expect("within the limit") {
            frames.push(frame);
        }
    }
    frames.extend(reader.finish());
    frames
}
