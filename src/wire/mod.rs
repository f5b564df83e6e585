//! The wire formats, purely: bytes and serde in, bytes and types out; no actix, no async, no I/O.

pub mod credentials;
pub mod decode;
pub mod detect;
pub mod edit;
pub mod percent;
pub mod request;
pub mod scan;
pub mod session;
