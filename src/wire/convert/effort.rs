//! Effort in words and budgets in tokens: what one vendor is told in one, another takes in the other.

use super::hub::{Effort, Reasoning};

/// The least budget that Anthropic takes (platform.claude.com/docs, `build-with-claude/extended-thinking`).
pub const LEAST_BUDGET: u64 = 1_024;

/// What `thinking.type` is in Anthropic's form where nothing shall be thought.
pub const DISABLED: &str = "disabled";
/// The same as Sonnet 5.5 takes it.
pub const BETWEEN_TOOLS: &str = "between_tools";
/// All that it may be for that.
pub const RESTS: [&str; 2] = [DISABLED, BETWEEN_TOOLS];

impl Effort {
    /// Every effort that is a word of vendors, from none to most.
    pub const ALL: [Self; 8] = [
        Self::None,
        Self::Minimal,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::XHigh,
        Self::Max,
        Self::Auto,
    ];

    /// Returns the word that `OpenAI` and Anthropic have for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::XHigh => "xhigh",
            Self::Max => "max",
            Self::Auto => "auto",
        }
    }

    /// Reads the word, in any case of letters.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|effort| effort.name().eq_ignore_ascii_case(word))
    }

    /// Returns the budget that it stands for; `None` where the model decides. No vendor says how many tokens
    /// an effort is; these are ours, and read back as the same effort.
    #[must_use]
    pub const fn budget(self) -> Option<u64> {
        match self {
            Self::None => Some(0),
            Self::Minimal => Some(1_024),
            Self::Low => Some(4_096),
            Self::Medium => Some(8_192),
            Self::High => Some(24_576),
            Self::XHigh => Some(32_768),
            // The model's maximum, whatever that is; whoever writes it bounds it.
            Self::Max => Some(u64::MAX),
            Self::Auto => None,
        }
    }

    /// Returns the effort that a budget stands for.
    #[must_use]
    pub const fn of_budget(budget: u64) -> Self {
        match budget {
            0 => Self::None,
            1..=1_024 => Self::Minimal,
            1_025..=4_096 => Self::Low,
            4_097..=8_192 => Self::Medium,
            8_193..=24_576 => Self::High,
            _ => Self::XHigh,
        }
    }

    /// Returns the greatest of the allowed efforts that is not above it, else the least; `Auto` stays. Of
    /// nothing allowed it is itself.
    #[must_use]
    pub fn within(self, allowed: &[Self]) -> Self {
        if self == Self::Auto || allowed.is_empty() || allowed.contains(&self) {
            return self;
        }
        let below = allowed.iter().copied().filter(|one| *one < self).max();
        below.or_else(|| allowed.iter().copied().min()).unwrap_or(self)
    }
}

impl Reasoning {
    /// Returns the effort; tells whether it had to be made of a budget.
    #[must_use]
    pub fn as_effort(&self) -> (Effort, bool) {
        match (self.effort, self.budget) {
            (Some(effort), _) => (effort, false),
            (None, Some(budget)) => (Effort::of_budget(budget), true),
            (None, None) => (Effort::Auto, false),
        }
    }

    /// Returns the budget, `None` where the model decides; tells whether it had to be made of an effort.
    #[must_use]
    pub const fn as_budget(&self) -> (Option<u64>, bool) {
        match (self.budget, self.effort) {
            (Some(budget), _) => (Some(budget), false),
            (None, Some(effort)) => {
                (effort.budget(), !matches!(effort, Effort::None | Effort::Auto))
            }
            (None, None) => (None, false),
        }
    }

    /// Tells whether the client wants no thinking.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.effort == Some(Effort::None) || (self.effort.is_none() && self.budget == Some(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_of_an_effort_reads_back_as_it() {
        for effort in [Effort::Minimal, Effort::Low, Effort::Medium, Effort::High, Effort::XHigh] {
            assert_eq!(effort.budget().map(Effort::of_budget), Some(effort));
        }
        assert_eq!(Effort::of_budget(0), Effort::None);
    }

    #[test]
    fn an_effort_that_is_not_taken_becomes_the_next_below() {
        let some = [Effort::Low, Effort::Medium, Effort::High];
        assert_eq!(Effort::XHigh.within(&some), Effort::High);
        assert_eq!(Effort::Minimal.within(&some), Effort::Low, "none is below");
        assert_eq!(Effort::Auto.within(&some), Effort::Auto);
    }

    #[test]
    fn words_are_read_in_any_case() {
        assert_eq!(Effort::parse("HIGH"), Some(Effort::High));
        assert_eq!(Effort::parse("highest"), None);
    }
}
