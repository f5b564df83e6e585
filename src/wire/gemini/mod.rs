//! Gemini, bare and inside the envelope of the Gemini CLI.

pub mod frame;
pub mod list;
