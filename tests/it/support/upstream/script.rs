//! What the upstream does with a connection, step by step: well-formed answers, and every way to
//! break one.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use tokio::sync::watch;

/// Holds answers until it is opened.
#[derive(Clone, Debug)]
pub struct Gate(watch::Sender<bool>);

impl Gate {
    /// Makes a closed one.
    pub fn closed() -> Self {
        Self(watch::Sender::new(false))
    }

    /// Lets all pass, also those that come later.
    pub fn open(&self) {
        self.0.send_replace(true);
    }

    /// Ends when it is open.
    pub async fn pass(&self) {
        drop(self.0.subscribe().wait_for(|open| *open).await);
    }
}

/// One act on the connection.
#[derive(Clone, Debug)]
pub enum Step {
    /// Bytes, as they are.
    Raw(Bytes),
    /// Silence for a while.
    Sleep(Duration),
    /// Silence until the gate is open.
    Wait(Gate),
    /// Silence until the peer leaves.
    Stall,
    /// An orderly close.
    Fin,
    /// A reset (`SO_LINGER` 0).
    Reset,
    /// The same bytes again and again, until the peer leaves.
    Endless { bytes: Bytes, gap: Duration },
}

/// A sequence of steps, made by chaining. The head goes out with the first `body` or `chunked`.
#[derive(Clone, Debug, Default)]
pub struct Script {
    status: u16,
    headers: Vec<(String, String)>,
    steps: Vec<Step>,
}

impl Script {
    /// An answer with the status.
    pub fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// An event stream, its head sent at once.
    pub fn stream() -> Self {
        Self::status(200).header("content-type", "text/event-stream").chunked()
    }

    /// A JSON answer with the right length.
    pub fn json(status: u16, body: impl Into<Bytes>) -> Self {
        Self::status(status).header("content-type", "application/json").body(body)
    }

    /// A stream that sends the frames, one chunk each, and ends well.
    pub fn frames<I: IntoIterator<Item: Into<Bytes>>>(frames: I) -> Self {
        Self::stream().chunks(frames).end()
    }

    /// Closes before any byte.
    pub fn hang_up() -> Self {
        Self::default().fin()
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends the head and the body with its true length.
    #[must_use]
    pub fn body(self, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let length = body.len();
        self.body_claiming(body, length)
    }

    /// Sends the head with a wrong length, then the body.
    #[must_use]
    pub fn body_claiming(self, body: impl Into<Bytes>, length: usize) -> Self {
        self.header("content-length", &length.to_string()).head().raw(body)
    }

    /// Sends the head of a chunked answer.
    #[must_use]
    pub fn chunked(self) -> Self {
        self.header("transfer-encoding", "chunked").head()
    }

    /// Sends the head as it is: without framing the body ends with the connection.
    #[must_use]
    pub fn head(mut self) -> Self {
        let mut text = format!("HTTP/1.1 {} Scripted\r\n", self.status);
        for (name, value) in &self.headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        text.push_str("\r\n");
        self.steps.push(Step::Raw(text.into()));
        self
    }

    /// Sends bytes without any framing.
    #[must_use]
    pub fn raw(self, bytes: impl Into<Bytes>) -> Self {
        self.step(Step::Raw(bytes.into()))
    }

    /// Sends one chunk.
    #[must_use]
    pub fn chunk(self, bytes: impl Into<Bytes>) -> Self {
        self.raw(framed(&bytes.into()))
    }

    /// Sends one chunk for each piece.
    #[must_use]
    pub fn chunks<I: IntoIterator<Item: Into<Bytes>>>(self, pieces: I) -> Self {
        pieces.into_iter().fold(self, Self::chunk)
    }

    /// Announces a whole chunk, sends the first `keep` bytes of it, and closes.
    #[must_use]
    pub fn cut_chunk(self, bytes: impl Into<Bytes>, keep: usize) -> Self {
        let bytes = bytes.into();
        let announced = format!("{:x}\r\n", bytes.len());
        self.raw(announced).raw(bytes.slice(..keep.min(bytes.len()))).fin()
    }

    /// Sends the pieces byte by byte, with a pause after each.
    #[must_use]
    pub fn trickle(self, bytes: &[u8], gap: Duration) -> Self {
        bytes.iter().fold(self, |script, byte| script.chunk(vec![*byte]).sleep(gap))
    }

    /// Ends a chunked answer.
    #[must_use]
    pub fn end(self) -> Self {
        self.raw("0\r\n\r\n")
    }

    /// Waits.
    #[must_use]
    pub fn sleep(self, time: Duration) -> Self {
        self.step(Step::Sleep(time))
    }

    /// Waits until the gate is open.
    #[must_use]
    pub fn wait(self, gate: &Gate) -> Self {
        self.step(Step::Wait(gate.clone()))
    }

    /// Says nothing more, until the peer leaves.
    #[must_use]
    pub fn stall(self) -> Self {
        self.step(Step::Stall)
    }

    /// Closes in order.
    #[must_use]
    pub fn fin(self) -> Self {
        self.step(Step::Fin)
    }

    /// Resets the connection.
    #[must_use]
    pub fn reset(self) -> Self {
        self.step(Step::Reset)
    }

    /// Sends the chunk for ever.
    #[must_use]
    pub fn endless(self, piece: impl Into<Bytes>, gap: Duration) -> Self {
        self.step(Step::Endless { bytes: framed(&piece.into()), gap })
    }

    /// Keeps the first steps alone; the head is one.
    #[must_use]
    pub fn only(mut self, steps: usize) -> Self {
        self.steps.truncate(steps);
        self
    }

    /// Returns the steps.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}

/// Puts bytes into one chunk of the chunked coding.
fn framed(bytes: &Bytes) -> Bytes {
    let mut out = BytesMut::with_capacity(bytes.len() + 12);
    out.put_slice(format!("{:x}\r\n", bytes.len()).as_bytes());
    out.put_slice(bytes);
    out.put_slice(b"\r\n");
    out.freeze()
}
