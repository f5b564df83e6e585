//! Mending a body that an upstream refused for what other vendors and models let pass.
//!
//! A body is never changed before it was refused: [`recognise`] reads the refusal, [`mend`] makes the
//! edits, and whoever asks sends the mended body once, to the same provider. Another provider gets what
//! the client sent.

mod calls;
mod effort;
mod ids;
mod reasoning;
mod refusal;
mod signature;
#[cfg(test)]
mod tests;
mod thinking;

use switchyard_actors::domain::dialect::Dialect;

use super::edit::{Changes, Edit};
use super::tree::Node;
use super::wishes::input::wrap;

/// What can be mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mend {
    /// Thinking is off while an effort is asked for.
    ThinkingEffort,
    /// The budget of thinking is below the least.
    ThinkingBudget,
    /// Thinking that another vendor or model has signed, or that stands where it may not.
    ThinkingSignature,
    /// Ids at Gemini's calls and results, which Vertex does not take.
    FunctionIds,
    /// Gemini's calls without a signature, of a model that demands it.
    CallSignature,
    /// Thinking items of Responses that the vendor has not made.
    Reasoning,
    /// An `input` of Responses that is no list.
    BareInput,
}

impl Mend {
    /// Everything that can be mended. A conflict of effort speaks of thinking too, so it is recognised
    /// first; the signature's words are the broadest.
    pub const ALL: [Self; 7] = [
        Self::ThinkingEffort,
        Self::ThinkingBudget,
        Self::ThinkingSignature,
        Self::FunctionIds,
        Self::CallSignature,
        Self::Reasoning,
        Self::BareInput,
    ];

    /// Returns the name on the row.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ThinkingEffort => "rectified_thinking_effort",
            Self::ThinkingBudget => "rectified_thinking_budget",
            Self::ThinkingSignature => "rectified_thinking_signature",
            Self::FunctionIds => "rectified_function_ids",
            Self::CallSignature => "rectified_call_signature",
            Self::Reasoning => "rectified_reasoning_items",
            Self::BareInput => "rectified_input",
        }
    }

    /// Tells whether bodies of a dialect can be mended so.
    #[must_use]
    pub const fn is_for(self, dialect: Dialect) -> bool {
        match self {
            Self::ThinkingEffort | Self::ThinkingBudget | Self::ThinkingSignature => {
                matches!(dialect, Dialect::Anthropic)
            }
            Self::FunctionIds | Self::CallSignature => dialect.is_gemini(),
            Self::Reasoning | Self::BareInput => matches!(dialect, Dialect::Responses),
        }
    }

    /// Tells whether vendors refuse it as something that is not there, with 404.
    #[must_use]
    pub const fn is_missed(self) -> bool {
        matches!(self, Self::Reasoning)
    }
}

/// Recognises what a refusal is about. `message` is what it says, `body` all of it as it came.
#[must_use]
pub fn recognise(dialect: Dialect, message: &str, body: &[u8]) -> Option<Mend> {
    refusal::recognise(dialect, message, body)
}

/// What a mended body must keep to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bounds {
    /// It only counts tokens: no answer needs room.
    pub counts: bool,
    /// The room of an answer that the operator sets afterwards, in tokens.
    pub room: Option<u64>,
}

/// Makes the edits that mend a body, in the dialect that it was sent in; none when there is nothing to
/// mend in it.
#[must_use]
pub fn mend(what: Mend, dialect: Dialect, bounds: Bounds, body: &[u8]) -> Vec<Edit> {
    let Some(root) = Node::root(body).filter(|_| what.is_for(dialect)) else { return Vec::new() };
    let inner = if dialect == Dialect::GeminiCli { root.get("request") } else { Some(root) };
    match what {
        Mend::ThinkingEffort => effort::edits(root),
        Mend::ThinkingBudget => thinking::edits(root, bounds),
        Mend::ThinkingSignature => signature::edits(root),
        Mend::FunctionIds => inner.map(ids::edits).unwrap_or_default(),
        Mend::CallSignature => inner.map(calls::edits).unwrap_or_default(),
        Mend::Reasoning => reasoning::edits(root),
        Mend::BareInput => {
            let mut changes = Changes::named(what.name());
            wrap(root, &mut changes);
            changes.into_edits()
        }
    }
}
