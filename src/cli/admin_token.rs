//! `admin-token`: shows the administrator's token, or makes a new one.

use std::process::ExitCode;

use super::arguments::TokenCommand;
use super::error::CliError;
use super::output;
use crate::process::admin_token;
use crate::server::lock;
use crate::settings::Settings;

/// Runs the command on the data directory; no server is needed.
pub fn run(settings: &Settings, what: &TokenCommand) -> Result<ExitCode, CliError> {
    let directory = &settings.storage.data_dir;
    let setting = settings.access.admin_token.as_ref();
    let none = || CliError::NoToken(directory.display().to_string());
    match what {
        TokenCommand::Show => {
            let found = admin_token::find(setting, directory)?.ok_or_else(none)?;
            output::say(found.secret.reveal())
        }
        TokenCommand::Rotate => {
            // The first start makes the directory and the token; before it there is nothing to rotate.
            admin_token::find(setting, directory)?.ok_or_else(none)?;
            let token = admin_token::rotate(setting, directory)?;
            output::say(token.reveal())?;
            let again = admin_token::command(directory, "show");
            output::note(&format!("`{again}` prints it again."));
            if let Some(holder) = lock::holder(directory) {
                output::note(&format!(
                    "The running server keeps the old token until `kill -HUP {}` or a restart.",
                    holder.pid
                ));
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}
