//! How an answer ended, in this format's words.

use crate::wire::convert::hub::Finish;
use crate::wire::convert::loss::{Losses, Token};

/// Reads a reason. The words of a vendor do not always fit what it sent: an end after whole calls wants
/// their results, and a wish for results without a call is an end.
pub(super) fn read(reason: Option<&str>, sequence: Option<String>, has_calls: bool) -> Finish {
    match reason {
        None | Some("end_turn" | "tool_use") if has_calls => Finish::ToolCalls,
        None | Some("end_turn" | "tool_use") => Finish::End,
        Some("stop_sequence") => Finish::Stop(sequence),
        Some("max_tokens") => Finish::MaxOutput,
        Some("model_context_window_exceeded") => Finish::ContextFull,
        Some("refusal") => Finish::Refusal,
        Some("pause_turn") => Finish::Pause,
        Some(other) => Finish::Other(other.to_owned()),
    }
}

/// A reason, and the text at which the answer stopped.
pub(super) struct Stop<'a> {
    pub reason: &'static str,
    pub sequence: Option<&'a str>,
}

/// Writes it; `None` where this format has an error in its place.
pub(super) fn write<'a>(finish: &'a Finish, losses: &mut Losses) -> Option<Stop<'a>> {
    let mut approx = |reason| {
        losses.push(Token::ApproxFinish, "");
        reason
    };
    let reason = match finish {
        Finish::End => "end_turn",
        Finish::Stop(_) => "stop_sequence",
        Finish::ToolCalls => "tool_use",
        Finish::MaxOutput => "max_tokens",
        Finish::Cut(_) => approx("max_tokens"),
        Finish::ContextFull => "model_context_window_exceeded",
        Finish::Refusal => "refusal",
        Finish::Filtered(_) => approx("refusal"),
        Finish::Pause => "pause_turn",
        Finish::BadToolCall => return None,
        Finish::Other(_) => approx("end_turn"),
    };
    let sequence = match finish {
        Finish::Stop(sequence) => sequence.as_deref(),
        _ => None,
    };
    Some(Stop { reason, sequence })
}
