//! What can be wrong with the settings, each in one sentence a person can act on.

use super::layers::Origin;

/// Why the settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A value is not allowed.
    #[error("{variable} ({key}) is {shown} by {origin}, but must be {allowed}")]
    Invalid {
        /// The key in the files.
        key: String,
        /// The environment variable.
        variable: String,
        /// The value, masked when it is secret.
        shown: String,
        /// Where it comes from.
        origin: Origin,
        /// What is allowed.
        allowed: String,
    },
    /// A part of a list is not allowed.
    #[error("{key} has \"{part}\", but must be {allowed}")]
    BadPart {
        /// The key in the files.
        key: &'static str,
        /// The part.
        part: String,
        /// What is allowed.
        allowed: &'static str,
    },
    /// A file has a key nobody knows.
    #[error("{origin} sets {key}, which is not a setting; see config/default.toml for the list")]
    UnknownKey {
        /// The key.
        key: String,
        /// The file.
        origin: Origin,
    },
    /// A profile nobody knows.
    #[error(
        "SWITCHYARD_PROFILE is \"{0}\" by the environment or .env, but must be production, development or test"
    )]
    UnknownProfile(String),
    /// A file cannot be understood.
    #[error("{origin} cannot be read: {reason}")]
    BadFile {
        /// The file.
        origin: Origin,
        /// Why, on one line.
        reason: String,
    },
    /// An environment variable is not text.
    #[error("{0} in the environment is not valid UTF-8, but must be text")]
    NotText(String),
    /// The reference and the program do not agree; a test keeps this from happening.
    #[error("the setting {0} is not documented in config/default.toml as the program uses it")]
    Undocumented(String),
}
