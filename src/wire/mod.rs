//! The wire formats: bytes in, types out. Pure: no actix, no async, no clock.

pub mod sse;
