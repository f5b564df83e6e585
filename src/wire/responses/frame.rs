//! Responses' events and bodies: where things stand, and what an event means.

use super::super::frame::FrameClass;
use super::super::observe::{Facts, Place, Shape};
use super::super::upstream_error::ErrorPlace;
use super::super::usage::places;

/// Says what stands at a path of an event, or of a body (an event's `response` without its wrap).
pub(in crate::wire) fn place(keys: &[&str]) -> Place {
    match keys {
        [] | ["response" | "item" | "part"] => Place::Enter,
        ["response", inner @ ..] => object(inner),
        ["type"] => Place::Kind,
        ["sequence_number"] => Place::Sequence,
        ["item", inner @ ..] => item(inner),
        ["part", "text" | "refusal" | "transcript"]
        | ["delta" | "arguments" | "input" | "refusal" | "partial_image_b64" | "annotation"] => {
            Place::Payload
        }
        // In an event the text of its part; in a body an object that names the output format.
        ["text"] => Place::PayloadText,
        // In `error` events only; the interpreter's `code` comes behind deltas that said enough.
        ["code"] => Place::BareError(ErrorPlace::Code),
        ["message"] => Place::BareError(ErrorPlace::Message),
        _ => object(keys),
    }
}

/// Says what stands at a path of a response object.
fn object(keys: &[&str]) -> Place {
    match keys {
        ["id"] => Place::ResponseId,
        ["object"] => Place::Object,
        ["model"] => Place::Model,
        ["status"] => Place::Status,
        ["created_at"] => Place::CreatedAt,
        ["service_tier"] => Place::Tier,
        ["incomplete_details"] => Place::Enter,
        ["incomplete_details", "reason"] => Place::Finish,
        ["input_tokens"] => Place::Shape(Shape::Count),
        ["output"] => Place::Shape(Shape::Answer),
        ["output", "[]"] => Place::ItemEnd,
        ["output", "[]", inner @ ..] => item(inner),
        ["usage", rest @ ..] => places::generic(rest),
        ["error", rest @ ..] => Place::error(rest),
        _ => Place::Skip,
    }
}

/// Says what stands at a path of an output item.
fn item(keys: &[&str]) -> Place {
    match keys {
        ["type"] => Place::Item,
        ["content"] | ["content", "[]"] => Place::Enter,
        ["content", "[]", "text" | "refusal" | "transcript"]
        | ["encrypted_content" | "summary"] => Place::Payload,
        _ => Place::Skip,
    }
}

/// Says what an event means.
pub(in crate::wire) fn class(facts: &Facts) -> FrameClass {
    let kind = facts.kind();
    if let Some(error) = facts.any_error() {
        return FrameClass::Error(error.inferred());
    }
    if kind == "response.failed" || facts.status == "failed" {
        return FrameClass::Error(facts.error.inferred());
    }
    match kind {
        _ if is_echo(kind) => FrameClass::Echo,
        "response.completed" | "response.done" | "response.incomplete" | "response.cancelled" => {
            FrameClass::Terminal { empty: !facts.content }
        }
        _ if is_content(kind, facts) => FrameClass::Content,
        _ => FrameClass::Neutral,
    }
}

/// Tells whether events of the kind repeat the request.
pub(in crate::wire) fn is_echo(kind: &str) -> bool {
    matches!(kind, "response.created" | "response.in_progress" | "response.queued")
}

fn is_content(kind: &str, facts: &Facts) -> bool {
    match kind {
        "response.output_item.added" | "response.output_item.done" => {
            facts.payload || !matches!(facts.item.as_str(), "" | "message" | "reasoning")
        }
        // The progress of image, MCP, search and interpreter calls.
        _ if kind.contains("_call.") => true,
        _ => kind.starts_with("response.") && facts.payload,
    }
}

/// Tells whether the event being read ends the stream.
pub(in crate::wire) fn ends_stream(facts: &Facts) -> bool {
    matches!(
        facts.kind(),
        "response.completed"
            | "response.done"
            | "response.incomplete"
            | "response.failed"
            | "response.cancelled"
            | "error"
    )
}
