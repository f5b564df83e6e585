//! Chat's frames and bodies (and embeddings, and old completions): where things stand.

use super::super::frame::FrameClass;
use super::super::observe::{Facts, Place, Shape};
use super::super::upstream_error::ErrorPlace;
use super::super::usage::places;

/// Says what stands at a path.
pub(in crate::wire) fn place(keys: &[&str]) -> Place {
    match keys {
        [] | ["choices", "[]"] | ["choices", "[]", "delta" | "message"] => Place::Enter,
        ["choices"] => Place::Shape(Shape::Answer),
        ["data"] => Place::Shape(Shape::Embedding),
        ["object"] => Place::Object,
        ["model"] => Place::Model,
        ["id"] => Place::ResponseId,
        ["service_tier"] => Place::Tier,
        ["choices", "[]", "index"] => Place::Choice,
        ["choices", "[]", "finish_reason"] => Place::Finish,
        ["choices", "[]", "text"] => Place::Content,
        ["choices", "[]", "delta" | "message", key] => member(key),
        // Kimi reports inside the choice.
        ["choices", "[]", "usage", rest @ ..] | ["usage", rest @ ..] => places::generic(rest),
        ["error", rest @ ..] => Place::error(rest),
        ["type"] => Place::Kind,
        ["message"] => Place::BareError(ErrorPlace::Message),
        ["code"] => Place::BareError(ErrorPlace::Code),
        _ => Place::Skip,
    }
}

/// Vendors add members of their own (`reasoning_content`, `images`, ...): all but the frame count.
fn member(key: &str) -> Place {
    match key {
        "role" | "name" | "id" | "index" | "type" | "object" => Place::Skip,
        "tool_calls" | "function_call" => Place::ToolCalls,
        _ => Place::Content,
    }
}

/// Says what a frame means; the end mark `[DONE]` is no document and never comes here.
pub(in crate::wire) fn class(facts: &Facts) -> FrameClass {
    if let Some(error) = facts.any_error() {
        return FrameClass::Error(error.inferred());
    }
    if facts.content || facts.tool_calls {
        return FrameClass::Content;
    }
    FrameClass::Neutral
}
