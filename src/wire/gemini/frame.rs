//! Gemini's chunks and bodies: where things stand, and what a chunk means.

use super::super::frame::FrameClass;
use super::super::observe::{Facts, List, Place, Shape};
use super::super::usage::counts::Field;

/// Says what stands at a path.
pub(in crate::wire) fn place(keys: &[&str]) -> Place {
    match keys {
        []
        | ["candidates", "[]"]
        | ["candidates", "[]", "content"]
        | ["candidates", "[]", "content", "parts"]
        | ["candidates", "[]", "content", "parts", "[]"] => Place::Enter,
        ["candidates" | "promptFeedback"] => Place::Shape(Shape::Answer),
        ["candidates", "[]", "content", "parts", "[]", "thought"] => Place::Skip,
        ["candidates", "[]", "content", "parts", "[]", _] => Place::Content,
        ["candidates", "[]", "finishReason"] => Place::Finish,
        ["promptFeedback", "blockReason"] => Place::Blocked,
        ["usageMetadata", rest @ ..] => usage(rest),
        ["modelVersion"] => Place::Model,
        ["responseId"] => Place::ResponseId,
        ["embedding" | "embeddings"] => Place::Shape(Shape::Embedding),
        ["totalTokens"] => Place::Shape(Shape::Count),
        ["error", rest @ ..] => Place::error(rest),
        _ => Place::Skip,
    }
}

fn usage(keys: &[&str]) -> Place {
    match keys {
        [] => Place::Enter,
        ["promptTokenCount"] => Place::Count(Field::Prompt),
        ["candidatesTokenCount"] => Place::Count(Field::Completion),
        ["thoughtsTokenCount"] => Place::Count(Field::Reasoning),
        ["cachedContentTokenCount"] => Place::Count(Field::Cached),
        ["toolUsePromptTokenCount"] => Place::Count(Field::ToolUse),
        ["promptTokensDetails", rest @ ..] => modality(List::Prompt, rest),
        ["cacheTokensDetails", rest @ ..] => modality(List::Cached, rest),
        ["candidatesTokensDetails", rest @ ..] => modality(List::Answer, rest),
        _ => Place::Skip,
    }
}

fn modality(list: List, keys: &[&str]) -> Place {
    match keys {
        [] => Place::Enter,
        ["[]"] => Place::ModalityEnd(list),
        ["[]", "modality"] => Place::Modality,
        ["[]", "tokenCount"] => Place::ModalityCount,
        _ => Place::Skip,
    }
}

/// Says what a chunk means.
pub(in crate::wire) fn class(facts: &Facts) -> FrameClass {
    if let Some(error) = facts.any_error() {
        return FrameClass::Error(error.inferred());
    }
    // A blocked prompt is a legal answer without a candidate; vendors bill its input.
    if !facts.finish.is_empty() || !facts.blocked.is_empty() {
        return FrameClass::Terminal { empty: !facts.content };
    }
    if facts.content { FrameClass::Content } else { FrameClass::Neutral }
}

/// Tells whether the chunk being read ends the stream.
pub(in crate::wire) fn ends_stream(facts: &Facts) -> bool {
    !facts.finish.is_empty() || !facts.blocked.is_empty() || facts.error.present
}
