//! `check-config`: every setting as it holds, and where it comes from.

use std::process::ExitCode;

use super::error::CliError;
use super::output;
use crate::settings::{DEFAULT_TOML, Settings, documented, env_example as example};

/// Shows the settings. That they could be read at all means that each is legal.
pub fn show(settings: &Settings) -> Result<ExitCode, CliError> {
    let rows: Vec<Vec<String>> = settings
        .effective
        .iter()
        .map(|one| {
            let shown = if one.shown.is_empty() { "(empty)" } else { &one.shown };
            vec![one.key.clone(), shown.to_owned(), one.origin.to_string(), one.variable.clone()]
        })
        .collect();
    output::say(&output::table(&["setting", "value", "from", "variable"], &rows))
}

/// Writes `.env.example`.
pub fn env_example() -> Result<ExitCode, CliError> {
    output::say(&example(&documented(DEFAULT_TOML)?))
}
