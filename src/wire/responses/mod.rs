//! `OpenAI` Responses.

pub mod foreign;
pub mod frame;
pub mod instructions;
mod members;
pub mod session_id;
pub mod socket;
