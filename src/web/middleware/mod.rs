//! What is done to every request and answer, whatever the route.

pub mod cors;
mod edge;
mod fault;
mod foreign_host;
mod running_body;
mod security;

pub use edge::{Edge, REQUEST_ID};
pub use security::POLICY_WITH_INLINE_STYLES;
