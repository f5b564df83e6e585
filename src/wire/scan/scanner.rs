//! The structure of a document: containers, keys, values, and who is told of them.

mod scalar;

use super::capture::Capture;
use super::number::Number;
use super::path::{Frame, Path};
use super::text::Text;
use super::{DEPTH_LIMIT, Kind, PATH_LIMIT, ScanError, TEXT_LIMIT, Value, Visitor, Want};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Value,
    ElementOrEnd,
    KeyOrEnd,
    Key,
    Colon,
    CommaOrEnd,
    InKey,
    InString,
    InNumber(Number),
    /// Its bytes are read up to here.
    InLiteral(Literal, u8),
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Literal {
    True,
    False,
    Null,
}

/// A value that is to be reported and whose inside nobody sees.
#[derive(Debug)]
struct Pending {
    kind: Kind,
    start: usize,
    member_start: usize,
    depth: usize,
    with_text: bool,
}

impl Pending {
    fn value<'a>(&self, end: usize, text: Option<&'a str>, is_cut: bool) -> Value<'a> {
        Value {
            kind: self.kind,
            span: self.start..end,
            member_start: self.member_start,
            text,
            truncated: self.with_text && is_cut,
        }
    }
}

/// Reads one document, chunk by chunk, and tells a [`Visitor`] of it.
#[derive(Debug)]
pub struct Scanner<V> {
    visitor: V,
    state: State,
    text: Text,
    capture: Capture,
    text_limit: usize,
    /// One bit an open container: set for objects.
    kinds: [u64; DEPTH_LIMIT / 64],
    depth: usize,
    /// The first `entered` are the open containers the visitor sees into; the rest are spares.
    frames: Vec<Frame>,
    entered: usize,
    pending: Option<Pending>,
    offset: usize,
    failed: Option<ScanError>,
}

impl<V: Visitor> Scanner<V> {
    /// Stands before the first byte of a document.
    pub fn new(visitor: V) -> Self {
        Self {
            visitor,
            state: State::Value,
            text: Text::default(),
            capture: Capture::new(),
            text_limit: TEXT_LIMIT,
            kinds: [0; DEPTH_LIMIT / 64],
            depth: 0,
            frames: Vec::new(),
            entered: 0,
            pending: None,
            offset: 0,
            failed: None,
        }
    }

    /// Captures texts up to another bound than [`TEXT_LIMIT`].
    #[must_use]
    pub fn with_text_limit(mut self, bytes: usize) -> Self {
        self.text_limit = bytes;
        self
    }

    /// Reads on. After an error every further call answers the same error.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), ScanError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let mut rest = bytes;
        while let Some((first, _)) = rest.split_first() {
            let used = self.step(*first, rest).inspect_err(|error| self.failed = Some(*error))?;
            self.offset += used;
            rest = rest.get(used..).unwrap_or_default();
        }
        Ok(())
    }

    /// Says that no more bytes come; a document cut short is an error.
    pub fn finish(&mut self) -> Result<(), ScanError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if let State::InNumber(number) = self.state
            && number.is_complete()
            && self.depth == 0
        {
            self.end_value(self.offset);
        }
        if self.state == State::Done { Ok(()) } else { Err(ScanError::UnexpectedEnd) }
    }

    /// Stands before a new document; the visitor and the buffers stay.
    pub fn reset(&mut self) {
        self.state = State::Value;
        self.text = Text::default();
        self.depth = 0;
        self.entered = 0;
        self.pending = None;
        self.offset = 0;
        self.failed = None;
    }

    /// Tells whether the document's last byte was read (a bare number ends only in `finish`).
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Returns how many bytes were read.
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Returns the visitor.
    pub const fn visitor(&self) -> &V {
        &self.visitor
    }

    /// Returns the visitor, to be changed.
    pub const fn visitor_mut(&mut self) -> &mut V {
        &mut self.visitor
    }

    /// Ends the scan and hands the visitor back.
    pub fn into_visitor(self) -> V {
        self.visitor
    }

    /// Reads at least one byte, or ends a number by a byte that is left for the next step.
    fn step(&mut self, first: u8, rest: &[u8]) -> Result<usize, ScanError> {
        match (self.state, first) {
            (State::InKey | State::InString, _) => return self.text_at(rest, self.offset),
            (State::InNumber(number), _) => return self.in_number(number, rest),
            (State::InLiteral(literal, read), _) => return self.in_literal(literal, read, first),
            (State::KeyOrEnd | State::Key, b'"') => return self.begin_key(rest),
            (State::CommaOrEnd, b',') => self.next_member(),
            (State::ElementOrEnd | State::CommaOrEnd, b']') if !self.in_object() => self.close(),
            (State::KeyOrEnd | State::CommaOrEnd, b'}') if self.in_object() => self.close(),
            (State::Colon, b':') => self.state = State::Value,
            (_, b' ' | b'\n' | b'\r' | b'\t') => {}
            (State::Value | State::ElementOrEnd, byte) => return self.begin(byte, rest),
            _ => return Err(ScanError::Malformed { offset: self.offset }),
        }
        Ok(1)
    }

    fn begin(&mut self, byte: u8, rest: &[u8]) -> Result<usize, ScanError> {
        let kind = kind_of(byte).ok_or(ScanError::Malformed { offset: self.offset })?;
        let entered = self.ask(kind);
        match byte {
            b'{' => self.open(true, entered)?,
            b'[' => self.open(false, entered)?,
            b'"' => return self.begin_string(rest),
            b't' => return Ok(self.begin_literal(Literal::True, rest)),
            b'f' => return Ok(self.begin_literal(Literal::False, rest)),
            b'n' => return Ok(self.begin_literal(Literal::Null, rest)),
            _ => self.begin_number(byte),
        }
        Ok(1)
    }

    /// Asks the visitor about the value that begins here; answers whether it is entered.
    fn ask(&mut self, kind: Kind) -> bool {
        if !self.sees_members() {
            return false;
        }
        let want = self.visitor.wants(&Path::new(path(&self.frames, self.entered)), kind);
        let is_container = matches!(kind, Kind::Object | Kind::Array);
        if want == Want::Skip {
            return false;
        }
        if is_container && want == Want::Enter && self.entered < PATH_LIMIT {
            return true;
        }
        let with_text = want != Want::Span && !is_container;
        if with_text {
            self.capture.restart(self.text_limit);
        }
        let (start, member_start) = (self.offset, self.member_start());
        self.pending = Some(Pending { kind, start, member_start, depth: self.depth, with_text });
        false
    }

    fn next_member(&mut self) {
        let in_object = self.in_object();
        if self.sees_members()
            && let Some(frame) = self.frame()
        {
            frame.index = frame.index.map(|index| index + 1);
        }
        self.state = if in_object { State::Key } else { State::Value };
    }

    fn open(&mut self, is_object: bool, entered: bool) -> Result<(), ScanError> {
        let word = self.kinds.get_mut(self.depth / 64).ok_or(ScanError::TooDeep)?;
        let bit = 1 << (self.depth % 64);
        if is_object {
            *word |= bit;
        } else {
            *word &= !bit;
        }
        if entered {
            self.enter(is_object);
        }
        self.depth += 1;
        self.state = if is_object { State::KeyOrEnd } else { State::ElementOrEnd };
        Ok(())
    }

    fn enter(&mut self, is_object: bool) {
        let (start, member_start) = (self.offset, self.member_start());
        if self.frames.len() == self.entered {
            self.frames.push(Frame::new());
        }
        self.entered += 1;
        if let Some(frame) = self.frame() {
            frame.start = start;
            frame.member_start = member_start;
            frame.index = if is_object { None } else { Some(0) };
        }
    }

    fn close(&mut self) {
        let end = self.offset + 1;
        let was_object = self.in_object();
        let was_entered = self.sees_members();
        self.depth -= 1;
        if was_entered && let Some(frame) = self.frames.get(self.entered.wrapping_sub(1)) {
            self.entered -= 1;
            let kind = if was_object { Kind::Object } else { Kind::Array };
            let (start, member_start) = (frame.start, frame.member_start);
            let value =
                Value { kind, span: start..end, member_start, text: None, truncated: false };
            self.visitor.value(&Path::new(path(&self.frames, self.entered)), &value);
        }
        self.end_value(end);
    }

    fn end_value(&mut self, end: usize) {
        let depth = self.depth;
        if let Some(pending) = self.pending.take_if(|pending| pending.depth == depth) {
            let text = pending.with_text.then_some(self.capture.text.as_str());
            let value = pending.value(end, text, self.capture.truncated);
            self.visitor.value(&Path::new(path(&self.frames, self.entered)), &value);
        }
        self.state = if depth == 0 { State::Done } else { State::CommaOrEnd };
    }

    /// Whether the innermost open container is an object.
    fn in_object(&self) -> bool {
        let Some(level) = self.depth.checked_sub(1) else { return false };
        self.kinds.get(level / 64).is_some_and(|word| word >> (level % 64) & 1 == 1)
    }

    /// Whether the visitor is asked about members of the innermost open container (or the root).
    const fn sees_members(&self) -> bool {
        self.depth == self.entered
    }

    fn wants_text(&self) -> bool {
        self.pending.as_ref().is_some_and(|pending| pending.with_text)
    }

    fn frame(&mut self) -> Option<&mut Frame> {
        self.entered.checked_sub(1).and_then(|last| self.frames.get_mut(last))
    }

    fn member_start(&self) -> usize {
        let frame = self.entered.checked_sub(1).and_then(|last| self.frames.get(last));
        frame.filter(|frame| frame.index.is_none()).map_or(self.offset, |frame| frame.key_start)
    }
}

fn path(frames: &[Frame], entered: usize) -> &[Frame] {
    frames.get(..entered).unwrap_or_default()
}

const fn kind_of(byte: u8) -> Option<Kind> {
    match byte {
        b'{' => Some(Kind::Object),
        b'[' => Some(Kind::Array),
        b'"' => Some(Kind::String),
        b't' | b'f' => Some(Kind::Bool),
        b'n' => Some(Kind::Null),
        b'-' | b'0'..=b'9' => Some(Kind::Number),
        _ => None,
    }
}
