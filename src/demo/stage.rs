//! Where a demonstration takes place: a directory that goes when it is over, and its settings.

use std::io;

use tempfile::TempDir;

use super::environment::{Environment, EnvironmentError};
use crate::settings::{Settings, Sources};

/// Tries to remove the directory; a thread that ends may still write into it.
const TRIES: u32 = 3;

/// Why there is no stage.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The settings do not do.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// There is no place for the data.
    #[error(
        "no temporary directory can be made for the demo: {0}; set TMPDIR to a directory that can be written"
    )]
    Directory(#[source] io::Error),
}

/// A temporary directory, and settings that point at it. Dropping it removes the directory.
#[derive(Debug)]
pub struct Stage {
    directory: TempDir,
    settings: Settings,
    ignored: Vec<String>,
}

impl Stage {
    /// Makes the directory and reads the settings.
    ///
    /// # Errors
    /// The settings do not do, or no directory can be made.
    pub fn set(sources: Sources) -> Result<Self, StageError> {
        let directory = tempfile::Builder::new()
            .prefix("switchyard-demo-")
            .tempdir()
            .map_err(StageError::Directory)?;
        let Environment { settings, ignored } = Environment::of(sources, directory.path())?;
        Ok(Self { directory, settings, ignored })
    }

    /// Returns the settings.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.settings.clone()
    }

    /// Returns the variables that are set and left alone.
    #[must_use]
    pub fn ignored(&self) -> Vec<String> {
        self.ignored.clone()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let path = self.directory.path();
        // What stays in the end is tried once more by the directory's own guard.
        let _gone = (0..TRIES).any(|_| std::fs::remove_dir_all(path).is_ok());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_that_is_taken_down_leaves_nothing() {
        let stage = Stage::set(Sources::default()).unwrap();
        let directory = stage.settings().storage.data_dir;
        std::fs::write(directory.join("rows"), "sample").unwrap();
        drop(stage);
        assert!(!directory.exists());
    }

    #[test]
    fn two_stages_have_nothing_in_common() {
        let [one, other] = [(); 2].map(|()| Stage::set(Sources::default()).unwrap());
        assert_ne!(one.settings().storage.data_dir, other.settings().storage.data_dir);
    }
}
