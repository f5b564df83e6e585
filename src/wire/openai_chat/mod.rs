//! `OpenAI` Chat Completions.

pub mod frame;
pub mod usage_chunk;
