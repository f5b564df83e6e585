//! An answer while it comes, and when it is there.

use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::PATIENCE;

/// How an answer's body ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// As its framing said.
    Clean,
    /// Before its framing said so, by close or reset.
    Cut,
}

/// How the body is framed.
#[derive(Clone, Copy, Debug)]
enum Framing {
    Length(usize),
    Chunked,
    Close,
}

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    pub end: End,
}

impl Answer {
    /// Returns a header's first value.
    pub fn header(&self, name: &str) -> Option<&str> {
        find_header(&self.headers, name)
    }

    /// Returns the body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns the body as JSON; panics with the text when it is none.
    pub fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("not JSON ({error}), status {}: {}", self.status, self.text()),
        }
    }
}

/// An answer whose head is there and whose body is still coming.
pub struct Live {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    stream: TcpStream,
    raw: BytesMut,
    body: BytesMut,
    framing: Framing,
    end: Option<End>,
}

impl Live {
    /// Reads the head. `refused` is what stopped the upload, told when no answer comes either.
    pub(super) async fn read_head(
        stream: TcpStream,
        refused: Option<io::Error>,
    ) -> io::Result<Self> {
        let mut live = Self {
            status: 0,
            headers: Vec::new(),
            stream,
            raw: BytesMut::new(),
            body: BytesMut::new(),
            framing: Framing::Close,
            end: None,
        };
        loop {
            if let Some(end) = memchr::memmem::find(&live.raw, b"\r\n\r\n") {
                let head = live.raw.split_to(end + 4);
                if head.starts_with(b"HTTP/1.1 100") {
                    continue;
                }
                live.parse(&String::from_utf8_lossy(&head));
                live.decode();
                return Ok(live);
            }
            if live.fill().await? == 0 {
                return Err(refused.unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into()));
            }
        }
    }

    /// Returns a header's first value.
    pub fn header(&self, name: &str) -> Option<&str> {
        find_header(&self.headers, name)
    }

    /// Returns the next whole event of the stream with its blank line; `None` at the end.
    pub async fn next_frame(&mut self) -> Option<String> {
        loop {
            if let Some(length) = frame_length(&self.body) {
                let frame = self.body.split_to(length);
                return Some(String::from_utf8_lossy(&frame).into_owned());
            }
            if self.end.is_some() {
                return None;
            }
            self.advance().await;
        }
    }

    /// Reads events until one contains the text; panics when the stream ends before.
    pub async fn frame_with(&mut self, text: &str) -> String {
        while let Some(frame) = self.next_frame().await {
            if frame.contains(text) {
                return frame;
            }
        }
        panic!("the stream ended before a frame with {text:?}");
    }

    /// Reads until at least so many body bytes are there, or the end.
    pub async fn read_at_least(&mut self, bytes: usize) -> usize {
        while self.body.len() < bytes && self.end.is_none() {
            self.advance().await;
        }
        self.body.len()
    }

    /// Takes one byte off the wire, as the slowest of readers does.
    pub async fn read_one_byte(&mut self) -> io::Result<usize> {
        let mut one = [0; 1];
        let count = self.stream.read(&mut one).await?;
        self.raw.extend_from_slice(&one[..count]);
        Ok(count)
    }

    /// Reads a byte a second for ever.
    pub fn read_slowly(mut self) -> JoinHandle<()> {
        tokio::spawn(async move {
            while self.read_one_byte().await.is_ok_and(|count| count > 0) {
                sleep(Duration::from_secs(1)).await;
            }
        })
    }

    /// Reads to the end.
    pub async fn finish(mut self) -> io::Result<Answer> {
        while self.end.is_none() {
            self.advance().await;
        }
        Ok(Answer {
            status: self.status,
            headers: self.headers,
            body: self.body.freeze(),
            end: self.end.unwrap_or(End::Cut),
        })
    }

    /// Tells whether the server reset the connection, without reading from it.
    pub fn was_reset(&self) -> bool {
        let error = self.stream.take_error().ok().flatten();
        error.is_some_and(|error| error.kind() == io::ErrorKind::ConnectionReset)
    }

    /// Leaves in order.
    pub fn leave(self) {
        drop(self.stream);
    }

    /// Leaves by a reset.
    pub fn leave_by_reset(self) {
        drop(self.stream.set_zero_linger());
        drop(self.stream);
    }

    async fn advance(&mut self) {
        match self.fill().await {
            Ok(0) => {
                let complete = matches!(self.framing, Framing::Close);
                self.end.get_or_insert(if complete { End::Clean } else { End::Cut });
            }
            Ok(_) => self.decode(),
            Err(_) => self.end = Some(End::Cut),
        }
    }

    async fn fill(&mut self) -> io::Result<usize> {
        let read = timeout(PATIENCE, self.stream.read_buf(&mut self.raw)).await;
        read.unwrap_or_else(|_| panic!("the server said nothing for {PATIENCE:?}"))
    }

    fn parse(&mut self, head: &str) {
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        self.status = status.and_then(|text| text.parse().ok()).expect("a status line");
        self.headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        let length = self.header("content-length").and_then(|text| text.parse().ok());
        self.framing = if self.header("transfer-encoding") == Some("chunked") {
            Framing::Chunked
        } else if matches!(self.status, 204 | 304) {
            Framing::Length(0)
        } else {
            length.map_or(Framing::Close, Framing::Length)
        };
    }

    /// Moves what is decodable from `raw` to `body`.
    fn decode(&mut self) {
        match self.framing {
            Framing::Close => self.body.unsplit(self.raw.split()),
            Framing::Length(left) => {
                let taken = left.min(self.raw.len());
                self.body.unsplit(self.raw.split_to(taken));
                self.framing = Framing::Length(left - taken);
                if left == taken {
                    self.end = Some(End::Clean);
                }
            }
            Framing::Chunked => while self.decode_chunk() {},
        }
    }

    fn decode_chunk(&mut self) -> bool {
        let Some(line) = memchr::memmem::find(&self.raw, b"\r\n") else { return false };
        let size = String::from_utf8_lossy(&self.raw[..line]).into_owned();
        let size = usize::from_str_radix(size.trim(), 16).expect("a chunk size");
        if self.raw.len() < line + 2 + size + 2 {
            return false;
        }
        drop(self.raw.split_to(line + 2));
        self.body.extend_from_slice(&self.raw.split_to(size));
        drop(self.raw.split_to(2));
        if size == 0 {
            self.end = Some(End::Clean);
        }
        size > 0
    }
}

fn find_header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Returns the length of the first whole event, its blank line included.
fn frame_length(body: &[u8]) -> Option<usize> {
    let plain = memchr::memmem::find(body, b"\n\n").map(|at| at + 2);
    let windows = memchr::memmem::find(body, b"\r\n\r\n").map(|at| at + 4);
    match (plain, windows) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// A pause for tests that read slowly by design.
pub const ONE_BYTE_A_SECOND: Duration = Duration::from_secs(1);
