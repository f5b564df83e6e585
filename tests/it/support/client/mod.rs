//! A raw HTTP/1.1 client: it sends exactly the bytes it is told, reads answers as slowly as wanted,
//! and leaves at any point, in order or by a reset.

mod answer;
mod request;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

pub use answer::{Answer, End, Live};
pub use request::Request;

/// The longest a test waits for a byte.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Sends requests to one address, one connection each.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    address: SocketAddr,
    /// The receive buffer asked of the kernel; small ones make a slow reader felt early.
    receive_buffer: Option<u32>,
}

impl Client {
    /// Speaks to the address.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, receive_buffer: None }
    }

    /// Asks for a small receive buffer.
    #[must_use]
    pub fn with_receive_buffer(mut self, bytes: u32) -> Self {
        self.receive_buffer = Some(bytes);
        self
    }

    /// Connects.
    pub async fn connect(&self) -> io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        if let Some(bytes) = self.receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        let stream = socket.connect(self.address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Sends a request and returns once the answer's head is there.
    pub async fn open(&self, request: &Request) -> io::Result<Live> {
        let mut stream = self.connect().await?;
        let sent = stream.write_all(&request.bytes()).await;
        // A server may refuse before it read everything: what it said counts, not our failed write.
        Live::read_head(stream, sent.err()).await
    }

    /// Sends a request and reads the whole answer; panics when there is none.
    pub async fn send(&self, request: &Request) -> Answer {
        match self.try_send(request).await {
            Ok(answer) => answer,
            Err(error) => panic!("no answer to {} {}: {error}", request.method, request.target),
        }
    }

    /// Sends a request and reads the whole answer.
    pub async fn try_send(&self, request: &Request) -> io::Result<Answer> {
        self.open(request).await?.finish().await
    }

    /// Uploads the request in pieces with a pause between them; returns what was answered, early or
    /// at the end.
    pub async fn upload_slowly(
        &self,
        request: &Request,
        piece: usize,
        gap: Duration,
    ) -> io::Result<Answer> {
        let mut stream = self.connect().await?;
        let bytes = request.bytes();
        for part in bytes.chunks(piece) {
            if stream.write_all(part).await.is_err() {
                break;
            }
            tokio::select! {
                ready = stream.readable() => { ready?; break; }
                () = tokio::time::sleep(gap) => {}
            }
        }
        Live::read_head(stream, None).await?.finish().await
    }
}
