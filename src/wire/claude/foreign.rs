//! Thinking that another family's model has thought: a conversation that was served elsewhere for a
//! while has it in its history, and Anthropic refuses a request whose signatures are not its own, or that has
//! none. Such blocks are left out of the bytes that go there; everything else stays as it was written.
//!
//! Others speak this format, too, and may sign nothing: what their own models have thought goes back to them.

use std::ops::Range;
use std::sync::LazyLock;

use bytes::Bytes;
use memchr::memmem::Finder;

use super::super::convert::seal;
use super::super::edit::{Changes, Edit};
use super::super::foreign::{STRIP_FOREIGN_THINKING, THINKING_OFF, is_any, plain, text_behind};
use super::super::scan::{self, Kind, Path, Value, Visitor, Want};
use super::super::tree::Node;
use super::super::wishes::off;
use super::asked::Asked;

/// What every signature, and every redacted block, stands behind.
const SIGNATURE: &[u8] = b"\"signature\"";
const REDACTED: &[u8] = b"\"redacted_thinking\"";
const THINKING: &[u8] = b"\"thinking\"";

/// What every body is looked through for, made ready once: that costs more than looking through a short one.
static SIGNATURES: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(SIGNATURE));
static REDACTEDS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(REDACTED));
static THINKINGS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(THINKING));
static ENABLED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"enabled\""));

/// Returns what leaves out another family's thinking, and switches thinking off where a call that is being
/// answered has lost it; nothing for a body without any. What cannot be told stays: it may be Anthropic's own
/// of a shape that is not known yet.
#[must_use]
pub fn strip(body: &[u8], asked: Asked) -> Vec<Edit> {
    if !may_be_there(body, asked) {
        return Vec::new();
    }
    let Ok(seen) = scan::scan(body, Seen::of(body, asked)) else { return Vec::new() };
    let mut edits = left_out(&seen);
    if asked == Asked::Anthropic && seen.lacks_thinking() {
        let mut changes = Changes::named(THINKING_OFF);
        if let Some(root) = Node::root(body) {
            off::switch(root, &mut changes);
        }
        edits.extend(changes.into_edits());
    }
    edits
}

/// Leaves out what is foreign.
fn left_out(seen: &Seen<'_>) -> Vec<Edit> {
    let mut edits = Vec::new();
    let gone: Vec<bool> = seen.messages.iter().map(Message::is_all_foreign).collect();
    let spans: Vec<&Range<usize>> = seen.messages.iter().map(|message| &message.span).collect();
    if gone.iter().all(|gone| *gone) {
        // Without a message there is no request: the vendor may say so.
        return Vec::new();
    }
    leave_out(&spans, &gone, &mut edits);
    for message in seen.messages.iter().filter(|message| !message.is_all_foreign()) {
        let spans: Vec<&Range<usize>> = message.blocks.iter().map(|block| &block.span).collect();
        let gone: Vec<bool> =
            message.blocks.iter().map(|block| block.kind == Is::Foreign).collect();
        leave_out(&spans, &gone, &mut edits);
    }
    edits
}

/// A look that is cheap where there is nothing: it reads no more than the signatures, and for Anthropic how
/// many there are.
#[must_use]
pub fn may_be_there(body: &[u8], asked: Asked) -> bool {
    let sealed = is_any(body, &SIGNATURES, is_foreign);
    // Redacted blocks are rare: where there is one, all is read.
    let found = sealed || REDACTEDS.find(body).is_some();
    found || asked == Asked::Anthropic && (may_be_unsigned(body) || may_lack_thinking(body))
}

/// Tells whether there are fewer signatures than blocks of thinking.
fn may_be_unsigned(body: &[u8]) -> bool {
    let blocks = THINKINGS
        .find_iter(body)
        .filter(|at| is_value(body.get(at + THINKING.len()..).unwrap_or_default()))
        .count();
    let is_signature = |at: &usize| {
        text_behind(body.get(at + SIGNATURE.len()..).unwrap_or_default())
            .is_some_and(|blob| !blob.is_empty())
    };
    blocks > 0 && blocks > SIGNATURES.find_iter(body).filter(is_signature).count()
}

/// Tells whether the text before these bytes is a value, and no key.
fn is_value(rest: &[u8]) -> bool {
    let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    rest.iter().find(|byte| !blank(byte)) != Some(&b':')
}

/// Tells whether thinking may be switched on while the calls that are answered were made without any. Who
/// answers several calls at once may hide where their turn began: then the vendor says so.
fn may_lack_thinking(body: &[u8]) -> bool {
    let count = |text: &[u8], what: &[u8]| memchr::memmem::find_iter(text, what).count();
    let find_last = memchr::memmem::rfind;
    if ENABLED.find(body).is_none() {
        return false;
    }
    let Some(called) = find_last(body, b"\"tool_use\"") else { return false };
    let before = body.get(..called).unwrap_or_default();
    let mut thought = memchr::memmem::rfind_iter(before, THINKING)
        .filter(|at| is_value(before.get(at + THINKING.len()..).unwrap_or_default()));
    let Some(thought) = thought.next() else { return true };
    // Since then the user has said more than what tools have given.
    let since = before.get(thought..).unwrap_or_default();
    count(since, b"\"user\"") > count(since, b"\"tool_result\"")
}

/// Tells whether a blob, as it is written in JSON, is certainly another family's.
fn is_foreign(written: &[u8]) -> bool {
    plain(written).is_some_and(|text| seal::is_not_anthropics(&text))
}

/// Leaves out elements of an array, each with one comma.
fn leave_out(spans: &[&Range<usize>], gone: &[bool], edits: &mut Vec<Edit>) {
    let mut at = 0;
    while at < spans.len() {
        if gone.get(at) != Some(&true) {
            at += 1;
            continue;
        }
        let run = gone.iter().skip(at).take_while(|gone| **gone).count();
        let (first, next) = (spans.get(at), spans.get(at + run));
        let before = at.checked_sub(1).and_then(|before| spans.get(before));
        let last = spans.get(at + run - 1);
        let span = match (first, next, before, last) {
            (Some(first), Some(next), _, _) => Some(first.start..next.start),
            (_, None, Some(before), Some(last)) => Some(before.end..last.end),
            _ => None,
        };
        edits.extend(span.map(|span| Edit {
            name: STRIP_FOREIGN_THINKING,
            span,
            replacement: Bytes::new(),
        }));
        at += run;
    }
}

struct Block {
    span: Range<usize>,
    kind: Is,
}

/// What a block is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Is {
    /// Another family's thinking.
    Foreign,
    /// Thinking that stays.
    Thinking,
    /// A call of a tool.
    Call,
    /// What a tool has given.
    Result,
    /// Anything else.
    #[default]
    Other,
}

#[derive(Default)]
struct Message {
    span: Range<usize>,
    blocks: Vec<Block>,
    is_answer: bool,
}

impl Message {
    fn has(&self, kind: Is) -> bool {
        self.blocks.iter().any(|block| block.kind == kind)
    }

    fn is_all_foreign(&self) -> bool {
        !self.blocks.is_empty() && self.blocks.iter().all(|block| block.kind == Is::Foreign)
    }
}

/// The messages of a body and the blocks in them.
struct Seen<'b> {
    body: &'b [u8],
    asked: Asked,
    messages: Vec<Message>,
    /// The message that is read.
    message: Message,
    /// The block that is read.
    block: Reading,
    /// Thinking is switched on with a budget.
    thinks: bool,
}

/// What is known of a block so far.
#[derive(Default)]
struct Reading {
    kind: Is,
    is_redacted: bool,
    is_signed: bool,
    is_foreign: bool,
}

impl Reading {
    /// Says what the block is: whoever signs all that it thinks has not thought what bears no signature.
    fn read(&self, asked: Asked) -> Is {
        let is_unsigned = asked == Asked::Anthropic && !self.is_signed && !self.is_redacted;
        match self.kind {
            Is::Thinking if self.is_foreign || is_unsigned => Is::Foreign,
            kind => kind,
        }
    }
}

impl<'b> Seen<'b> {
    fn of(body: &'b [u8], asked: Asked) -> Self {
        let (message, block) = (Message::default(), Reading::default());
        Self { body, asked, messages: Vec::new(), message, block, thinks: false }
    }

    /// Tells whether thinking that is switched on demands what will not be there: a last answer that calls
    /// tools has to begin with its thinking. Anthropic's own models think at the beginning of a turn and may
    /// call on without, so that only what another family's model began, or called, is certain to be refused.
    /// Adaptive thinking does not ask for that.
    fn lacks_thinking(&self) -> bool {
        let left = || self.messages.iter().rev().filter(|one| !one.is_all_foreign());
        let last = left().find(|one| one.is_answer).filter(|_| self.thinks);
        let Some(last) = last.filter(|last| last.has(Is::Call)) else { return false };
        let first = last.blocks.iter().find(|block| block.kind != Is::Foreign);
        if first.is_none_or(|block| block.kind == Is::Thinking) {
            return false;
        }
        let mut turn = left().take_while(|one| one.is_answer || one.has(Is::Result));
        last.has(Is::Foreign) || !turn.any(|one| one.has(Is::Thinking))
    }
}

impl Visitor for Seen<'_> {
    fn wants(&mut self, path: &Path<'_>, kind: Kind) -> Want {
        match (path.len(), path.key(0), path.key(2)) {
            (0, _, _) | (1 | 2, Some("messages"), _) | (1, Some("thinking"), _) => Want::Enter,
            (2, Some("thinking"), _) if path.key(1) == Some("type") => Want::Scalar,
            (3, Some("messages"), Some("role")) => Want::Scalar,
            (3, Some("messages"), Some("content")) if kind == Kind::Array => Want::Enter,
            (4, Some("messages"), Some("content")) => {
                self.block = Reading::default();
                Want::Enter
            }
            (5, Some("messages"), Some("content")) => match path.key(4) {
                Some("type") => Want::Scalar,
                Some("signature" | "data") => Want::Span,
                _ => Want::Skip,
            },
            _ => Want::Skip,
        }
    }

    fn value(&mut self, path: &Path<'_>, value: &Value<'_>) {
        match (path.len(), path.key(4)) {
            (2, _) if path.key(0) == Some("thinking") => {
                self.thinks = value.as_str() == Some("enabled");
            }
            (2, _) => {
                let span = value.span.clone();
                self.messages.push(Message { span, ..std::mem::take(&mut self.message) });
            }
            (3, _) if path.key(2) == Some("role") => {
                self.message.is_answer = value.as_str() == Some("assistant");
            }
            (4, _) => {
                let kind = self.block.read(self.asked);
                self.message.blocks.push(Block { span: value.span.clone(), kind });
            }
            (5, Some("type")) => {
                self.block.is_redacted = value.as_str() == Some("redacted_thinking");
                self.block.kind = match value.as_str() {
                    Some("thinking" | "redacted_thinking") => Is::Thinking,
                    Some("tool_use") => Is::Call,
                    Some("tool_result") => Is::Result,
                    _ => Is::Other,
                };
            }
            (5, Some("signature" | "data")) if value.kind == Kind::String => {
                let inside = value.span.start + 1..value.span.end.saturating_sub(1);
                let blob = self.body.get(inside).unwrap_or_default();
                self.block.is_signed = !blob.is_empty();
                self.block.is_foreign |= is_foreign(blob);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
