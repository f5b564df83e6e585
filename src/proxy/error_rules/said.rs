//! What a failed try carries for error rules, and of them.

use bytes::Bytes;
use switchyard_actors::domain::error_rules::{ErrorRule, Standing};

use crate::proxy::failure::AttemptFailure;

/// An upstream's words as error rules see them.
#[derive(Clone, Debug)]
pub struct Said {
    /// The real status.
    pub status: u16,
    /// How the answer stands.
    pub standing: Standing,
    /// The body, or its beginning.
    pub body: Bytes,
}

impl AttemptFailure {
    /// Adds what error rules are asked about.
    #[must_use]
    pub fn saying(self, said: Said) -> Self {
        Self { said: Some(said), ..self }
    }

    /// Returns the rule that says something else to clients than the upstream did.
    #[must_use]
    pub fn rewording(&self) -> Option<&ErrorRule> {
        self.rule.as_deref().filter(|rule| rule.rewords())
    }
}
