//! Anthropic Messages.

pub mod frame;
