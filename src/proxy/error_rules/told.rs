//! How an error is told where a rule puts it into an operator's words.

use bytes::Bytes;
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::error_rules::{ErrorRule, ToldError};
use switchyard_actors::domain::ids::RequestId;

use crate::proxy::exhausted::{Exhausted, Verdict};
use crate::proxy::failure::Failure;

impl Failure {
    /// Returns the error rule in whose words the client is told.
    #[must_use]
    pub fn rewording(&self) -> Option<&ErrorRule> {
        match self {
            Self::ClientFault(last) => last.rewording(),
            Self::Exhausted(sum) => sum.telling.rewording(),
            _ => None,
        }
    }

    /// Returns the body as the client's dialect has it.
    #[must_use]
    pub fn body(&self, dialect: Dialect, id: RequestId) -> Bytes {
        let error = self.client_error(dialect, id);
        match self.told() {
            Some(told) => error.body_told(dialect, told),
            None => error.body(dialect),
        }
    }

    /// Returns what the client is told, for the row, where that is not what the upstream said.
    #[must_use]
    pub fn told_instead(&self) -> Option<String> {
        let is_reworded = self.rewording().is_some();
        let is_taken_for_missing =
            |sum: &Exhausted| sum.verdict == Verdict::NotFound && sum.telling.rule.is_some();
        match self {
            Self::Exhausted(sum) if is_reworded || is_taken_for_missing(sum) => {}
            Self::ClientFault(_) if is_reworded => {}
            _ => return None,
        }
        let sentence = self.told().and_then(ToldError::message);
        Some(sentence.map_or_else(|| self.message(), str::to_owned))
    }

    fn told(&self) -> Option<&ToldError> {
        self.rewording()?.told.as_deref()
    }
}
