//! Which model is sent for the one that was asked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::pattern::Pattern;

/// The redirects of one provider, in the order they are tried: exact names first, then the pattern
/// that says most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redirects(Vec<(Pattern, Arc<str>)>);

impl Redirects {
    /// Reads redirects that were kept: pattern -> the model that is sent. A rule that cannot be read
    /// redirects nothing: who asks for a model gets that model, if the provider's list has it.
    #[must_use]
    pub fn kept(written: &BTreeMap<Arc<str>, Arc<str>>) -> Self {
        let read = written.iter().map(|(from, to)| (Pattern::kept(from), Arc::clone(to)));
        let mut rules: Vec<_> = read.collect();
        rules.sort_by(|(one, _), (other, _)| one.precedence().cmp(&other.precedence()));
        Self(rules)
    }

    /// Returns the patterns, in the order they are tried.
    pub fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.0.iter().map(|(from, _)| from)
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
        Redirects::kept(&pairs.collect())
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

    #[test]
    fn a_rule_that_cannot_be_read_leaves_the_others_as_they_are() {
        let rules = redirects(&[("regex:(", "x"), ("a*", "b")]);
        assert_eq!((rules.target("a1"), rules.target("(")), (Some("b"), None));
    }
}
