//! Conversion between the wire formats, purely. A request, an answer or a stream is read by the codec
//! of the format it came in into one small model, the [`hub`], and written by the codec of the format
//! it goes out in. There are no converters between pairs; the same format never comes here.
//!
//! What the target cannot carry is left out or put otherwise, and said: every such loss pushes its
//! stable [`loss::Token`]. What cannot be converted at all is a [`Refused`] request: nothing is sent.
//!
//! | part | file |
//! | --- | --- |
//! | the model of requests, answers and streams | [`hub`] |
//! | what was lost | [`loss`] |
//! | names and ids within a target's bounds, and back | [`names`] |
//! | what a provider and its model take | [`target`] |
//! | JSON without a schema, in words | `json_mode` |
//! | what is known of lines of models | `lines` |
//! | effort and budget of reasoning | [`effort`] |
//! | tools that are no functions, as functions | [`functions`] |
//! | calls and their results in their places | [`pairing`] |
//! | whose hidden state a blob is | [`seal`] |
//! | streams into answers, and back | [`fold`] |
//! | what a decoder says, as a whole answer | [`gather`] |
//! | one open part at a time | [`sequence`] |
//! | media that cannot be read | `unread` |
//! | counts and what else may be of another type | `lax` |
//! | fields that nobody knows | `fields`, met by `watched` |
//! | schemas without bounds | `bounded` |
//! | whether a call is whole, and which ends cut | [`whole`] |
//! | a stream of one format as another's | [`stream`] |
//! | the codecs by the names of their formats | [`codec`] |
//! | what an encoder of answers needs to know of the request | [`reply`] |
//! | Gemini's format in the Gemini CLI's envelope, and out of it | [`gemini_cli`] |
//!
//! A codec is a folder with one file for each of its ways:
//!
//! | file | has |
//! | --- | --- |
//! | `request_in.rs` | `decode_request`: a client's body into [`hub::Request`] |
//! | `request_out.rs` | `encode_request`: a [`hub::Request`] into the body for a provider |
//! | `stream_in.rs` | `StreamIn`: frames of a provider into [`hub::Event`]s |
//! | `stream_out.rs` | `StreamOut`: [`hub::Event`]s in sequence into the bytes for a client |
//! | `answer_in.rs` | `decode_answer`: a whole answer into [`hub::Answer`] |
//! | `answer_out.rs` | `encode_answer`: an [`hub::Answer`] into the body for a client |

mod bounded;
pub mod claude;
pub mod codec;
pub mod effort;
mod fields;
pub mod fold;
pub mod functions;
pub mod gather;
pub mod gemini;
pub mod gemini_cli;
pub mod hub;
mod json_mode;
mod lax;
mod lines;
pub mod loss;
pub mod names;
mod never;
pub mod openai_chat;
pub mod pairing;
pub mod reply;
pub mod responses;
pub mod rewrap;
pub mod seal;
pub mod search;
pub mod sequence;
pub mod stream;
pub mod target;
mod unread;
mod watched;
pub mod weight;
pub mod whole;

#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

/// A vendor that asks to wait for this long, or longer, does not mean it.
pub const LONGEST_WAIT: Duration = Duration::from_secs(1_000_000);

/// A request that cannot be converted. Nothing is sent; the client hears why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What the client is told: what it asked for and why that does not go.
    pub message: String,
    /// A code that programs may read, such as `previous_response_not_found`; empty for none.
    pub code: &'static str,
}

impl Refused {
    /// Refuses without a code.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: "" }
    }

    /// Refuses with a code.
    #[must_use]
    pub fn coded(code: &'static str, message: impl Into<String>) -> Self {
        Self { message: message.into(), code }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// An answer or a frame of the upstream that is not what its format sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken(pub String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
