//! The ledger: a list of requests that grows while one looks at it.

mod row;

pub use row::RequestRow;
