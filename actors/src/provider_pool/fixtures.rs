//! Callers for tests.

use crate::domain::caller::{Caller, parse_groups};
use crate::domain::limits::Limits;
use crate::testing;

/// Makes a caller of these groups.
pub fn caller(groups: &str) -> Caller {
    let caller = testing::caller(1, 1, Limits::default(), Limits::default());
    Caller { groups: parse_groups(Some(groups)), ..Caller::clone(&caller) }
}
