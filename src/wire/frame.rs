//! What one frame of a stream means, per dialect: the gate's view.

use std::time::Duration;

use switchyard_actors::domain::dialect::Dialect;

use super::observe::{Form, Observer, TEXT_MAX};
use super::scan::Scanner;
use super::sse::RawFrame;
use super::upstream_error::Doubt;

/// Whose fault an error is, and so what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The request's: nobody else is asked, nobody is charged.
    Client,
    /// The provider's.
    Provider,
    /// The vendor asks to wait, or the account's quota is used up.
    RateLimit,
    /// The vendor says that it is overloaded.
    Overloaded,
    /// The model or path is not there; another provider may have it.
    NotFound,
    /// The provider's account: credential, permission, payment.
    Auth,
}

/// An error that came inside a 2xx answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameError {
    /// Whose fault it is.
    pub class: ErrorClass,
    /// The status it stands for: inferred, since the real one was 2xx.
    pub status: u16,
    /// The upstream's own code, else its type, else empty.
    pub code: String,
    /// The upstream's own text, at most 2 KiB.
    pub message: String,
    /// How long the error asks to wait (Gemini's `RetryInfo`).
    pub retry_after: Option<Duration>,
    /// Why another provider may take the request, though it is refused here.
    pub doubt: Option<Doubt>,
}

/// What a frame means to the gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameClass {
    /// Something of the answer itself.
    Content,
    /// A shell, a ping, a role, a comment, a kind nobody knows.
    Neutral,
    /// The request repeated: `response.created`, `.in_progress`, `.queued`.
    Echo,
    /// The end of the stream.
    Terminal {
        /// Nothing of an answer was seen up to here.
        empty: bool,
    },
    /// An error instead of an answer.
    Error(FrameError),
    /// Not what the dialect sends: not JSON, HTML, `[DONE]` alone.
    Malformed,
}

/// Tells whether the dialect's terminal frame is its last for sure. Gemini may repeat
/// `finishReason` on every chunk, and some relays send usage behind it: only EOF ends it.
#[must_use]
pub const fn end_is_final(dialect: Dialect) -> bool {
    !matches!(dialect, Dialect::Gemini | Dialect::GeminiCli)
}

/// Judges one frame by itself.
#[must_use]
pub fn classify(dialect: Dialect, frame: &RawFrame) -> FrameClass {
    FrameJudge::new(dialect).judge(frame)
}

/// Judges the frames of one stream in order; it knows what came before.
#[derive(Debug)]
pub struct FrameJudge {
    scanner: Scanner<Observer>,
    valid: bool,
}

impl FrameJudge {
    /// Makes a judge for one stream.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        let observer = Observer::new(dialect, Form::Sse);
        Self { scanner: Scanner::new(observer).with_text_limit(TEXT_MAX), valid: false }
    }

    /// Judges the next frame.
    pub fn judge(&mut self, frame: &RawFrame) -> FrameClass {
        if frame.data.is_empty() {
            return without_data(frame);
        }
        if is_done_mark(&frame.data) {
            return self.done_mark();
        }
        self.scanner.reset();
        self.scanner.visitor_mut().begin(frame.event.as_bytes());
        let whole = self.scanner.push(&frame.data).and_then(|()| self.scanner.finish()).is_ok();
        let class = self.scanner.visitor_mut().end(whole);
        self.valid |= class != FrameClass::Malformed;
        class
    }

    /// Tells whether any frame so far was of the dialect.
    #[must_use]
    pub const fn saw_valid_frame(&self) -> bool {
        self.valid
    }

    /// Tells whether a frame that is still arriving repeats the request, as far as its beginning
    /// names it.
    pub fn begins_echo(&mut self, beginning: &RawFrame) -> bool {
        self.scanner.reset();
        self.scanner.visitor_mut().begin(beginning.event.as_bytes());
        // The beginning of a document is no whole one: what was read before the cut is what counts.
        let _ = self.scanner.push(&beginning.data);
        self.scanner.visitor().begins_echo()
    }

    /// `[DONE]` ends a chat that has begun; elsewhere it is a relay's habit behind the end.
    fn done_mark(&mut self) -> FrameClass {
        if !self.valid {
            return FrameClass::Malformed;
        }
        self.scanner.visitor_mut().done_mark()
    }
}

/// Tells whether an end without content may be all that a stream has: a blocked or cut Gemini answer
/// and a Responses object with an empty output are whole; elsewhere a shell comes first.
#[must_use]
pub const fn end_may_stand_alone(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::Gemini | Dialect::GeminiCli | Dialect::Responses)
}

/// Tells whether data is chat's end mark.
pub(in crate::wire) fn is_done_mark(data: &[u8]) -> bool {
    data.trim_ascii() == b"[DONE]"
}

/// A frame without data is a comment or a ping, unless a document stands where frames should.
fn without_data(frame: &RawFrame) -> FrameClass {
    let text = super::answer::without_mark(&frame.raw).trim_ascii_start();
    match text.first() {
        Some(b'{' | b'[' | b'<') => FrameClass::Malformed,
        _ => FrameClass::Neutral,
    }
}

#[cfg(test)]
mod tests;
