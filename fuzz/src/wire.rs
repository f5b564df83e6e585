//! The formats that are fuzzed, as they stand in the product.

#[path = "../../src/wire/convert/mod.rs"]
pub mod convert;
#[path = "../../src/wire/model_list.rs"]
pub mod model_list;
#[path = "../../src/wire/percent.rs"]
pub mod percent;
#[path = "../../src/wire/scan.rs"]
pub mod scan;
#[path = "../../src/wire/sse/mod.rs"]
pub mod sse;
#[path = "../../src/wire/tree.rs"]
pub mod tree;
#[path = "../../src/wire/url.rs"]
pub mod url;
