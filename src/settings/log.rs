//! What is logged and how.

use super::error::SettingsError;
use super::reader::Reader;

/// The form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Pretty on a terminal, JSON elsewhere.
    Auto,
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
}

/// What is logged and how.
#[derive(Clone, Debug)]
pub struct LogSettings {
    /// The least important lines: error, warn, info, debug or trace.
    pub level: String,
    /// The form of a line.
    pub format: LogFormat,
    /// Write one line at the end of each relayed request.
    pub requests: bool,
}

impl LogSettings {
    pub(super) fn read(from: &Reader) -> Result<Self, SettingsError> {
        Ok(Self {
            level: from.text("log.level")?,
            format: LogFormat::read(from, "log.format")?,
            requests: from.flag("log.requests")?,
        })
    }
}

impl LogFormat {
    fn read(from: &Reader, key: &str) -> Result<Self, SettingsError> {
        match from.text(key)?.as_str() {
            "auto" => Ok(Self::Auto),
            "json" => Ok(Self::Json),
            "pretty" => Ok(Self::Pretty),
            _ => Err(SettingsError::Undocumented(key.to_owned())),
        }
    }
}
