//! The wire formats, purely: bytes and serde in, bytes and types out; no actix, no async, no I/O.

pub mod scan;
pub mod sse;
