//! The commands. Exit codes: 0 done; 1 it failed; 2 the command line is wrong; 3 a setting is
//! wrong; 4 no server answers; 130 a second signal ended the server at once. A failure is one
//! sentence on standard error.

mod admin_token;
mod arguments;
mod check_config;
mod error;
mod health;
mod keys;
mod management;
mod output;
mod prices;
mod providers;
mod users;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;

pub use arguments::MigrateMode;
use arguments::{Arguments, Command};
use error::CliError;
use management::Management;

use crate::run;
use crate::server::Ending;
use crate::settings::{Settings, Sources};
use crate::web::health::VERSION;

/// Runs the command of the command line.
#[must_use]
pub fn main() -> ExitCode {
    // An error means that a provider of cryptography is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match dispatch(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            output::complain(&error);
            error.code()
        }
    }
}

fn dispatch(arguments: Arguments) -> Result<ExitCode, CliError> {
    let command = arguments.command.unwrap_or(Command::Serve);
    match command {
        Command::Version => return output::say(&format!("switchyard {VERSION}")),
        Command::CheckConfig { env_example: true } => return check_config::env_example(),
        _ => {}
    }
    let settings = load(arguments.config.as_deref())?;
    let api = || Management::find(&settings, arguments.server.as_deref());
    match command {
        Command::Serve => serve(settings),
        Command::CheckConfig { .. } | Command::Version => check_config::show(&settings),
        Command::Migrate(mode) => output::say(&run::migrate(&settings, &mode)?),
        Command::AdminToken(what) => admin_token::run(&settings, &what),
        Command::Health => health::run(&api()?),
        Command::Provider(what) => output::say(&providers::run(&api()?, what)?),
        Command::User(what) => output::say(&users::run(&api()?, &what)?),
        Command::Key(what) => output::say(&keys::run(&api()?, &what)?),
        Command::Price(what) => output::say(&prices::run(&api()?, &what)?),
    }
}

fn load(config: Option<&Path>) -> Result<Settings, CliError> {
    Ok(Settings::load(&Sources::of_process(config)?)?)
}

fn serve(settings: Settings) -> Result<ExitCode, CliError> {
    match run::serve(settings)? {
        Ending::Orderly => Ok(ExitCode::SUCCESS),
        Ending::Failed(error) => Err(CliError::Failed(error.into())),
        // Threads may still be busy: nothing is waited for, as was asked.
        Ending::AtOnce => std::process::exit(130),
    }
}
