//! `OpenAI` Chat Completions.

pub mod frame;
