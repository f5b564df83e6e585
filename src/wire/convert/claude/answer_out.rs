//! A whole answer for a client.

use super::frame::{ErrorOut, Frame, Shell};
use super::usage::UsageOut;
use super::{finish, shown};
use crate::wire::convert::hub::Answer;
use crate::wire::convert::loss::Losses;
use crate::wire::convert::reply::Reply;

/// Writes a whole answer for a client. One that ended with a call nobody can read is an error body.
pub fn encode_answer(answer: &Answer, reply: &Reply, losses: &mut Losses) -> Vec<u8> {
    let Some(stop) = finish::write(&answer.finish, losses) else {
        let error = Frame::Error { error: ErrorOut::BAD_TOOL_CALL };
        return serde_json::to_vec(&error).unwrap_or_default();
    };
    let parts = answer.parts.iter();
    let content = parts.flat_map(|part| shown::blocks(part, reply, losses)).collect();
    let shell = Shell {
        id: shown::message_id(answer.id.as_deref(), reply),
        kind: "message",
        role: "assistant",
        model: shown::model(answer.model.as_deref(), reply),
        content,
        stop_reason: Some(stop.reason),
        stop_sequence: stop.sequence,
        usage: UsageOut::of(answer.usage, losses),
    };
    serde_json::to_vec(&shell).unwrap_or_default()
}
