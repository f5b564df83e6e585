//! The load driver: keep-alive connections of our own, either as fast as they go (to find a
//! capacity) or at a fixed rate (to measure what a request costs and how long it takes).

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::cases::CONTENT_FRAME;
use crate::wire::Reader;

/// What is sent, to whom, over how many connections.
#[derive(Clone, Debug)]
pub struct Load {
    /// The relay or the mock.
    pub address: SocketAddr,
    /// One request's bytes.
    pub request: Bytes,
    /// Connections at once.
    pub connections: u32,
    /// Events each answer must have; 0 for answers that are no streams.
    pub frames: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Whole answers with status 200.
    pub completed: u64,
    /// Other answers, and none at all.
    pub failed: u64,
    /// Whole answers with a wrong number of events.
    pub short: u64,
    /// Nanoseconds from sending to the first content of a stream, or to the last byte of anything else;
    /// sorted. (The end of a stream tells more of the mock's pauses than of the relay.)
    pub latencies: Vec<u64>,
    /// How long it took.
    pub elapsed: Duration,
}

impl Outcome {
    /// Whole answers a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "some thousands")]
        let completed = self.completed as f64;
        completed / self.elapsed.as_secs_f64()
    }

    fn count(&mut self, load: &Load, begun: Instant, answer: &io::Result<Answer>) {
        match answer {
            Ok(answer) if answer.status == 200 => {
                self.completed = self.completed.saturating_add(1);
                if answer.frames != load.frames {
                    self.short = self.short.saturating_add(1);
                }
                let time = answer.felt.saturating_duration_since(begun);
                self.latencies.push(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
            }
            _ => self.failed = self.failed.saturating_add(1),
        }
    }

    fn join(&mut self, other: Self) {
        self.completed = self.completed.saturating_add(other.completed);
        self.failed = self.failed.saturating_add(other.failed);
        self.short = self.short.saturating_add(other.short);
        self.latencies.extend(other.latencies);
    }
}

/// One answer, as far as it was read.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Events in it.
    pub frames: u64,
    /// When its first content, or else its end, was there.
    pub felt: Instant,
}

/// A connection that is opened when needed and kept while it is good.
#[derive(Debug)]
pub struct Line {
    address: SocketAddr,
    stream: Option<TcpStream>,
    buffer: BytesMut,
}

impl Line {
    /// Makes a line that is not connected yet.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self { address, stream: None, buffer: BytesMut::with_capacity(16 * 1_024) }
    }

    /// Sends a request and reads its whole answer.
    pub async fn ask(&mut self, request: &[u8]) -> io::Result<Answer> {
        let answer = self.exchange(request, u64::MAX).await;
        if answer.is_err() {
            self.hang_up();
        }
        answer
    }

    /// Sends a request, reads so many events of its answer, and leaves.
    pub async fn ask_and_leave(&mut self, request: &[u8], frames: u64) -> io::Result<Answer> {
        let answer = self.exchange(request, frames).await;
        self.hang_up();
        answer
    }

    /// Closes the connection.
    pub fn hang_up(&mut self) {
        self.stream = None;
        self.buffer.clear();
    }

    async fn exchange(&mut self, request: &[u8], enough: u64) -> io::Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(self.address).await?,
        };
        stream.write_all(request).await?;
        let mut reader = Reader::default();
        let mut felt = None;
        loop {
            if stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let fed = reader.feed(&mut self.buffer);
            let done = fed.map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
            if done || reader.frames >= CONTENT_FRAME {
                felt.get_or_insert_with(Instant::now);
            }
            if done || reader.frames >= enough {
                self.stream = Some(stream);
                let felt = felt.unwrap_or_else(Instant::now);
                return Ok(Answer { status: reader.status, frames: reader.frames, felt });
            }
        }
    }
}

async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Sends as fast as answers come, for so long.
pub async fn flat_out(load: &Load, time: Duration) -> Outcome {
    let end = Instant::now() + time;
    gather(load, move |load, _| async move {
        let mut line = Line::new(load.address);
        let mut outcome = Outcome::default();
        while Instant::now() < end {
            let begun = Instant::now();
            let answer = line.ask(&load.request).await;
            outcome.count(&load, begun, &answer);
        }
        outcome
    })
    .await
}

/// Sends so many requests a second, for so long, whether answers come or not. A request that
/// starts late because its connection was busy counts from when it should have started.
pub async fn paced(load: &Load, rate: f64, time: Duration) -> Outcome {
    let start = Instant::now() + Duration::from_millis(20);
    let total = rate * time.as_secs_f64();
    gather(load, move |load, number| async move {
        let mut line = Line::new(load.address);
        let mut outcome = Outcome::default();
        let mut slot = f64::from(number);
        while slot < total {
            let due = start + Duration::from_secs_f64(slot / rate);
            let late = Instant::now() >= due;
            if !late {
                sleep_until(due).await;
            }
            // The timer counts in milliseconds: its lateness is ours, not the relay's.
            let begun = if late { due } else { Instant::now() };
            let answer = line.ask(&load.request).await;
            outcome.count(&load, begun, &answer);
            slot += f64::from(load.connections);
        }
        outcome
    })
    .await
}

/// Runs one task a connection and puts their outcomes together.
async fn gather<F, T>(load: &Load, task: F) -> Outcome
where
    F: Fn(Arc<Load>, u32) -> T,
    T: Future<Output = Outcome> + Send + 'static,
{
    let start = Instant::now();
    let shared = Arc::new(load.clone());
    let mut tasks = JoinSet::new();
    for number in 0..load.connections {
        tasks.spawn(task(Arc::clone(&shared), number));
    }
    let mut all = Outcome::default();
    while let Some(one) = tasks.join_next().await {
        all.join(one.unwrap_or_default());
    }
    all.latencies.sort_unstable();
    all.elapsed = start.elapsed();
    all
}
