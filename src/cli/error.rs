//! Why a command failed, in one sentence, and the exit code that says it to scripts.

use std::process::ExitCode;

use crate::demo::StageError;
use crate::process::TokenError;
use crate::settings::SettingsError;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A setting is wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// There is no demonstration.
    #[error(transparent)]
    Demo(#[from] StageError),
    /// Nobody holds the data directory.
    #[error(
        "no server runs on the data directory {0}; start `switchyard` first, or name a server with --server"
    )]
    NotRunning(String),
    /// The server does not answer.
    #[error("the server at {0} does not answer: {1}")]
    NoAnswer(String, String),
    /// The server said no.
    #[error("the server refused: {0}")]
    Refused(String),
    /// The token is not the one of the server; what to do about it.
    #[error("the admin token is not the running server's: {0}")]
    Denied(String),
    /// The server said something else than it should.
    #[error("the server at {0} answered with something that is not the management API: {1}")]
    Strange(String, String),
    /// There is nothing of that name.
    #[error("there is no {0} {1:?}")]
    Unknown(&'static str, String),
    /// There are several of that name.
    #[error("there are several {0}s {1:?}; name one by its id: {2}")]
    Ambiguous(&'static str, String, String),
    /// The token cannot be had.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// There is no token to show.
    #[error(
        "there is no admin token in {0}; the first start of `switchyard` makes it: name the server's data directory with SWITCHYARD_DATA_DIR, or set ADMIN_TOKEN to the server's"
    )]
    NoToken(String),
    /// Anything else.
    #[error("{0:#}")]
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for CliError {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

impl CliError {
    /// Returns the exit code.
    #[must_use]
    pub fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Settings(_) | Self::Demo(StageError::Environment(_)) => 3,
            Self::NotRunning(_) | Self::NoAnswer(..) => 4,
            _ => 1,
        })
    }
}
