//! How an answer ended, in the words of this format.

use crate::wire::convert::hub::Finish;
use crate::wire::convert::loss::{Losses, Token};

/// What was seen of an answer besides its reason.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// A call.
    pub call: bool,
    /// Words why the model does not answer.
    pub refusal: bool,
}

/// Reads a `finish_reason`. Many vendors say `stop` behind calls, some `tool_calls` without any.
pub(super) fn read(reason: &str, seen: Seen) -> Finish {
    match reason.to_ascii_lowercase().as_str() {
        "stop" | "tool_calls" | "function_call" if seen.call => Finish::ToolCalls,
        "stop" if seen.refusal => Finish::Refusal,
        "stop" | "tool_calls" | "function_call" => Finish::End,
        "length" | "model_length" | "max_tokens" => Finish::MaxOutput,
        "content_filter" => Finish::Filtered(None),
        _ => Finish::Other(reason.to_owned()),
    }
}

/// Returns the `finish_reason`; `None` for a call that nobody can read, which is an error here.
pub(super) fn write(finish: &Finish, seen: Seen, losses: &mut Losses) -> Option<&'static str> {
    let mut near = |reason| {
        losses.push(Token::ApproxFinish, "");
        reason
    };
    Some(match finish {
        Finish::End => "stop",
        Finish::Stop(text) => {
            losses.push_if(text.is_some(), Token::DropStopText, "");
            "stop"
        }
        Finish::ToolCalls => "tool_calls",
        Finish::MaxOutput => "length",
        Finish::ContextFull | Finish::Cut(_) => near("length"),
        Finish::Refusal if seen.refusal => "stop",
        Finish::Refusal | Finish::Filtered(_) => "content_filter",
        Finish::Pause | Finish::Other(_) => near("stop"),
        Finish::BadToolCall => return None,
    })
}
