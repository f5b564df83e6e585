//! Anthropic Messages.

pub mod foreign;
pub mod frame;
