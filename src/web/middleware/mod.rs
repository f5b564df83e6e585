//! What is done to every request and answer, whatever the route.

pub mod cors;
mod edge;
mod running_body;
mod security;

pub use edge::{Edge, REQUEST_ID};
