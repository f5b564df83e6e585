//! The wire formats, purely: bytes and serde in, bytes and types out; no actix, no async, no I/O.

pub mod answer;
pub mod claude;
pub mod convert;
pub mod counting;
pub mod credentials;
pub mod decode;
pub mod detect;
pub mod edit;
pub mod embeddings;
pub mod error_body;
pub mod excerpt;
pub mod frame;
pub mod gemini;
pub mod model_list;
mod observe;
pub mod openai_chat;
pub mod percent;
pub mod rate_limits;
pub mod request;
pub mod responses;
pub mod scan;
pub mod session;
pub mod sse;
pub mod tokens;
pub mod upstream_error;
pub mod url;
pub mod usage;
