//! Words and patterns that a request may not contain, compiled once for a catalogue.
//!
//! Case does not matter to any of them. A text is looked at in pieces ([`pieces`]), so that one of a
//! hundred megabytes costs no more memory than one of a few; every kind takes linear time.

mod compiled;
pub mod pieces;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use compiled::{Counts, LARGEST_SUM, MOST_PATTERNS, Unreadable, Words, readable};

/// The longest word, in UTF-16 units as the contract counts them.
pub const LONGEST: usize = 255;

/// How a word is compared with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WordKind {
    /// It stands anywhere in the text.
    Contains,
    /// It is the whole text, blanks around it apart.
    Exact,
    /// It is a regular expression that is found anywhere in the text.
    Regex,
}

impl WordKind {
    /// Every kind, in the order in which they are tried.
    pub const ALL: [Self; 3] = [Self::Contains, Self::Exact, Self::Regex];

    /// Returns the contract's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::Exact => "exact",
            Self::Regex => "regex",
        }
    }

    /// Reads the contract's name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for WordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that was found. The text around it is not kept: what a pattern finds may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The word or pattern, as it was written.
    pub word: Arc<str>,
    /// How it was compared.
    pub kind: WordKind,
}

#[cfg(test)]
mod tests;
