//! What is refused of filters that can be read, when they are saved: those that are there already go on.

use super::change::{BodyChange, TextMatch};
use super::read::{FilterError, Operations};
use crate::domain::expression::{Expression, Unusable};

/// What the patterns of all filters may take together when one is saved, in bytes.
pub(super) const LARGEST_SUM: usize = 32 << 20;

/// Tells whether the patterns of filters take no more than all of them may.
///
/// # Errors
/// They take more.
pub fn check_sum(filters: impl IntoIterator<Item = Operations>) -> Result<(), FilterError> {
    let mut sum = 0;
    for (_, body) in filters {
        sum += body.iter().filter_map(BodyChange::pattern).map(Expression::weight).sum::<usize>();
        if sum > LARGEST_SUM {
            return Err(FilterError::TooLarge);
        }
    }
    Ok(())
}

/// Refuses a pattern of text to be replaced that is found as nothing between any two letters: what it
/// becomes would stand all over a request. Elsewhere such a pattern does no harm.
///
/// # Errors
/// It is one.
pub fn check_replaced((_, body): &Operations) -> Result<(), FilterError> {
    let is_harmful = |change: &BodyChange| match change {
        BodyChange::Replace { what: TextMatch::Regex(pattern), .. } => pattern.is_between_letters(),
        _ => false,
    };
    if body.iter().any(is_harmful) { Err(Unusable::Everywhere.into()) } else { Ok(()) }
}
