//! One rule, as an operator writes it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::statuses::Statuses;
use super::told::ToldError;
use crate::domain::ids::ErrorRuleId;

/// How a rule's pattern is compared with what an upstream said. Case does not matter in any of them.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum MatchType {
    /// It stands somewhere in it.
    #[default]
    Contains,
    /// It is all of it, but for blanks around it.
    Exact,
    /// A regular expression that is found somewhere in it; its engine takes linear time.
    Regex,
}

impl MatchType {
    /// All of them, in the order in which rules are asked.
    pub const ALL: [Self; 3] = [Self::Contains, Self::Exact, Self::Regex];

    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::Exact => "exact",
            Self::Regex => "regex",
        }
    }

    /// Reads the stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// What an answer is taken for when a rule matches it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleAction {
    /// The request is at fault: its client is told, nobody else is asked, nobody is charged.
    #[default]
    Client,
    /// The provider is at fault: asked again, then another one; charged once.
    Provider,
    /// It lacks what was asked for: another one is asked, nobody is charged.
    NotFound,
    /// The provider is at fault and another try there is of no use: another one is asked at once, and
    /// this one is charged.
    SwitchAndCharge,
}

impl RuleAction {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::Client, Self::Provider, Self::NotFound, Self::SwitchAndCharge];

    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Provider => "provider",
            Self::NotFound => "not_found",
            Self::SwitchAndCharge => "switch_and_charge",
        }
    }

    /// Reads the stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorRule {
    /// Its id.
    pub id: ErrorRuleId,
    /// What is looked for.
    pub pattern: Arc<str>,
    /// How.
    pub match_type: MatchType,
    /// The statuses it is about; none named means errors whose status leaves their meaning open.
    pub statuses: Statuses,
    /// What the answer is taken for.
    pub action: RuleAction,
    /// The operator's word for rules of one sort.
    pub category: Arc<str>,
    /// Lower ones are asked first among rules of one match type.
    pub priority: i64,
    /// What the client is told in place of the upstream's words.
    pub told: Option<Arc<ToldError>>,
    /// The status the client is told, 400 to 599.
    pub told_status: Option<u16>,
}

impl ErrorRule {
    /// Tells whether the client is told something else than without the rule.
    #[must_use]
    pub const fn rewords(&self) -> bool {
        self.told.is_some() || self.told_status.is_some()
    }

    /// Returns what a try's link keeps of the rule that decided it.
    #[must_use]
    pub fn link(&self) -> LinkRule {
        LinkRule {
            id: self.id,
            pattern: Arc::clone(&self.pattern),
            match_type: self.match_type,
            action: self.action,
            category: Arc::clone(&self.category),
            rewords: self.rewords(),
        }
    }
}

/// The rule that decided what a try was taken for, as it was at that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkRule {
    /// Its id.
    pub id: ErrorRuleId,
    /// What was looked for.
    pub pattern: Arc<str>,
    /// How.
    pub match_type: MatchType,
    /// What the answer was taken for.
    pub action: RuleAction,
    /// The operator's word for rules of its sort.
    pub category: Arc<str>,
    /// It says something else to clients than the upstream did.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub rewords: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_everywhere() {
        for action in RuleAction::ALL {
            assert_eq!(serde_json::to_value(action).unwrap(), action.name());
            assert_eq!(RuleAction::parse(action.name()), Some(action));
        }
        for kind in MatchType::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
            assert_eq!(MatchType::parse(kind.name()), Some(kind));
        }
        assert_eq!(RuleAction::parse("swap"), None);
    }
}
