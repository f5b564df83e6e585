//! The vendors of the demonstration: one small server on the loopback that answers in every dialect,
//! as slowly and as unreliably as real ones. The first part of a path says how it behaves.

mod answer;
mod anthropic;
mod chat;
mod gemini;
mod manner;
mod request;
mod responses;
mod server;

pub use server::start;
