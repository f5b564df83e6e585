//! Holds an answer back until its first content frame, so that failover before it is invisible (D5).

use std::time::Duration;

use bytes::Bytes;
use switchyard_actors::domain::dialect::Dialect;
use tokio::time::Instant;

use super::config::GateConfig;
use crate::wire::frame::{FrameClass, FrameError, FrameJudge, end_may_stand_alone};
use crate::wire::sse::FrameReader;
use crate::wire::usage::{Form, UsageTap};

/// An event's name or type stands within so many bytes of its beginning.
const NAME_WITHIN: usize = 4 << 10;

/// What the gate says after a piece of the answer.
#[derive(Debug)]
pub enum Verdict {
    /// Nothing yet.
    Hold,
    /// Let everything through; the note says why when it was not content.
    Commit(Option<&'static str>),
    /// The vendor reports an error instead of an answer.
    Error(FrameError),
    /// This is no answer of the dialect.
    Malformed(&'static str),
}

/// How the gate looks at an answer: whole frames of an event stream, or, for Gemini's growing
/// array, what the usage tap sees going by.
enum Reader {
    Frames(FrameReader, FrameJudge),
    Array(UsageTap),
}

/// The gate of one attempt.
pub struct Gate {
    dialect: Dialect,
    config: GateConfig,
    reader: Reader,
    held: Vec<Bytes>,
    held_bytes: usize,
    echo_bytes: usize,
    /// The frame that is still arriving is known to be an echo.
    echo_arriving: bool,
    frames: u32,
    opened: Instant,
    hold: Duration,
}

impl Gate {
    /// Makes the gate of one attempt at a provider that speaks `dialect`; `hold` is how long its client
    /// may be kept waiting.
    #[must_use]
    pub fn new(dialect: Dialect, form: Form, config: GateConfig, hold: Duration) -> Self {
        Self {
            dialect,
            config,
            reader: match form {
                Form::Sse => Reader::Frames(
                    FrameReader::new(config.bytes + config.echo_bytes),
                    FrameJudge::new(dialect),
                ),
                form => Reader::Array(UsageTap::new(dialect, form)),
            },
            held: Vec::new(),
            held_bytes: 0,
            echo_bytes: 0,
            echo_arriving: false,
            frames: 0,
            opened: Instant::now(),
            hold,
        }
    }

    /// Returns when the gate lets a slow answer through, once a valid frame was seen: at the end of
    /// its hold, and no later than its try. Who allows a try less time for its first content than
    /// the gate may hold wants another provider asked instead.
    #[must_use]
    pub fn opens_at(&self, first_content: Duration, deadline: Instant) -> Option<Instant> {
        let may_open = self.frames > 0 && first_content >= self.hold;
        may_open.then(|| deadline.min(self.opened + self.hold))
    }

    /// Takes a piece of the answer.
    pub fn push(&mut self, chunk: Bytes) -> Verdict {
        self.held_bytes += chunk.len();
        let verdict = self.judge(&chunk);
        self.held.push(chunk);
        verdict
    }

    /// Returns everything held, in order.
    #[must_use]
    pub fn release(self) -> Vec<Bytes> {
        self.held
    }

    /// Tells whether anything arrived.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.held_bytes == 0
    }

    fn judge(&mut self, chunk: &[u8]) -> Verdict {
        let verdict = match &mut self.reader {
            Reader::Array(tap) => judge_array(tap, chunk),
            Reader::Frames(reader, _) => {
                reader.push(chunk);
                self.judge_frames()
            }
        };
        match verdict {
            Verdict::Hold if self.is_full() => Verdict::Commit(Some("gate: overflow")),
            verdict => verdict,
        }
    }

    fn is_full(&mut self) -> bool {
        let echo_bytes = self.echo_bytes + self.arriving_echo();
        self.held_bytes.saturating_sub(echo_bytes) > self.config.bytes
            || echo_bytes > self.config.echo_bytes
            || self.frames > self.config.frames
    }

    /// Returns how many bytes of an unfinished frame repeat the request.
    fn arriving_echo(&mut self) -> usize {
        let Reader::Frames(reader, judge) = &mut self.reader else { return 0 };
        if !self.echo_arriving
            && let Some(beginning) = reader.beginning(NAME_WITHIN)
        {
            self.echo_arriving = judge.begins_echo(&beginning);
        }
        if self.echo_arriving { reader.held() } else { 0 }
    }

    fn judge_frames(&mut self) -> Verdict {
        let Reader::Frames(reader, judge) = &mut self.reader else { return Verdict::Hold };
        loop {
            let frame = match reader.next_frame() {
                Ok(Some(frame)) => frame,
                Ok(None) => return Verdict::Hold,
                Err(_) => return Verdict::Commit(Some("gate: overflow")),
            };
            self.echo_arriving = false;
            match judge.judge(&frame) {
                FrameClass::Content | FrameClass::Terminal { empty: false } => {
                    return Verdict::Commit(None);
                }
                FrameClass::Echo => self.echo_bytes += frame.raw.len(),
                FrameClass::Terminal { empty: true }
                    if self.frames > 0 || end_may_stand_alone(self.dialect) =>
                {
                    return Verdict::Commit(Some("gate: empty answer"));
                }
                FrameClass::Terminal { empty: true } => {
                    return Verdict::Malformed("the stream ended before it began");
                }
                FrameClass::Error(error) => return Verdict::Error(error),
                FrameClass::Malformed if self.frames == 0 => {
                    return Verdict::Malformed("the first frame is not of the dialect");
                }
                FrameClass::Neutral | FrameClass::Malformed => {}
            }
            self.frames += 1;
        }
    }
}

fn judge_array(tap: &mut UsageTap, chunk: &[u8]) -> Verdict {
    let progress = tap.push(chunk);
    match progress.error {
        Some(error) => Verdict::Error(error),
        None if progress.first_content || progress.ended => Verdict::Commit(None),
        None => Verdict::Hold,
    }
}
