//! `OpenAI` Chat Completions, as written by `OpenAI` and by the many vendors who follow it.
//!
//! - Arguments of calls are JSON in a string; results are messages of their own, right behind the calls.
//! - There is no slot for thinking; vendors agree on `reasoning_content` (`reasoning`, `reasoning_details`).
//! - Vendors differ in small things: where usage stands, whether calls are numbered, what content is. The
//!   decoder takes them all; the encoder writes what the plainest of them reads.
//! - A stream has ended in order when a `finish_reason` was seen; `[DONE]` alone proves nothing, for relays
//!   send it behind what has broken off.
//! - A whole answer is read as a stream of one chunk: there is one decoder.

mod answer_in;
mod answer_out;
mod calls_in;
mod chunk;
mod citations;
mod content;
mod content_out;
mod details;
mod finish;
mod lax;
mod message;
mod messages_in;
mod messages_out;
mod plain;
mod request_in;
mod request_out;
mod said_out;
mod search;
mod stream_in;
mod stream_out;
mod tools_in;
mod tools_out;
mod trouble;
mod usage;

#[cfg(test)]
mod tests;

pub use answer_in::decode_answer;
pub use answer_out::encode_answer;
pub use request_in::decode_request;
pub use request_out::encode_request;
pub use stream_in::StreamIn;
pub use stream_out::StreamOut;

use super::names::Bounds;

/// Tells whether a model of this name is Google's: it signs calls, and wants its signatures back also from
/// this format.
#[must_use]
pub fn is_googles(model: &str) -> bool {
    let name = model.rsplit('/').next().unwrap_or_default();
    name.get(..6).is_some_and(|head| head.eq_ignore_ascii_case("gemini"))
}

/// Ids of calls. `OpenAI` refuses longer ones: "Expected a string with maximum length 40".
const CALL_ID: Bounds = Bounds { longest: 40, also: "", starts_with_letter: false };
/// Arguments of one call, at most.
const MOST_ARGS: usize = 16 << 20;
