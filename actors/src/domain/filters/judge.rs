//! What is refused of filters that can be read, when they are saved: those that are there already go on.

use super::change::{BodyChange, TextMatch};
use super::read::{FilterError, Operations};
use crate::domain::expression::{Expression, Unusable};
use crate::domain::passing::passes_up;

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

/// Refuses a filter that runs before a provider is chosen and would change a header of the client that never
/// leaves: nothing would come of it.
///
/// # Errors
/// It is one.
pub fn check_leaving((headers, _): &Operations) -> Result<(), FilterError> {
    match headers.iter().find(|change| !passes_up(change.name())) {
        Some(change) => Err(FilterError::StaysHere(change.name().to_owned())),
        None => Ok(()),
    }
}

/// Takes out what [`check_leaving`] refuses, of a filter that is there already: the rest of it goes on.
///
/// # Errors
/// Nothing is left.
pub fn only_leaving(mut changes: Operations) -> Result<Operations, FilterError> {
    let checked = check_leaving(&changes);
    changes.0.retain(|change| passes_up(change.name()));
    let is_idle = changes.0.is_empty() && changes.1.is_empty();
    if is_idle { checked.map(|()| changes) } else { Ok(changes) }
}
