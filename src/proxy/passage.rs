//! What of a committed answer may go to its client, and how it ends. Pure: pieces of the upstream's
//! bytes go in, the client's come out; nothing here knows a clock or a socket.

mod begun;
#[cfg(test)]
mod tests;
mod translated;

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::ids::RequestId;

use self::begun::BegunFrame;
pub use self::translated::Badly;
use super::convert::translator::Translator;
use super::ending::Ending;
use super::last_words::{self, Breaker};
use crate::wire::error_body::ClientError;
use crate::wire::gemini::list::{ListPlace, ListTracker};
use crate::wire::openai_chat::usage_chunk::UsageChunkFilter;
use crate::wire::usage::{Form, Progress, TapReport, UsageTap};

/// Chat's end mark, in either form of lines.
const DONE: &[u8] = b"data: [DONE]\n\n";
const DONE_CRLF: &[u8] = b"data: [DONE]\r\n\r\n";

/// How an answer ends for its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It has all of it.
    Whole,
    /// It broke off, and the client is told so in its dialect.
    Told,
    /// It broke off where only a cut connection tells the truth.
    Cut,
}

/// An answer on its way from an upstream to a client.
pub struct Passage {
    dialect: Dialect,
    form: Option<Form>,
    ending: Ending,
    tap: Option<UsageTap>,
    filter: Option<UsageChunkFilter>,
    /// The client reads another format than comes: then all of this is about what comes, but for what
    /// is ready.
    translator: Option<Box<Translator>>,
    begun: BegunFrame,
    /// The lines of the last whole frames end in CR and LF.
    has_crlf: bool,
    ready: VecDeque<Bytes>,
    /// The last piece of an answer that is not a stream: released once its row is written.
    kept_back: Option<Bytes>,
    /// Where a growing list stands at the client.
    list: ListTracker,
    /// The frame (or bracket) came that is the last for sure.
    ended: bool,
    /// A frame that may have been the last one was passed on, and nothing was dropped since.
    finish_passed: bool,
    /// Who ends it where it breaks off.
    breaker: Breaker,
}

impl Passage {
    /// Opens the way for an answer of a form; `None` is a body that is not read.
    #[must_use]
    pub fn new(dialect: Dialect, form: Option<Form>, ending: Ending, withhold_usage: bool) -> Self {
        Self {
            dialect,
            form,
            ending,
            tap: form.map(|form| UsageTap::new(dialect, form)),
            filter: withhold_usage.then(UsageChunkFilter::new),
            translator: None,
            begun: BegunFrame::default(),
            has_crlf: false,
            ready: VecDeque::new(),
            kept_back: None,
            list: ListTracker::default(),
            ended: false,
            finish_passed: false,
            breaker: Breaker::Upstream,
        }
    }

    /// Returns how the answer is framed.
    #[must_use]
    pub const fn form(&self) -> Option<Form> {
        self.form
    }

    /// Reads a piece; nothing of it passes yet. Where HTTP alone ends an answer, neither an end nor an
    /// error is seen in it.
    pub fn read(&mut self, bytes: &[u8]) -> Progress {
        let Some(tap) = &mut self.tap else { return Progress::default() };
        let progress = tap.push(bytes);
        match self.ending {
            Ending::Protocol => progress,
            Ending::Http => Progress { ended: false, error: None, ..progress },
        }
    }

    /// Lets a piece pass that was read. Returns whether the answer's end for sure is in it.
    pub fn pass(&mut self, bytes: Bytes, progress: &Progress) -> bool {
        if self.translator.is_some() {
            return self.translate(&bytes, progress);
        }
        if self.form == Some(Form::Sse) && self.ending == Ending::Protocol {
            let end = progress.frame_end.and_then(|end| bytes.get(..end));
            self.has_crlf = end.map_or(self.has_crlf, |whole| whole.ends_with(b"\r\n"));
            for piece in self.begun.take(bytes, progress.frame_end) {
                self.hand_on(piece);
            }
        } else {
            self.hand_on(bytes);
        }
        if !progress.ended {
            return false;
        }
        let is_known = self.ending.is_known(self.form, self.dialect);
        self.ended |= is_known;
        self.finish_passed |= !is_known;
        is_known
    }

    /// Returns the bytes up to the end of the error that was read in a piece, with what was held of
    /// its frame: they are the last of the answer.
    pub fn up_to_error(&mut self, mut bytes: Bytes, progress: &Progress) -> Bytes {
        bytes.truncate(progress.error_end.unwrap_or(bytes.len()));
        let mut pieces = self.begun.release();
        if pieces.is_empty() {
            return bytes;
        }
        pieces.push(bytes);
        pieces.iter().flatten().copied().collect::<BytesMut>().freeze()
    }

    /// Lets the last bytes of an answer pass that ends in the upstream's own error; a client of another
    /// format is told it as `told`. What the client has then is closed; inside an element of a list
    /// nothing can be.
    pub fn pass_error(&mut self, bytes: Bytes, told: &ClientError) -> Closed {
        if self.translator.is_some() {
            return self.translate_error(&bytes, told);
        }
        self.hand_on(bytes);
        self.flush_filter();
        if self.form == Some(Form::Json) {
            self.ready.extend(self.kept_back.take());
            self.ended = true;
        }
        match (self.form, self.list.place()) {
            (Some(Form::GeminiArray), ListPlace::Element) => {
                self.ready.push_back(Bytes::from_static(b"]\n"));
                Closed::Told
            }
            (Some(Form::GeminiArray), place) if place != ListPlace::Ended => Closed::Cut,
            _ => Closed::Told,
        }
    }

    /// Reads a piece for a client that left. Returns whether the answer's end for sure is in it.
    pub fn read_on(&mut self, bytes: &[u8]) -> bool {
        self.finish_passed = false;
        let ended = self.tap.as_mut().is_some_and(|tap| tap.push(bytes).ended);
        ended && self.ending.is_known(self.form, self.dialect)
    }

    /// The upstream ended well while it was read for a client that left: when nothing followed what
    /// the client had, that was the whole.
    pub fn read_to_end(&mut self) {
        self.ended |= self.finish_passed;
    }

    /// Returns the next bytes for the client.
    pub fn pop(&mut self) -> Option<Bytes> {
        self.ready.pop_front()
    }

    /// Returns how many bytes wait for the client.
    #[must_use]
    pub fn ready_bytes(&self) -> usize {
        self.ready.iter().map(Bytes::len).sum()
    }

    /// Tells whether the client was handed all that came.
    #[must_use]
    pub fn all_handed(&self) -> bool {
        if let Some(translator) = &self.translator {
            return self.ready.is_empty() && translator.ended_well();
        }
        self.ready.is_empty() && self.kept_back.is_none() && self.begun.is_empty()
    }

    /// Drops what waits for a client that left.
    pub fn clear(&mut self) {
        self.ready.clear();
    }

    /// Tells whether the frame (or bracket) came that is the last for sure.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        self.ended
    }

    /// The upstream's HTTP has ended, as it should.
    pub fn http_ended(&mut self, id: RequestId) -> Closed {
        if self.translator.is_some() {
            return self.translate_end(id);
        }
        if !self.is_whole() {
            return self.break_off(id);
        }
        self.release();
        Closed::Whole
    }

    /// The upstream broke off; `lacks_bytes` when a promised length was not reached. A chat whose choices
    /// have all come to their finish reason is over: what is missing is its `[DONE]`, which its client
    /// gets from us, and perhaps its usage, which stays unknown.
    pub fn broke_off(&mut self, lacks_bytes: bool, id: RequestId) -> Closed {
        let lacks_mark = !self.ended && self.is_finished_chat();
        if !lacks_mark && !self.everything_came(lacks_bytes) {
            return self.break_off(id);
        }
        if self.translator.is_some() {
            return self.translate_end(id);
        }
        // Half a frame behind the end is no part of it.
        self.begun.drop_held();
        self.release();
        if lacks_mark {
            let mark = if self.has_crlf { DONE_CRLF } else { DONE };
            self.ready.push_back(Bytes::from_static(mark));
        }
        Closed::Whole
    }

    /// We end it, as if the upstream had broken off; the client hears who did.
    pub fn cut_by_stop(&mut self, lacks_bytes: bool, id: RequestId) -> Closed {
        self.breaker = Breaker::Stop;
        self.broke_off(lacks_bytes, id)
    }

    /// Nothing but usage and the end mark may still come of a chat. Behind a long frame that has begun
    /// to pass nothing more can be said.
    fn is_finished_chat(&self) -> bool {
        self.ending == Ending::Protocol
            && !self.begun.is_passing()
            && self.tap.as_ref().is_some_and(UsageTap::is_finished_chat)
    }

    /// Tells whether the client has (or will have) all that the protocol wants, though HTTP's own
    /// end is missing; `lacks_bytes` when a promised length was not reached. Of a Gemini stream that
    /// is so when its finish reason and its usage came and no content behind them.
    pub fn everything_came(&mut self, lacks_bytes: bool) -> bool {
        if self.ended {
            return match self.form {
                Some(Form::Json) => !lacks_bytes && self.is_whole(),
                Some(Form::GeminiArray) => self.is_whole(),
                _ => true,
            };
        }
        let whole = |report: &TapReport| report.complete && !report.went_on;
        self.finish_passed && self.report().as_ref().is_some_and(whole)
    }

    /// Lets all that was held pass: the answer is whole.
    pub fn release(&mut self) {
        for piece in self.begun.release() {
            self.hand_on(piece);
        }
        self.flush_filter();
        self.ready.extend(self.kept_back.take());
    }

    /// Returns what the answer added up to so far.
    pub fn report(&mut self) -> Option<TapReport> {
        self.tap.as_mut().map(UsageTap::finish)
    }

    fn is_whole(&mut self) -> bool {
        let report = self.report();
        self.ending.is_whole(self.form, report.as_ref(), self.list.place())
    }

    /// Ends an answer that broke off: with an error in the client's dialect where its form has room
    /// for one.
    fn break_off(&mut self, id: RequestId) -> Closed {
        if self.translator.is_some() {
            return self.end_translated(&self.breaker.error(id));
        }
        let is_open = self.begun.drop_held();
        self.flush_filter();
        let Some(last_words) = self.last_words(id) else {
            self.kept_back = None;
            return Closed::Cut;
        };
        if is_open {
            self.ready.push_back(Bytes::from_static(b"\n\n"));
        }
        self.ready.push_back(last_words);
        Closed::Told
    }

    fn last_words(&mut self, id: RequestId) -> Option<Bytes> {
        match self.form {
            Some(Form::Sse) if self.ending == Ending::Protocol => {
                let report = self.report();
                let error = self.breaker.error(id);
                Some(last_words::in_events(self.dialect, &error, report.as_ref()))
            }
            Some(Form::GeminiArray) => {
                last_words::in_list(self.dialect, &self.breaker.error(id), self.list.place())
            }
            _ => None,
        }
    }

    /// Hands bytes to the client; of an answer that is not a stream, one piece is kept back.
    fn hand_on(&mut self, bytes: Bytes) {
        match self.form {
            Some(Form::Json) => {
                self.ready.extend(self.kept_back.replace(bytes));
                return;
            }
            Some(Form::GeminiArray) => self.list.push(&bytes),
            _ => {}
        }
        match &mut self.filter {
            None => self.ready.push_back(bytes),
            Some(filter) => self.ready.extend(filter.push(&bytes)),
        }
    }

    fn flush_filter(&mut self) {
        if let Some(filter) = &mut self.filter {
            self.ready.extend(filter.finish());
        }
    }
}
