//! The tap's machine: framing, scanner and observer in fixed memory.

use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::usage::Usage;

use super::super::frame::{FrameClass, FrameError, is_done_mark};
use super::super::observe::{Form, Observer, Shape, TEXT_MAX};
use super::super::scan::Scanner;
use super::super::sse::{BOM, SseMachine, Token};

/// So much of a frame's data is looked at for the end mark.
const MARK_MAX: usize = 16;

/// The name of the frames that carry pieces of an Anthropic answer.
const PIECE: &[u8] = b"content_block_delta";

/// What a chunk brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The first content of the answer ended in this chunk.
    pub first_content: bool,
    /// Where in this chunk the bytes begin that end the answer (a terminal or error frame; the last
    /// bracket of a body); 0 when they began in an earlier chunk. What stands before may go out.
    pub terminal_at: Option<usize>,
    /// The terminal frame (or body) is whole with this chunk.
    pub ended: bool,
    /// Where in this chunk the last whole frame of an event stream ends: what stands behind it has
    /// only begun.
    pub frame_end: Option<usize>,
    /// Where in this chunk the frame of the error ends: an answer says nothing behind it.
    pub error_end: Option<usize>,
    /// The answer turned into an error.
    pub error: Option<FrameError>,
}

/// What an answer added up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TapReport {
    /// The tokens; `None` when the vendor said nothing, which is never zero.
    pub usage: Option<Usage>,
    /// The usage is the protocol's last word, not a running total of a cut answer.
    pub complete: bool,
    /// The protocol's own end was seen (chat: `[DONE]`, or a finish reason).
    pub terminal: bool,
    /// Content came behind that end, as where vendors repeat the finish reason on every chunk.
    pub went_on: bool,
    /// A finish reason was seen.
    pub finish_seen: bool,
    /// Chat's `[DONE]` was seen.
    pub done_seen: bool,
    /// The model the answer names.
    pub model: Option<String>,
    /// Why the model stopped, in the dialect's own word.
    pub finish: Option<String>,
    /// A tool call had begun and not ended.
    pub open_tool_call: bool,
    /// Anything of an answer was seen.
    pub content_seen: bool,
    /// The service tier the answer names.
    pub service_tier: Option<String>,
    /// Something was not what the dialect sends.
    pub malformed: bool,
    /// The answer stopped inside a frame's document.
    pub cut_frame: bool,
    /// The answer's own id: an in-stream error of Responses repeats it.
    pub response_id: Option<String>,
    /// The last sequence number of a Responses stream.
    pub sequence_number: Option<u64>,
    /// When a Responses object says it was created, in seconds since 1970.
    pub created_at: Option<u64>,
}

/// Reads one answer as it passes.
#[derive(Debug)]
pub struct UsageTap {
    form: Form,
    sse: SseMachine,
    scanner: Scanner<Observer>,
    frame: Frame,
    body: Body,
    content_told: bool,
    cut_frame: bool,
    error: Option<FrameError>,
}

/// The frame being read.
#[derive(Debug, Default)]
struct Frame {
    /// Where it begins in this chunk; 0 when in an earlier one.
    start: usize,
    data_lines: usize,
    broken: bool,
    /// Its data says nothing that is counted.
    passes: bool,
    mark: [u8; MARK_MAX],
    length: usize,
}

/// The body being read, when the answer is one document.
#[derive(Debug, Default)]
struct Body {
    mark_seen: usize,
    begun: bool,
    ended: bool,
    broken: bool,
}

impl UsageTap {
    /// Makes a tap for one answer.
    #[must_use]
    pub fn new(dialect: Dialect, form: Form) -> Self {
        let mut observer = Observer::new(dialect, form);
        observer.begin(&[]);
        Self {
            form,
            sse: SseMachine::new(),
            scanner: Scanner::new(observer).with_text_limit(TEXT_MAX),
            frame: Frame::default(),
            body: Body::default(),
            content_told: false,
            cut_frame: false,
            error: None,
        }
    }

    /// Reads on; any split of the bytes leads to the same report.
    pub fn push(&mut self, chunk: &[u8]) -> Progress {
        let mut progress = Progress::default();
        match self.form {
            Form::Sse => self.push_events(chunk, &mut progress),
            Form::Json | Form::GeminiArray => self.push_body(chunk, &mut progress),
        }
        progress.first_content = self.first_content();
        progress
    }

    /// Ends the answer: a last frame without its blank line counts.
    pub fn finish(&mut self) -> TapReport {
        match self.form {
            Form::Sse => {
                let unread = self.sse.finish() || self.frame.data_lines > 0;
                if unread {
                    self.cut_frame |= self.end_frame() == FrameClass::Malformed;
                }
            }
            Form::Json if !self.body.ended => {
                let class = self.scanner.visitor_mut().end(false);
                self.note_error(&class);
            }
            Form::Json | Form::GeminiArray => {}
        }
        self.report()
    }

    /// Tells whether all that a chat says has come in whole frames, but for usage and `[DONE]`: each of
    /// its choices has its finish reason.
    #[must_use]
    pub fn is_finished_chat(&self) -> bool {
        let observer = self.scanner.visitor();
        let total = observer.total();
        observer.dialect() == Dialect::OpenaiChat
            && self.form == Form::Sse
            && !total.finish.is_empty()
            && total.unfinished == 0
            && self.error.is_none()
    }

    /// Returns the error the answer turned into, if it did.
    #[must_use]
    pub const fn error(&self) -> Option<&FrameError> {
        self.error.as_ref()
    }

    pub(in crate::wire) fn shape(&self) -> (Option<Shape>, bool) {
        let total = self.scanner.visitor().total();
        (total.shape, total.shape_is_empty)
    }

    pub(in crate::wire) const fn body_is_whole(&self) -> bool {
        self.body.ended && !self.body.broken
    }

    fn push_events(&mut self, chunk: &[u8], progress: &mut Progress) {
        self.frame.start = 0;
        let mut input = chunk;
        while let Some(token) = self.sse.next_token(&mut input) {
            match token {
                Token::DataLine => self.data_line(),
                Token::Data(data) => self.data(data),
                Token::Event => self.event(),
                Token::FrameEnd => {
                    let end = chunk.len() - input.len();
                    self.note_terminal(progress);
                    self.frame_ended(progress, end);
                    self.frame.start = end;
                }
            }
        }
        self.note_terminal(progress);
    }

    /// Nine frames in ten of Anthropic's streams are pieces of text. Their name says so ahead of
    /// their data, and once content was seen nothing in them is counted.
    fn event(&mut self) {
        let name = self.sse.event();
        let observer = self.scanner.visitor_mut();
        self.frame.passes = observer.dialect() == Dialect::Anthropic
            && self.frame.data_lines == 0
            && observer.total().content
            && name == PIECE;
        observer.event(name);
    }

    fn data_line(&mut self) {
        self.frame.data_lines += 1;
        if self.frame.data_lines > 1 {
            self.data(b"\n");
        }
    }

    fn data(&mut self, data: &[u8]) {
        let frame = &mut self.frame;
        let room = frame.mark.get_mut(frame.length.min(MARK_MAX)..).unwrap_or_default();
        for (slot, byte) in room.iter_mut().zip(data) {
            *slot = *byte;
        }
        frame.length = frame.length.saturating_add(data.len());
        if frame.passes {
            return;
        }
        frame.broken = frame.broken || self.scanner.push(data).is_err();
    }

    fn note_terminal(&self, progress: &mut Progress) {
        let ends = self.frame.is_done_mark() || self.scanner.visitor().ends_stream();
        if ends && progress.terminal_at.is_none() {
            progress.terminal_at = Some(self.frame.start);
        }
    }

    fn frame_ended(&mut self, progress: &mut Progress, end: usize) {
        progress.frame_end = Some(end);
        match self.end_frame() {
            FrameClass::Terminal { .. } => progress.ended = true,
            FrameClass::Error(error) => {
                progress.ended = true;
                progress.terminal_at.get_or_insert(self.frame.start);
                progress.error_end.get_or_insert(end);
                progress.error = progress.error.take().or(Some(error));
            }
            _ => {}
        }
    }

    fn end_frame(&mut self) -> FrameClass {
        let class = if self.frame.data_lines == 0 {
            FrameClass::Neutral
        } else if self.frame.passes {
            FrameClass::Content
        } else if self.frame.is_done_mark() {
            self.scanner.visitor_mut().done_mark()
        } else {
            let whole = !self.frame.broken && self.scanner.finish().is_ok();
            // An empty `data:` line is a ping of some relays, not a broken document.
            if self.frame.length == 0 {
                FrameClass::Neutral
            } else {
                self.scanner.visitor_mut().end(whole)
            }
        };
        self.scanner.reset();
        self.scanner.visitor_mut().begin(&[]);
        self.frame = Frame::default();
        self.note_error(&class);
        class
    }

    fn push_body(&mut self, chunk: &[u8], progress: &mut Progress) {
        let mut rest = chunk;
        while !self.body.begun && !rest.is_empty() {
            rest = self.body.begin(rest);
        }
        if self.body.broken || rest.is_empty() {
            return;
        }
        self.body.broken = self.scanner.push(rest).is_err();
        if self.body.ended {
            return;
        }
        if let Some(error) = self.scanner.visitor_mut().take_element_error() {
            progress.error = Some(error.clone());
            self.error.get_or_insert(error);
        }
        if self.scanner.is_done() {
            self.body_ended(chunk, progress);
        }
    }

    fn body_ended(&mut self, chunk: &[u8], progress: &mut Progress) {
        self.body.ended = true;
        progress.ended = true;
        progress.terminal_at = chunk.iter().rposition(|byte| matches!(byte, b'}' | b']'));
        if self.scanner.visitor().form() == Form::Json {
            let class = self.scanner.visitor_mut().end(true);
            self.note_error(&class);
            progress.error.clone_from(&self.error);
        }
    }

    fn note_error(&mut self, class: &FrameClass) {
        if let (FrameClass::Error(error), None) = (class, &self.error) {
            self.error = Some(error.clone());
        }
    }

    fn first_content(&mut self) -> bool {
        let first = !self.content_told && self.scanner.visitor().total().content;
        self.content_told |= first;
        first
    }

    /// Tells whether all was told that is billed. Nothing but an answer may lack a count of output (lists
    /// of embeddings), and one of Gemini that says nothing: it leaves zeros out.
    fn counts_are_whole(&self) -> bool {
        let observer = self.scanner.visitor();
        let (total, dialect) = (observer.total(), observer.dialect());
        let is_answer = observer.form() != Form::Json || total.shape == Some(Shape::Answer);
        let has_none = !total.content && (dialect.is_gemini() || !is_answer);
        total.counts.knows_input()
            && !total.has_unread_count
            && (total.counts.knows_output(dialect) || has_none)
    }

    fn report(&self) -> TapReport {
        let observer = self.scanner.visitor();
        let (total, dialect) = (observer.total(), observer.dialect());
        let usage = total.counts.usage(dialect);
        let finish_seen = !total.finish.is_empty();
        let form = observer.form();
        let ended = match form {
            Form::Json => self.body_is_whole(),
            Form::Sse | Form::GeminiArray => total.terminal || total.done,
        };
        let final_usage = total.usage_is_final || total.done || form == Form::Json;
        let is_chat_end = dialect == Dialect::OpenaiChat && finish_seen;
        let text = |text: &String| (!text.is_empty()).then(|| text.clone());
        TapReport {
            usage,
            complete: usage.is_some()
                && final_usage
                && (ended || is_chat_end)
                && self.counts_are_whole()
                && self.error.is_none(),
            terminal: ended || is_chat_end,
            went_on: total.went_on,
            finish_seen,
            done_seen: total.done,
            model: text(&total.model),
            finish: text(&total.finish),
            open_tool_call: total.open_tools > 0,
            content_seen: total.content,
            service_tier: text(&total.tier),
            malformed: total.malformed || self.body.broken,
            cut_frame: self.cut_frame,
            response_id: text(&total.response_id),
            sequence_number: total.sequence,
            created_at: total.created_at,
        }
    }
}

impl Frame {
    fn is_done_mark(&self) -> bool {
        self.length <= MARK_MAX && is_done_mark(self.mark.get(..self.length).unwrap_or_default())
    }
}

impl Body {
    /// Skips a byte order mark; returns what is left of the chunk.
    fn begin<'a>(&mut self, chunk: &'a [u8]) -> &'a [u8] {
        if self.mark_seen < BOM.len() && chunk.first() == BOM.get(self.mark_seen) {
            self.mark_seen += 1;
            return chunk.get(1..).unwrap_or_default();
        }
        self.broken = self.mark_seen != 0 && self.mark_seen != BOM.len();
        self.begun = true;
        chunk
    }
}
