//! The commands. Exit codes: 0 done; 1 it failed; 2 the command line is wrong; 3 a setting is
//! wrong; 4 no server answers; 130 a second signal ended the server at once. A failure is one
//! sentence on standard error.

mod admin_token;
mod arguments;
mod breakers;
mod check_config;
mod endpoints;
mod error;
mod error_rules;
mod fallback;
mod health;
mod keys;
mod limits;
mod management;
mod output;
mod prices;
mod providers;
mod route;
mod sessions;
mod users;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;

pub use arguments::MigrateMode;
use arguments::{Arguments, Command};
use error::CliError;
use management::Management;

use crate::demo::Stage;
use crate::run::{self, Options, Show};
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
        Command::Demo => return demo(arguments.config.as_deref()),
        _ => {}
    }
    let settings = load(arguments.config.as_deref())?;
    let api = || Management::find(&settings, arguments.server.as_deref());
    match command {
        // A demonstration has settings of its own and does not come here.
        Command::Serve | Command::Demo => serve(settings, Options::default()),
        Command::CheckConfig { .. } | Command::Version => check_config::show(&settings),
        Command::Migrate(mode) => output::say(&run::migrate(&settings, &mode)?),
        Command::AdminToken(what) => admin_token::run(&settings, &what),
        Command::Health => health::run(&api()?),
        Command::Provider(what) => output::say(&providers::run(&api()?, what)?),
        Command::User(what) => output::say(&users::run(&api()?, &what)?),
        Command::Key(what) => output::say(&keys::run(&api()?, &what)?),
        Command::Sessions(what) => output::say(&sessions::run(&api()?, &what)?),
        Command::Breakers(what) => output::say(&breakers::run(&api()?, &what)?),
        Command::Price(what) => output::say(&prices::run(&api()?, &what)?),
        Command::Route(what) => output::say(&route::run(&api()?, &what)?),
        Command::Limits(what) => output::say(&limits::run(&api()?, &what)?),
        Command::Fallback(what) => output::say(&fallback::run(&api()?, &what)?),
        Command::ErrorRules(what) => output::say(&error_rules::run(&api()?, what)?),
    }
}

fn load(config: Option<&Path>) -> Result<Settings, CliError> {
    Ok(Settings::load(&Sources::of_process(config)?)?)
}

/// Serves on a stage that is taken down before anything else happens, also before an end at once.
fn demo(config: Option<&Path>) -> Result<ExitCode, CliError> {
    let stage = Stage::set(Sources::of_process(config)?)?;
    let options = Options { demo: Some(Show { ignored: stage.ignored() }) };
    let ending = run::serve(stage.settings(), options);
    drop(stage);
    end(ending?)
}

fn serve(settings: Settings, options: Options) -> Result<ExitCode, CliError> {
    end(run::serve(settings, options)?)
}

fn end(ending: Ending) -> Result<ExitCode, CliError> {
    match ending {
        Ending::Orderly => Ok(ExitCode::SUCCESS),
        Ending::Failed(error) => Err(CliError::Failed(error.into())),
        // Threads may still be busy: nothing is waited for, as was asked.
        Ending::AtOnce => std::process::exit(130),
    }
}
