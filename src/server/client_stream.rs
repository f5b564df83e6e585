//! The server's side of a client's connection: a socket that tells when it takes and gives bytes,
//! that can be ended between two requests, and cut while its dispatcher waits for a client that
//! reads nothing.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_rt::net::TcpStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::proxy::line::{Line, Overdue};

/// What a client is told whose head does not come to its end, as the dispatcher tells it of a first one.
const LATE: &[u8] =
    b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// A client's connection.
#[derive(Debug)]
pub struct ClientStream {
    socket: TcpStream,
    line: Line,
}

impl ClientStream {
    /// Wraps an accepted connection.
    #[must_use]
    pub fn new(socket: TcpStream) -> Self {
        Self { socket, line: Line::default() }
    }

    /// Returns the handle on it.
    #[must_use]
    pub const fn line(&self) -> &Line {
        &self.line
    }

    /// A cut connection is reset: what its client did not read is of no use to anyone.
    fn check(&self) -> io::Result<()> {
        if !self.line.is_cut() {
            return Ok(());
        }
        self.socket.set_zero_linger()?;
        Err(io::ErrorKind::ConnectionAborted.into())
    }

    /// Tells a client why its connection ends, where it waits for a word. All of the answer before was
    /// taken: a connection that holds bytes back is cut.
    fn take_leave(&self, why: Overdue) {
        if why == Overdue::Head {
            // A full buffer means that it does not read: it is not told, then.
            let _ = self.socket.try_write(LATE);
        }
    }

    fn note(&self, cx: &Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Pending => self.line.note_blocked(cx.waker()),
            Poll::Ready(Ok(_)) => self.line.note_taken(),
            Poll::Ready(Err(_)) => {}
        }
        written
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check()?;
        if let Some(why) = self.line.ended() {
            self.take_leave(why);
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.socket).poll_read(cx, buffer);
        match &read {
            Poll::Pending => self.line.note_reading(cx.waker()),
            Poll::Ready(Ok(())) if buffer.filled().len() > before => self.line.note_read(),
            Poll::Ready(_) => {}
        }
        read
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        let written = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.note(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        let written = Pin::new(&mut self.socket).poll_write_vectored(cx, slices);
        self.note(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::AsyncReadExt as _;
    use tokio::net::TcpListener;

    use super::*;

    async fn pair() -> (ClientStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (ClientStream::new(listener.accept().await.unwrap().0), client)
    }

    async fn write(stream: &mut ClientStream, bytes: &[u8]) -> io::Result<usize> {
        poll_fn(|cx| Pin::new(&mut *stream).poll_write(cx, bytes)).await
    }

    #[tokio::test]
    async fn a_blocked_writer_is_woken_by_a_cut_and_its_client_sees_a_reset() {
        let (mut stream, mut client) = pair().await;
        let line = stream.line().clone();
        assert_eq!(line.took_at(), None);
        let writing = async {
            while write(&mut stream, &[0; 4_096]).await.is_ok() {}
            drop(stream);
        };
        // On one thread the cutter has its turn when the writer is blocked.
        tokio::join!(writing, async { line.cut() });
        let mut buffer = vec![0; 65_536];
        let end = loop {
            match client.read(&mut buffer).await {
                Ok(0) => break None,
                Ok(_) => {}
                Err(error) => break Some(error.kind()),
            }
        };
        assert_eq!(end, Some(io::ErrorKind::ConnectionReset));
        assert!(line.took_at().is_some());
    }
}
