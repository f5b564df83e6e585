//! Error rules: what operators say an upstream's words mean, and how it is told to clients.
//!
//! A rule refines what a real answer is taken for. What never became an answer (no connection, silence,
//! a body that broke off) has no words, and no rule is asked about it.

mod book;
#[cfg(test)]
mod book_tests;
mod parse;
mod rule;
mod statuses;
mod text;
mod told;

pub use book::{ErrorRules, Seen, Standing};
pub use parse::{RuleFault, check_beside, check_pattern};
pub use rule::{ErrorRule, LinkRule, MatchType, RuleAction};
pub use statuses::{StatusFault, Statuses};
pub use text::LOOKED_AT;
pub use told::{LARGEST_TOLD, ToldError, ToldFault, ToldForm};
