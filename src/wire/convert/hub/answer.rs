//! A whole answer, and how it ended.

use super::part::Part;
use super::usage::HubUsage;

/// An answer that is there as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The id the upstream gave it.
    pub id: Option<String>,
    /// The model that answered, as the upstream says.
    pub model: Option<String>,
    /// What it says, in order.
    pub parts: Vec<Part>,
    /// It was cut off in a call, which is left out.
    pub lacks_call: bool,
    /// The tokens; `None` when the upstream did not say.
    pub usage: Option<HubUsage>,
    /// How it ended.
    pub finish: Finish,
}

/// How an answer ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Finish {
    /// The model was done.
    #[default]
    End,
    /// It came upon a text at which it ends; which one, where that is known.
    Stop(Option<String>),
    /// It wants results of tools.
    ToolCalls,
    /// The answer became too long.
    MaxOutput,
    /// The conversation became too long.
    ContextFull,
    /// The model refused.
    Refusal,
    /// A filter of the vendor; its name, where it has one.
    Filtered(Option<String>),
    /// A turn of a tool that the vendor runs is to be gone on with.
    Pause,
    /// The model wrote a call that nobody can read.
    BadToolCall,
    /// It was cut off before its end, for a reason that only the upstream has a word for.
    Cut(String),
    /// Something new, as the upstream calls it.
    Other(String),
}
