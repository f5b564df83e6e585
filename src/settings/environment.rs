//! The one reader of the real environment and of the files beside the program.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::error::SettingsError;
use super::layers::{Origin, PROFILE_VARIABLE, Sources, TextFile};
use super::{DEFAULT_TOML, documented};

/// The settings file that is read from the working directory when it is there.
const FILE: &str = "switchyard.toml";

impl Sources {
    /// Gathers what the process was given: the environment, `.env` and `switchyard.toml` of the
    /// working directory, or the file named with `--config` in its place.
    ///
    /// # Errors
    /// Says which file cannot be read, or which variable is not text.
    pub fn of_process(config_file: Option<&Path>) -> Result<Self, SettingsError> {
        let file = match config_file {
            Some(path) => Some(required(path)?),
            None => when_there(Path::new(FILE), &Origin::File(FILE.to_owned()))?,
        };
        let dotenv = when_there(Path::new(".env"), &Origin::DotEnv)?;
        Ok(Self { file, dotenv, environment: variables()? })
    }
}

/// Reads the variables that are settings, and no others.
fn variables() -> Result<BTreeMap<String, String>, SettingsError> {
    let settings = documented(DEFAULT_TOML)?;
    let names = settings.iter().map(|setting| setting.variable.as_str());
    let mut found = BTreeMap::new();
    for name in names.chain([PROFILE_VARIABLE]) {
        if let Some(value) = std::env::var_os(name) {
            let text = value.into_string().map_err(|_| SettingsError::NotText(name.to_owned()))?;
            found.insert(name.to_owned(), text);
        }
    }
    Ok(found)
}

fn required(path: &Path) -> Result<TextFile, SettingsError> {
    let name = path.display().to_string();
    let origin = Origin::File(name.clone());
    std::fs::read_to_string(path)
        .map(|text| TextFile { name, text })
        .map_err(|error| SettingsError::BadFile { origin, reason: error.to_string() })
}

fn when_there(path: &Path, origin: &Origin) -> Result<Option<TextFile>, SettingsError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(TextFile { name: path.display().to_string(), text })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            Err(SettingsError::BadFile { origin: origin.clone(), reason: error.to_string() })
        }
    }
}
