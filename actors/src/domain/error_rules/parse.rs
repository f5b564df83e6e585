//! Whether a pattern can be compared at all: asked when a rule is saved, and again when it is loaded.

use regex::{Regex, RegexBuilder};
use thiserror::Error;

use super::rule::MatchType;

/// The longest pattern, in bytes.
const LONGEST: usize = 1_024;
/// The largest program a regular expression may become, in bytes.
const LARGEST_PROGRAM: usize = 256 << 10;
/// What its engine may remember of the texts it reads, in bytes.
const LARGEST_MEMORY: usize = 512 << 10;

/// Why a pattern cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RuleFault {
    /// There is nothing to look for.
    #[error("the pattern is empty")]
    Empty,
    /// It is longer than 1024 bytes.
    #[error("the pattern is longer than {LONGEST} bytes")]
    TooLong,
    /// The regular expression cannot be compiled, or becomes too large.
    #[error("not a regular expression that can be used: {0}")]
    Regex(String),
}

/// Checks a pattern.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_pattern(pattern: &str, match_type: MatchType) -> Result<(), RuleFault> {
    if pattern.trim().is_empty() {
        return Err(RuleFault::Empty);
    }
    if pattern.len() > LONGEST {
        return Err(RuleFault::TooLong);
    }
    match match_type {
        MatchType::Regex => compile(pattern).map(drop),
        MatchType::Contains | MatchType::Exact => Ok(()),
    }
}

/// Compiles a regular expression that does not look at case.
pub(super) fn compile(pattern: &str) -> Result<Regex, RuleFault> {
    let mut builder = RegexBuilder::new(pattern);
    builder.case_insensitive(true).size_limit(LARGEST_PROGRAM).dfa_size_limit(LARGEST_MEMORY);
    builder.build().map_err(|error| {
        // The parser draws the place over several lines; the last one is the reason.
        let text = error.to_string();
        let reason = text.lines().last().unwrap_or_default().trim();
        RuleFault::Regex(reason.trim_start_matches("error: ").to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_compared_is_refused_with_its_reason() {
        let check = |text: &str| check_pattern(text, MatchType::Regex).unwrap_err().to_string();
        assert_eq!(check("a("), "not a regular expression that can be used: unclosed group");
        assert!(check("(?=a)b").contains("look-around"), "{}", check("(?=a)b"));
        assert!(
            check("(\\w{1000}){1000}").contains("size limit"),
            "{}",
            check("(\\w{1000}){1000}")
        );
        assert_eq!(check("  "), "the pattern is empty");
        assert_eq!(check(&"a".repeat(1_025)), "the pattern is longer than 1024 bytes");
        assert_eq!(check_pattern("a(", MatchType::Contains), Ok(()));
    }
}
