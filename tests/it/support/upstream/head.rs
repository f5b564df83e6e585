//! Reading a request off the wire: head, then a body with length or in chunks.

use std::io;
use std::time::Instant;

use bytes::{Buf, Bytes, BytesMut};
use tokio::net::TcpStream;

use super::record::Seen;
use super::rules::ReadBody;

/// A connection's incoming side.
#[derive(Default)]
pub struct Inbound {
    pub buffer: BytesMut,
}

impl Inbound {
    /// Reads the next head; `None` when the peer closed in order before one began.
    pub async fn head(&mut self, stream: &TcpStream, connection: u64) -> io::Result<Option<Seen>> {
        loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                let head = self.buffer.split_to(end + 4);
                return Ok(Some(parse(&String::from_utf8_lossy(&head), connection)));
            }
            if self.more(stream).await? == 0 {
                return Ok(None);
            }
        }
    }

    /// Reads the body as far as asked.
    pub async fn body(
        &mut self,
        stream: &TcpStream,
        head: &Seen,
        read: ReadBody,
    ) -> io::Result<Bytes> {
        let chunked = head.header("transfer-encoding").is_some_and(|coding| coding == "chunked");
        if chunked && read == ReadBody::All {
            return self.chunks(stream).await;
        }
        let length = head.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        let wanted = match read {
            ReadBody::All => length,
            ReadBody::Only(bytes) => bytes.min(length),
        };
        self.exactly(stream, wanted).await
    }

    async fn chunks(&mut self, stream: &TcpStream) -> io::Result<Bytes> {
        let mut body = BytesMut::new();
        loop {
            while find(&self.buffer, b"\r\n").is_none() {
                self.or_eof(stream).await?;
            }
            let end = find(&self.buffer, b"\r\n").unwrap_or_default();
            let line = self.buffer.split_to(end + 2);
            let text = String::from_utf8_lossy(&line[..end]).into_owned();
            let size = usize::from_str_radix(text.trim(), 16).map_err(io::Error::other)?;
            let piece = self.exactly(stream, size + 2).await?;
            if size == 0 {
                return Ok(body.freeze());
            }
            body.extend_from_slice(&piece[..size]);
        }
    }

    async fn exactly(&mut self, stream: &TcpStream, wanted: usize) -> io::Result<Bytes> {
        while self.buffer.len() < wanted {
            self.or_eof(stream).await?;
        }
        Ok(self.buffer.split_to(wanted).freeze())
    }

    async fn or_eof(&mut self, stream: &TcpStream) -> io::Result<()> {
        if self.more(stream).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    /// Reads what is there; 0 is the peer's orderly end.
    pub async fn more(&mut self, stream: &TcpStream) -> io::Result<usize> {
        loop {
            stream.readable().await?;
            self.buffer.reserve(16 * 1024);
            match stream.try_read_buf(&mut self.buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
        }
    }

    /// Drops what is left of an unread body, so that the next head is found at its place.
    pub fn forget(&mut self) {
        self.buffer.advance(self.buffer.len());
    }
}

/// Finds the first place of `needle`.
pub fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(hay, needle)
}

fn parse(head: &str, connection: u64) -> Seen {
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let method = first.next().unwrap_or_default().to_owned();
    let target = first.next().unwrap_or_default();
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
        None => (target.to_owned(), None),
    };
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    Seen {
        id: 0,
        connection,
        method,
        path,
        query,
        headers,
        body: Bytes::new(),
        at: Instant::now(),
        bytes_accepted: 0,
        answered: false,
        left: None,
    }
}
