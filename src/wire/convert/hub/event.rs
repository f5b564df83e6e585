//! An answer as it comes.

use super::answer::Finish;
use super::json::Json;
use super::part::{CallKind, Citation, Family, Image, Seal};
use super::usage::HubUsage;

/// Something that happens in a stream. [`Event::Start`] comes first and once; of finish and error one
/// comes, once, last. Parts are numbered from 0 without gaps; each start has one end or cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The answer begins.
    Start {
        /// The id the upstream gave it.
        id: Option<String>,
        /// The model that answers.
        model: Option<String>,
        /// Tokens that are known already.
        usage: Option<HubUsage>,
    },
    /// A part begins.
    PartStart {
        /// Its number.
        index: usize,
        /// What it is.
        kind: PartKind,
    },
    /// A part goes on.
    PartDelta {
        /// Its number.
        index: usize,
        /// What is added.
        delta: Delta,
    },
    /// A part is whole.
    PartEnd {
        /// Its number.
        index: usize,
    },
    /// A part, a call, was cut off: nothing more comes of it, and it is not whole.
    PartCut {
        /// Its number.
        index: usize,
    },
    /// All tokens so far: it takes the place of what was said before.
    Usage(HubUsage),
    /// The upstream has ended the answer in order.
    Finish(Finish),
    /// It went wrong.
    Error(StreamError),
}

/// What a part of a stream is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// Text.
    Text,
    /// Thinking; `redacted` when there is only a seal.
    Thinking {
        /// The vendor hid it.
        redacted: bool,
    },
    /// A call of a tool: id and name are known when it begins.
    Call {
        /// What links the result to it.
        id: String,
        /// The tool's name, as the upstream calls it.
        name: String,
        /// What kind of tool it is.
        kind: CallKind,
        /// The tool's namespace.
        namespace: Option<String>,
    },
    /// Words why it does not answer.
    Refusal,
    /// A picture, whole.
    Image(Image),
    /// A tool that the vendor ran, whole.
    Server {
        /// Whose form it has.
        family: Family,
        /// Its type there.
        kind: String,
        /// All of it.
        raw: Json,
    },
}

/// What is added to a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delta {
    /// Text, of text, thinking, and refusal.
    Text(String),
    /// Arguments of a call, as they come.
    Args(String),
    /// Hidden state; at most one a part, and behind everything else of it.
    Seal(Seal),
    /// A source of the text.
    Citation(Citation),
}

/// What went wrong in a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamError {
    /// What kind of trouble it is.
    pub kind: TroubleKind,
    /// What the upstream says.
    pub message: String,
    /// After how many seconds another try makes sense.
    pub retry_after_s: Option<u64>,
}

/// Kinds of trouble, as all formats know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TroubleKind {
    /// The request was wrong.
    BadRequest,
    /// The conversation is too long.
    ContextLength,
    /// Too much was asked in a while.
    RateLimit,
    /// The account is used up.
    Quota,
    /// The vendor is overloaded.
    Overloaded,
    /// It took too long.
    Timeout,
    /// Anything else of the upstream.
    Upstream,
}
