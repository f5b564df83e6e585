//! `OpenAI` Chat Completions.

pub mod foreign;
pub mod frame;
pub mod usage_chunk;
