//! What becomes of a request that its provider's format cannot carry whole.

/// How much of a request may be lost when it is converted. The stricter of two holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LossPolicy {
    /// It is sent, and what it lost is told.
    #[default]
    Lenient,
    /// It is sent as long as all of its meaning is carried; who loses more is refused.
    Strict,
    /// It is sent only when nothing is lost.
    Refuse,
}

impl LossPolicy {
    /// Reads a stored word; `inherit` and whatever is unknown is the most lenient.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "strict" => Self::Strict,
            "refuse" => Self::Refuse,
            _ => Self::Lenient,
        }
    }

    /// Returns the word that is stored and shown.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lenient => "lenient",
            Self::Strict => "strict",
            Self::Refuse => "refuse",
        }
    }

    /// Returns what holds where two have a say.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }
}

#[cfg(test)]
mod tests {
    use super::LossPolicy::{self, Lenient, Refuse, Strict};

    #[test]
    fn the_stricter_of_two_holds() {
        assert_eq!(Lenient.and(Strict), Strict);
        assert_eq!(Refuse.and(Lenient), Refuse);
        assert_eq!(Strict.and(Refuse), Refuse);
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for policy in [Lenient, Strict, Refuse] {
            assert_eq!(LossPolicy::parse(policy.name()), policy);
        }
        assert_eq!(LossPolicy::parse("inherit"), Lenient);
    }
}
