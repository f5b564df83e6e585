//! The formats that are fuzzed, as they stand in the product.

#[path = "../../src/wire/convert/mod.rs"]
pub mod convert;
#[path = "../../src/wire/sse/mod.rs"]
pub mod sse;
