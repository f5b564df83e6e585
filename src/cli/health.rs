//! `health`: exit code 0 when the server is ready, 1 when it is not, 4 when it does not answer.

use std::process::ExitCode;

use super::error::CliError;
use super::management::Management;
use super::output;

/// Asks the server.
pub fn run(api: &Management) -> Result<ExitCode, CliError> {
    let (ready, said) = api.ready()?;
    output::say(&said)?;
    Ok(if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
