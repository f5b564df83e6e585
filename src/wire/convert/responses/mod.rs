//! Responses of `OpenAI`, as Codex speaks it. An answer is a list of items: messages, calls, thinking, and
//! what the vendor's own tools did are siblings; a client keeps the items as they end
//! (`response.output_item.done`) and sends them back, for nothing is stored.
//!
//! Particular to it:
//! - Tools that are no functions: namespaces, tools that take text (with a grammar), Codex' local shell,
//!   shells and patches. To other formats they are functions; what is called comes back as what it was.
//! - `encrypted_content` is the one place that a client sends back, so seals of all families travel there,
//!   other families' with a mark of ours (`seals.rs`).
//! - State that the vendor keeps (`previous_response_id`, `conversation`, `prompt`) is refused.
//! - Codex asks for `response.completed` with whole usage, takes `response.incomplete` for an error, and
//!   counts time between events, not comments: [`StreamOut::keep_alive`] repeats `response.in_progress`.

mod answer_in;
mod answer_out;
mod call_out;
mod call_seen;
mod content_in;
mod content_out;
mod finish_out;
mod frames_out;
mod item_out;
mod items_in;
mod items_out;
mod items_seen;
mod media;
mod message_out;
mod message_seen;
mod parts_seen;
mod ran_out;
mod request_in;
mod request_out;
mod response_in;
mod seals;
mod shells;
mod stream_in;
mod stream_out;
#[cfg(test)]
mod tests;
mod thinking_out;
mod thinking_seen;
mod tools_in;
mod tools_out;
mod trouble;
mod turns;
mod unwrap;
mod usage;

pub use answer_in::decode_answer;
pub use answer_out::encode_answer;
pub use request_in::decode_request;
pub use request_out::encode_request;
pub use stream_in::StreamIn;
pub use stream_out::{Position, StreamOut};
