//! Anthropic Messages.

pub mod asked;
pub mod foreign;
pub mod frame;
