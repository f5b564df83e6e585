//! Which model is sent for the one that was asked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::pattern::{Pattern, PatternError};

/// The redirects of one provider, in the order they are tried: exact names first, then the pattern
/// that says most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redirects(Vec<(Pattern, Arc<str>)>);

impl Redirects {
    /// Reads redirects: pattern -> the model that is sent.
    ///
    /// # Errors
    /// Says what is wrong with the first bad pattern.
    pub fn parse(written: &BTreeMap<Arc<str>, Arc<str>>) -> Result<Self, PatternError> {
        let read = written.iter().map(|(from, to)| Ok((Pattern::parse(from)?, Arc::clone(to))));
        let mut rules = read.collect::<Result<Vec<_>, PatternError>>()?;
        rules.sort_by(|(one, _), (other, _)| one.precedence().cmp(&other.precedence()));
        Ok(Self(rules))
    }

    /// Returns the model to send, `None` when the asked one is sent as it is.
    #[must_use]
    pub fn target(&self, model: &str) -> Option<&str> {
        let hit = self.0.iter().find(|(from, _)| from.matches(model));
        hit.map(|(_, to)| to.as_ref()).filter(|to| *to != model)
    }

    /// Returns the models that are named outright as being redirected.
    pub fn exact_names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|(from, _)| from.exact())
    }

    /// Tells whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redirects(pairs: &[(&str, &str)]) -> Redirects {
        let pairs = pairs.iter().map(|(from, to)| (Arc::from(*from), Arc::from(*to)));
        Redirects::parse(&pairs.collect()).unwrap()
    }

    #[test]
    fn the_rule_that_says_most_wins_however_they_were_kept() {
        let rules = redirects(&[("*", "any"), ("claude-*", "claude"), ("claude-opus", "opus")]);
        assert_eq!(rules.target("claude-opus"), Some("opus"));
        assert_eq!(rules.target("claude-sonnet"), Some("claude"));
        assert_eq!(rules.target("gpt-5"), Some("any"));
        assert_eq!(rules.target("any"), None, "the same name is no redirect");
        assert_eq!(rules.exact_names().collect::<Vec<_>>(), ["claude-opus"]);
        assert_eq!(redirects(&[("a", "b")]).target("c"), None);
    }
}
