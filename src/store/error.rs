//! What can go wrong at the store, in words that hold no values: rows carry secrets, errors do not.

use switchyard_actors::ports::PortError;

/// Which rule of the schema a write broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Two rows may not share this value.
    Unique,
    /// The row points at one that is not there.
    Reference,
    /// The value is outside what the column allows, or missing.
    Check,
}

/// Why the store could not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is not there now; trying again later makes sense.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A write broke a rule of the schema.
    #[error("{statement}: {detail}")]
    Broken {
        /// The statement.
        statement: &'static str,
        /// The kind of rule.
        rule: Rule,
        /// The engine's words, without values.
        detail: String,
    },
    /// No statement has this name.
    #[error("no statement is called {0}")]
    UnknownStatement(String),
    /// The parameters do not fit the statement's header.
    #[error("{statement}: {reason}")]
    Parameters {
        /// The statement.
        statement: &'static str,
        /// What does not fit.
        reason: String,
    },
    /// A row does not hold what its reader asked for.
    #[error("column {column}: {reason}")]
    Row {
        /// The column.
        column: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The engine refused the statement.
    #[error("{statement}: {reason}")]
    Failed {
        /// The statement.
        statement: &'static str,
        /// The engine's words.
        reason: String,
    },
    /// The store cannot be used as it is set up; the text says what to do.
    #[error("{0}")]
    Setup(String),
}

impl StoreError {
    /// Tells whether the same call may succeed later.
    #[must_use]
    pub const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// Tells whether a row with the same unique value is already there.
    #[must_use]
    pub const fn is_duplicate(&self) -> bool {
        matches!(self, Self::Broken { rule: Rule::Unique, .. })
    }

    /// Makes the error of a column that cannot be read.
    pub(crate) fn row(column: &str, reason: impl Into<String>) -> Self {
        Self::Row { column: column.to_owned(), reason: reason.into() }
    }
}

impl From<StoreError> for PortError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(reason) => Self::Unavailable("the database", reason),
            other => Self::Refused("the database", other.to_string()),
        }
    }
}
