//! How an answer ended, in Google's words.

use super::super::hub::Finish;
use super::super::loss::{Losses, Token};

/// Filters of Google's.
const FILTERS: [&str; 13] = [
    "SAFETY",
    "RECITATION",
    "LANGUAGE",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "MODEL_ARMOR",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
    "IMAGE_OTHER",
    "JAILBREAK",
    "NO_IMAGE",
];
/// Other ends that only Google knows.
const OTHERS: [&str; 3] =
    ["UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE"];

/// Reads a `finishReason`; `None` when it says that nothing has ended. With calls a plain end waits for
/// their results.
pub(super) fn of_reason(reason: &str, has_calls: bool) -> Option<Finish> {
    Some(match reason {
        "" | "FINISH_REASON_UNSPECIFIED" => return None,
        "STOP" if has_calls => Finish::ToolCalls,
        "STOP" => Finish::End,
        "MAX_TOKENS" => Finish::MaxOutput,
        "MALFORMED_FUNCTION_CALL" => Finish::BadToolCall,
        filter if FILTERS.contains(&filter) => Finish::Filtered(Some(filter.to_owned())),
        other => Finish::Other(other.to_owned()),
    })
}

/// Reads a `blockReason`; `None` when nothing was blocked.
pub(super) fn of_block(reason: &str) -> Option<Finish> {
    let blocked = !reason.is_empty() && reason != "BLOCK_REASON_UNSPECIFIED";
    blocked.then(|| Finish::Filtered(Some(reason.to_owned())))
}

/// Returns the `finishReason` for an end, and says what it does not tell.
pub(super) fn reason(finish: &Finish, losses: &mut Losses) -> String {
    let (reason, is_near) = match finish {
        Finish::End | Finish::ToolCalls => ("STOP", false),
        Finish::Stop(text) => {
            losses.push_if(text.is_some(), Token::DropStopText, "");
            ("STOP", false)
        }
        Finish::MaxOutput => ("MAX_TOKENS", false),
        Finish::Cut(raw) if OTHERS.contains(&raw.as_str()) => (raw.as_str(), false),
        Finish::ContextFull | Finish::Cut(_) => ("MAX_TOKENS", true),
        Finish::Refusal => ("SAFETY", true),
        Finish::Filtered(Some(kind)) if FILTERS.contains(&kind.as_str()) => (kind.as_str(), false),
        Finish::Filtered(_) => ("SAFETY", false),
        Finish::Pause => ("STOP", true),
        Finish::BadToolCall => ("MALFORMED_FUNCTION_CALL", false),
        Finish::Other(raw) if raw == "OTHER" || OTHERS.contains(&raw.as_str()) => {
            (raw.as_str(), false)
        }
        Finish::Other(_) => ("OTHER", true),
    };
    losses.push_if(is_near, Token::ApproxFinish, "");
    reason.to_owned()
}
