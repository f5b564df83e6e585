//! Why a use case did not happen.

use super::shape::Issue;
use crate::store::StoreError;

/// A refusal for a reason that the caller can understand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Refusal {
    /// The contract's name of the reason, when it has one.
    pub code: Option<&'static str>,
    /// The reason in words.
    pub text: String,
    /// The same for doors that speak the caller's language.
    pub about: About,
}

/// A reason as a message of the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The message's id.
    pub id: &'static str,
    /// What is put in, by name.
    pub args: Vec<(&'static str, String)>,
    /// The field of the body that is at fault.
    pub field: Option<&'static str>,
}

/// Why a use case did not happen.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AppError {
    /// The body does not hold what it may.
    #[error("{}", Issue::print(.0))]
    Invalid(Vec<Issue>),
    /// A rule of the domain stands against it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The program is at fault.
    #[error("{0}")]
    Internal(String),
}

impl AppError {
    /// Refuses with a reason that has no code: as a message of the console, and in the words of
    /// the contract.
    #[must_use]
    pub fn refused(id: &'static str, text: impl Into<String>) -> Self {
        let about = About { id, args: Vec::new(), field: None };
        Self::Refused(Refusal { code: None, text: text.into(), about })
    }

    /// Refuses with a code of the contract.
    #[must_use]
    pub fn coded(code: &'static str, id: &'static str, text: impl Into<String>) -> Self {
        let about = About { id, args: Vec::new(), field: None };
        Self::Refused(Refusal { code: Some(code), text: text.into(), about })
    }

    /// Refuses somebody who may not.
    #[must_use]
    pub fn denied() -> Self {
        Self::coded("PERMISSION_DENIED", "refused-denied", "无权限执行此操作")
    }

    /// Puts something into the console's message.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.about.args.push((name, value.into()));
        }
        self
    }

    /// Names the field of the body that is at fault.
    #[must_use]
    pub fn at(mut self, field: &'static str) -> Self {
        if let Self::Refused(refusal) = &mut self {
            refusal.about.field = Some(field);
        }
        self
    }

    /// Turns a failure of the database into a refusal with a code of the contract; the cause is
    /// logged, not told.
    #[must_use]
    pub fn or_code(self, code: &'static str) -> Self {
        match self {
            Self::Store(error) => {
                tracing::error!(%error, code, "the database refused a management write");
                Self::coded(code, "wrong-store", "操作失败，请稍后重试")
            }
            other => other,
        }
    }
}

impl From<Vec<Issue>> for AppError {
    fn from(issues: Vec<Issue>) -> Self {
        Self::Invalid(issues)
    }
}
