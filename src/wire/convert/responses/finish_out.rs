//! How an answer ends, in the words of this format.

use super::super::hub::Finish;
use super::super::loss::{Losses, Token};
use super::frames_out::{ErrorOut, Incomplete};

/// What a client is told of a call that nobody can read.
const BAD_CALL: &str = "the model wrote a tool call that cannot be read";

/// An end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ending {
    /// The event that says it.
    pub(super) event: &'static str,
    /// The response's status.
    pub(super) status: &'static str,
    reason: Option<&'static str>,
}

const COMPLETED: Ending = Ending { event: "response.completed", status: "completed", reason: None };
const FAILED: Ending = Ending { event: "response.failed", status: "failed", reason: None };

const fn incomplete(reason: &'static str) -> Ending {
    Ending { event: "response.incomplete", status: "incomplete", reason: Some(reason) }
}

impl Ending {
    /// Finds the words for an end; `in_words` when the model has said why it refuses.
    pub(super) fn of(finish: &Finish, in_words: bool, losses: &mut Losses) -> Self {
        let (ending, loss) = match finish {
            Finish::End | Finish::ToolCalls | Finish::Stop(None) => (COMPLETED, None),
            Finish::Stop(Some(_)) => (COMPLETED, Some(Token::DropStopText)),
            Finish::MaxOutput => (incomplete("max_output_tokens"), None),
            Finish::ContextFull | Finish::Cut(_) => {
                (incomplete("max_output_tokens"), Some(Token::ApproxFinish))
            }
            Finish::Refusal if in_words => (COMPLETED, None),
            Finish::Refusal | Finish::Filtered(_) => (incomplete("content_filter"), None),
            Finish::Pause => (incomplete("pause"), Some(Token::ApproxFinish)),
            Finish::BadToolCall => (FAILED, None),
            Finish::Other(_) => (COMPLETED, Some(Token::ApproxFinish)),
        };
        if let Some(token) = loss {
            losses.push(token, "");
        }
        ending
    }

    /// Returns what went wrong, when it did.
    pub(super) fn error(&self) -> Option<ErrorOut> {
        let failed = *self == FAILED;
        failed.then_some(ErrorOut { code: "server_error", message: BAD_CALL })
    }

    /// Returns why it is not whole, when it is not.
    pub(super) fn incomplete(&self) -> Option<Incomplete> {
        self.reason.map(|reason| Incomplete { reason })
    }
}
