//! `OpenAI` Responses.

pub mod frame;
