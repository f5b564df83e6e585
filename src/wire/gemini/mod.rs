//! Gemini, bare and inside the envelope of the Gemini CLI.

pub mod foreign;
pub mod frame;
pub mod list;
