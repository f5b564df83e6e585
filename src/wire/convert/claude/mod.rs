//! Anthropic Messages.
//!
//! Particular to it:
//! - Instructions stand apart from the conversation. What other formats say in its middle moves there.
//! - A user's turn comes first, and the results of a turn's calls open the next one.
//! - Blocks of thinking are signed, and taken back only with their signature. A client of this format
//!   carries the hidden state of other families in the same place; whose it is shows by its shape
//!   ([`super::seal`]). That of a signed call stands in an empty block of thinking right before it.
//! - The length of an answer is always said.
//! - Input tokens count only what no cache had and none was given.
//! - At most four cache marks.
//! - A stream has one open block at a time and ends with `message_stop`, never before it.

mod answer_in;
mod answer_out;
mod block;
mod block_in;
mod choice_out;
mod content_in;
mod content_out;
mod finish;
mod frame;
mod input;
mod marks;
mod media_in;
mod media_out;
mod object;
mod request_in;
mod request_out;
mod search_out;
mod shown;
mod stream_in;
mod stream_out;
mod system_out;
mod text_in;
mod thinking_out;
mod tools_in;
mod tools_out;
mod usage;

#[cfg(test)]
mod tests;

use super::Refused;
use super::hub::{Request, ToolKind};
use super::loss::Losses;

pub use answer_in::decode_answer;
pub use answer_out::encode_answer;
pub use request_out::encode_request;
pub use stream_in::StreamIn;
pub use stream_out::StreamOut;

/// Reads a client's request.
///
/// # Errors
/// It is none; the message says what is wrong, and where.
pub fn decode_request(body: &[u8], losses: &mut Losses) -> Result<Request, Refused> {
    let mut request = request_in::decode_request(body, losses)?;
    for tool in &mut request.tools {
        if matches!(tool.kind, ToolKind::Function { schema: Some(_), .. }) {
            tool.at.holds_schema("/input_schema");
        }
    }
    Ok(request)
}
