//! Where data is kept and how safely.

use std::path::PathBuf;

use switchyard_actors::domain::secret::Secret;

use super::error::SettingsError;
use super::reader::Reader;

/// When the journal is forced to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalFsync {
    /// Every 200 ms: a power cut loses at most that.
    Every200Ms,
    /// At each record.
    Always,
    /// When the system likes.
    Off,
}

/// Where data is kept and how safely.
#[derive(Clone, Debug)]
pub struct StorageSettings {
    /// The data directory.
    pub data_dir: PathBuf,
    /// The PostgreSQL database; `None` uses the embedded store.
    pub dsn: Option<Secret>,
    /// Bring the database up to date at start.
    pub auto_migrate: bool,
    /// The key that encrypts stored credentials, as text; see [`super::data_key::read`].
    pub secret_key: Option<Secret>,
    /// When the journal is forced to the disk.
    pub journal_fsync: JournalFsync,
}

impl StorageSettings {
    pub(super) fn read(from: &Reader) -> Result<Self, SettingsError> {
        Ok(Self {
            data_dir: from.text("storage.data_dir")?.into(),
            dsn: from.secret("storage.dsn")?,
            auto_migrate: from.flag("storage.auto_migrate")?,
            secret_key: from.secret("storage.secret_key")?,
            journal_fsync: JournalFsync::read(from, "storage.journal_fsync")?,
        })
    }
}

impl JournalFsync {
    fn read(from: &Reader, key: &str) -> Result<Self, SettingsError> {
        match from.text(key)?.as_str() {
            "200ms" => Ok(Self::Every200Ms),
            "always" => Ok(Self::Always),
            "off" => Ok(Self::Off),
            _ => Err(SettingsError::Undocumented(key.to_owned())),
        }
    }
}
