//! The little HTTP/1.1 that a load driver needs: heads, lengths, chunks, and counting events.

use bytes::{Buf, BytesMut};

/// What the peer sent makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// How the rest of an answer is framed, and how far it was read.
#[derive(Debug, Clone, Copy)]
enum Body {
    Length(u64),
    ChunkHead,
    ChunkData(u64),
    ChunkEnd,
    LastLine,
}

/// Reads one answer.
#[derive(Debug, Default)]
pub struct Reader {
    /// The status, once the head is there.
    pub status: u16,
    /// Events (blank lines) in the body so far.
    pub frames: u64,
    body: Option<Body>,
    after_newline: bool,
}

impl Reader {
    /// Takes what it can from the buffer; true when the answer is complete.
    pub fn feed(&mut self, buffer: &mut BytesMut) -> Result<bool, Malformed> {
        if self.body.is_none() && !self.head(buffer)? {
            return Ok(false);
        }
        while let Some(body) = self.body {
            if matches!(body, Body::Length(0)) {
                return Ok(true);
            }
            match self.step(body, buffer)? {
                Some(next) => self.body = Some(next),
                None => return Ok(false),
            }
        }
        Ok(false)
    }

    /// Tells whether the head was read.
    pub fn has_head(&self) -> bool {
        self.body.is_some()
    }

    fn head(&mut self, buffer: &mut BytesMut) -> Result<bool, Malformed> {
        let Some(end) = memchr::memmem::find(buffer, b"\r\n\r\n") else { return Ok(false) };
        let head = buffer.split_to(end.saturating_add(4));
        let text = std::str::from_utf8(&head).map_err(|_| Malformed)?;
        let status = text.get(9..12).and_then(|code| code.parse().ok());
        self.status = status.ok_or(Malformed)?;
        self.body = Some(framing(text).ok_or(Malformed)?);
        Ok(true)
    }

    /// Does one step of the body; `None` when more bytes are needed.
    fn step(&mut self, body: Body, buffer: &mut BytesMut) -> Result<Option<Body>, Malformed> {
        match body {
            Body::Length(left) => Ok(self.take(left, buffer).map(Body::Length)),
            Body::ChunkHead => {
                let Some(line) = line(buffer)? else { return Ok(None) };
                let size = u64::from_str_radix(line.trim(), 16).map_err(|_| Malformed)?;
                Ok(Some(if size == 0 { Body::LastLine } else { Body::ChunkData(size) }))
            }
            Body::ChunkData(left) => Ok(self
                .take(left, buffer)
                .map(|left| if left == 0 { Body::ChunkEnd } else { Body::ChunkData(left) })),
            Body::ChunkEnd => Ok(line(buffer)?.map(|_| Body::ChunkHead)),
            Body::LastLine => Ok(line(buffer)?.map(|_| Body::Length(0))),
        }
    }

    /// Takes body bytes and returns how many are left; `None` when the buffer is empty.
    fn take(&mut self, left: u64, buffer: &mut BytesMut) -> Option<u64> {
        if buffer.is_empty() {
            return None;
        }
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        self.count_frames(buffer.get(..count).unwrap_or_default());
        buffer.advance(count);
        Some(left.saturating_sub(u64::try_from(count).unwrap_or_default()))
    }

    fn count_frames(&mut self, bytes: &[u8]) {
        let mut next = if self.after_newline { Some(0) } else { None };
        for at in memchr::memchr_iter(b'\n', bytes) {
            if next == Some(at) {
                self.frames = self.frames.saturating_add(1);
                next = None;
            } else {
                next = Some(at.saturating_add(1));
            }
        }
        self.after_newline = next == Some(bytes.len());
    }
}

/// Finds out how the body is framed; only what our mock and relays send is known.
fn framing(head: &str) -> Option<Body> {
    for line in head.split("\r\n") {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.eq_ignore_ascii_case("content-length") {
            return value.trim().parse().ok().map(Body::Length);
        }
        if name.eq_ignore_ascii_case("transfer-encoding") {
            return Some(Body::ChunkHead);
        }
    }
    None
}

fn line(buffer: &mut BytesMut) -> Result<Option<String>, Malformed> {
    let Some(end) = memchr::memmem::find(buffer, b"\r\n") else {
        return if buffer.len() > 64 { Err(Malformed) } else { Ok(None) };
    };
    let line = buffer.split_to(end);
    buffer.advance(2);
    String::from_utf8(line.to_vec()).map(Some).map_err(|_| Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                          9\r\ndata: 1\n\n\r\n8\r\ndata: 2\n\r\n1\r\n\n\r\n0\r\n\r\n";

    #[test]
    fn frames_are_counted_however_the_bytes_are_split() {
        for split in 1..STREAM.len() {
            let mut reader = Reader::default();
            let mut buffer = BytesMut::new();
            let mut done = false;
            for piece in STREAM.as_bytes().chunks(split) {
                assert!(!done);
                buffer.extend_from_slice(piece);
                done = reader.feed(&mut buffer).unwrap();
            }
            assert!(done, "split {split}");
            assert_eq!((reader.status, reader.frames), (200, 2), "split {split}");
            assert!(buffer.is_empty());
        }
    }

    #[test]
    fn a_length_leaves_the_next_answer_in_the_buffer() {
        let mut buffer = BytesMut::from("HTTP/1.1 429 No\r\ncontent-length: 2\r\n\r\nabHTTP");
        let mut reader = Reader::default();
        assert_eq!(reader.feed(&mut buffer), Ok(true));
        assert_eq!((reader.status, &buffer[..]), (429, &b"HTTP"[..]));
    }
}
