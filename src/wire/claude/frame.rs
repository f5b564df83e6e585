//! Anthropic's frames and bodies: where things stand, and what a frame means.

use super::super::frame::FrameClass;
use super::super::observe::{Facts, Place, Shape};
use super::super::upstream_error::ErrorPlace;
use super::super::usage::places;

/// Says what stands at a path.
pub(in crate::wire) fn place(keys: &[&str]) -> Place {
    match keys {
        ["message"] => Place::BareError(ErrorPlace::Message),
        ["message", "type" | "content", ..] | ["delta", "type" | "stop_sequence" | "container"] => {
            Place::Skip
        }
        // `message_start` wraps the shell that a whole body has at its top.
        ["message", inner @ ..] => place(inner),
        [] | ["delta" | "content_block"] | ["content", "[]"] => Place::Enter,
        ["type"] => Place::Kind,
        ["model"] => Place::Model,
        ["id"] => Place::ResponseId,
        ["content"] => Place::Shape(Shape::Answer),
        ["input_tokens"] => Place::Shape(Shape::Count),
        ["content_block", "type"] => Place::Item,
        ["stop_reason"] | ["delta", "stop_reason"] => Place::Finish,
        ["delta", _] => Place::Payload,
        ["content_block", key] | ["content", "[]", key] => block(key),
        ["usage", rest @ ..] => places::generic(rest),
        ["error", rest @ ..] => Place::error(rest),
        _ => Place::Skip,
    }
}

/// A tool call's input may be empty and its id says nothing: its name makes it content.
fn block(key: &str) -> Place {
    match key {
        "type" | "id" | "index" | "input" | "tool_use_id" | "cache_control" => Place::Skip,
        _ => Place::Content,
    }
}

/// Says what a frame means.
pub(in crate::wire) fn class(facts: &Facts) -> FrameClass {
    if let Some(error) = facts.any_error() {
        return FrameClass::Error(error.inferred());
    }
    let content = match facts.kind() {
        "message_stop" => return FrameClass::Terminal { empty: true },
        "content_block_start" => facts.content,
        "content_block_delta" => facts.payload,
        _ => false,
    };
    if content { FrameClass::Content } else { FrameClass::Neutral }
}

/// Tells whether the frame being read ends the stream.
pub(in crate::wire) fn ends_stream(facts: &Facts) -> bool {
    matches!(facts.kind(), "message_stop" | "error") || facts.error.present
}
