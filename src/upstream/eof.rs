//! A socket that never ends quietly.
//!
//! awc takes the end of a connection in the middle of an HTTP/1.1 body for the end of the body.
//! Here an end of file is an error, so that a truncated answer is seen as one; a pooled
//! connection that the peer closed while idle is still skipped by awc's own check.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_rt::net::{ActixStream, Ready, TcpStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::client::TlsStream;

use super::opened::{Ended, Opened};

/// A connection whose end of file is an error.
#[derive(Debug)]
pub struct GuardedStream {
    io: Io,
    /// Nothing is read from it any more.
    ended: Ended,
}

#[derive(Debug)]
enum Io {
    /// To the provider or a proxy.
    Plain(TcpStream),
    /// To a proxy that is spoken to over TLS. TLS to a provider is laid over this whole type.
    Secured(Box<TlsStream<TcpStream>>),
}

impl GuardedStream {
    /// Guards a connection.
    #[must_use]
    pub fn plain(stream: TcpStream) -> Self {
        Self::over(Io::Plain(stream))
    }

    /// Guards a connection to a proxy over TLS.
    #[must_use]
    pub fn secured(stream: TlsStream<TcpStream>) -> Self {
        Self::over(Io::Secured(Box::new(stream)))
    }

    fn over(io: Io) -> Self {
        Self { io, ended: Ended::default() }
    }

    fn socket(&self) -> &TcpStream {
        match &self.io {
            Io::Plain(stream) => stream,
            Io::Secured(stream) => stream.get_ref().0,
        }
    }
}

/// Calls the same method of whatever connection it is.
macro_rules! either {
    ($self:expr, $io:ident => $call:expr) => {
        match &mut $self.io {
            Io::Plain(stream) => {
                let $io = Pin::new(stream);
                $call
            }
            Io::Secured(stream) => {
                let $io = Pin::new(stream.as_mut());
                $call
            }
        }
    };
}

impl AsyncRead for GuardedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ended.is_set() {
            return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
        }
        let before = buffer.filled().len();
        let room = buffer.remaining();
        ready!(either!(self, io => io.poll_read(cx, buffer)))?;
        if room > 0 && buffer.filled().len() == before {
            return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for GuardedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Opened::uses(&self.ended);
        either!(self, io => io.poll_write(cx, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, io => io.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, io => io.poll_shutdown(cx))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Opened::uses(&self.ended);
        either!(self, io => io.poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        match &self.io {
            Io::Plain(stream) => stream.is_write_vectored(),
            Io::Secured(stream) => stream.is_write_vectored(),
        }
    }
}

impl ActixStream for GuardedStream {
    fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        ActixStream::poll_read_ready(self.socket(), cx)
    }

    fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        ActixStream::poll_write_ready(self.socket(), cx)
    }
}
