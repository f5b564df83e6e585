//! Whether a pattern can be compared at all: asked when a rule is saved, and again when it is loaded.

use thiserror::Error;

use super::rule::MatchType;
use crate::domain::expression::{Case, Expression, Unusable};

/// The longest pattern, in bytes.
const LONGEST: usize = 1_024;
/// What the expressions of all rules may take together when one is saved, in bytes.
pub const LARGEST_SUM: usize = 32 << 20;

/// Why a pattern cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RuleFault {
    /// There is nothing to look for.
    #[error("the pattern is empty")]
    Empty,
    /// It is longer than 1024 bytes.
    #[error("the pattern is longer than {LONGEST} bytes")]
    TooLong,
    /// The regular expression cannot be used.
    #[error(transparent)]
    Expression(#[from] Unusable),
    /// Expressions take more than all of them may.
    #[error("the expressions of all rules together would take more than {} MiB", LARGEST_SUM >> 20)]
    TooLarge,
}

/// Checks a pattern, and compiles it where it is a regular expression.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_pattern(
    pattern: &str,
    match_type: MatchType,
) -> Result<Option<Expression>, RuleFault> {
    if pattern.trim().is_empty() {
        return Err(RuleFault::Empty);
    }
    if pattern.len() > LONGEST {
        return Err(RuleFault::TooLong);
    }
    if match_type != MatchType::Regex {
        return Ok(None);
    }
    Ok(Some(Expression::read(pattern, Case::Ignored)?))
}

/// Tells whether a pattern can be saved beside those of other rules, whose expressions are `others`. One that
/// is found in every text is for rules that name statuses alone: whatever is said with such a one.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_beside<'p>(
    pattern: &str,
    match_type: MatchType,
    names_statuses: bool,
    others: impl IntoIterator<Item = &'p str>,
) -> Result<(), RuleFault> {
    let Some(own) = check_pattern(pattern, match_type)? else { return Ok(()) };
    let own = if names_statuses { own } else { own.somewhere()? };
    let mut sum = own.weight();
    // What cannot be read is not asked either.
    let read = |other| check_pattern(other, MatchType::Regex).ok().flatten();
    for other in others.into_iter().filter_map(read) {
        sum += other.weight();
        if sum > LARGEST_SUM {
            return Err(RuleFault::TooLarge);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_compared_is_refused_with_its_reason() {
        let check = |text: &str| check_pattern(text, MatchType::Regex).unwrap_err().to_string();
        assert_eq!(check("a("), "not a regular expression: unclosed group");
        assert!(check("(?=a)b").contains("look-around"), "{}", check("(?=a)b"));
        assert!(
            check("(\\w{1000}){1000}").contains("size limit"),
            "{}",
            check("(\\w{1000}){1000}")
        );
        assert_eq!(check("  "), "the pattern is empty");
        assert_eq!(check(&"a".repeat(1_025)), "the pattern is longer than 1024 bytes");
        assert!(check_pattern("a(", MatchType::Contains).is_ok_and(|none| none.is_none()));
        assert!(check_pattern("a|b", MatchType::Regex).is_ok_and(|read| read.is_some()));
    }

    #[test]
    fn expressions_are_bounded_in_their_sum() {
        let large = || [r"sk-\w{20,}"; 100];
        assert_eq!(check_beside("a", MatchType::Regex, false, large()), Err(RuleFault::TooLarge));
        assert_eq!(check_beside("a", MatchType::Contains, false, large()), Ok(()));
        assert_eq!(check_beside("a", MatchType::Regex, false, ["b+"; 499]), Ok(()));
    }

    #[test]
    fn what_is_found_in_every_text_is_for_rules_that_name_statuses() {
        for pattern in ["token|", ".*"] {
            let check = |names| check_beside(pattern, MatchType::Regex, names, []);
            assert_eq!(check(false), Err(Unusable::Everywhere.into()), "{pattern}");
            assert_eq!(check(true), Ok(()), "{pattern}");
        }
    }
}
