//! Gemini's `generateContent`, and what is particular to it.
//!
//! The model and whether the answer streams are in the path, not in the body. A call links to its result
//! by name and order where it has no id, so ids are made of its place: a request that is sent again has
//! the same ones, and prompt caches stay warm. Any piece may carry a signature that must come back on
//! it ([`seal`]). Schemas of tools are a small subset of OpenAPI, or of JSON Schema ([`schema`]). A
//! stream has no terminal frame: a chunk with a `finishReason` says how it ended, its end that it did; no
//! comment or named event may stand between the chunks, for Google's own parsers stall on them.
//!
//! | part | file |
//! | --- | --- |
//! | objects as they were written | `pairs.rs`, `node.rs`, `spelling.rs` |
//! | pieces of turns and answers | `part_in.rs`, `part_out.rs`, `media.rs` |
//! | a request's turns, tools, settings | `turns_*.rs`, `user_out.rs`, `tools_*.rs`, `settings_*.rs` |
//! | chunks of answers, their ends and tokens | `chunk_in.rs`, `chunk_out.rs`, `finish.rs`, `usage.rs` |

mod answer_in;
mod answer_out;
mod chunk_in;
mod chunk_out;
mod finish;
mod media;
mod node;
pub(super) mod pairs;
mod part_in;
mod part_out;
mod plain;
mod request_in;
mod request_out;
pub mod schema;
pub mod seal;
mod settings_in;
mod settings_out;
mod spelling;
mod stream_in;
mod stream_out;
#[cfg(test)]
mod tests;
mod tools_in;
mod tools_out;
mod turns_in;
mod turns_out;
mod usage;
mod user_out;

use super::target::{ModelTraits, Target, ThinkingMode};

pub use answer_in::decode_answer;
pub use answer_out::encode_answer;
pub use request_in::decode_request;
pub use request_out::encode_request;
pub use stream_in::StreamIn;
pub use stream_out::StreamOut;

/// Tells whether a model is of the third line or later: it checks signatures, takes pictures in results,
/// and functions beside a form of the answer.
fn is_newest(target: &Target) -> bool {
    is_of_newest(&target.model)
}

fn is_of_newest(model: &ModelTraits) -> bool {
    model.thinking == ThinkingMode::Level
}

/// Tells whether a model of this name checks the signatures of its history.
#[must_use]
pub fn is_newest_model(model: &str) -> bool {
    is_of_newest(&ModelTraits::of(model))
}
