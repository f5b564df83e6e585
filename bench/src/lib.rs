//! Measures what Switchyard costs above the least a relay can cost.
//!
//! Three programs: `bench-upstream` answers fast and always the same; `bare-relay` forwards with the
//! product's own server, client and EOF guard but without JSON and governance; `switchyard-bench`
//! drives both and the product, interleaved, and compares.

pub mod bare;
pub mod cases;
pub mod compare;
pub mod conversion;
pub mod driver;
pub mod instances;
pub mod nginx;
pub mod open_streams;
pub mod processes;
pub mod product;
pub mod report;
pub mod statistics;
pub mod upstream;
pub mod waves;
pub mod wire;
