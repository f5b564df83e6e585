//! The data directory and its lock: one process a directory, for the life of the process.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// The lock's file name.
const NAME: &str = "switchyard.lock";

/// Why the data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another process has it.
    #[error(
        "the data directory {0} is in use by process {1}; stop that process or set SWITCHYARD_DATA_DIR to another directory"
    )]
    InUse(PathBuf, String),
    /// It may not be written.
    #[error(
        "the data directory {0} cannot be written by this user; give it to the user who runs switchyard, or set SWITCHYARD_DATA_DIR"
    )]
    NotWritable(PathBuf),
    /// There is no space.
    #[error("the disk of the data directory {0} is full; free some space and start again")]
    Full(PathBuf),
    /// Something else stands at its place.
    #[error("the data directory {0} is not a directory; set SWITCHYARD_DATA_DIR to one")]
    NotADirectory(PathBuf),
    /// Anything else.
    #[error("the data directory {0} cannot be used: {1}")]
    Other(PathBuf, io::Error),
}

impl DataDirError {
    /// Finds the sentence for an error of the file system in the directory.
    #[must_use]
    pub fn from_io(directory: &Path, error: io::Error) -> Self {
        let path = directory.to_path_buf();
        match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::NotWritable(path)
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(path),
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
                Self::NotADirectory(path)
            }
            _ => Self::Other(path, error),
        }
    }
}

/// A data directory that is ours until this value is dropped.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    lock: File,
}

/// The process that holds a data directory, as far as it has said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its process id.
    pub pid: String,
    /// Where it listens.
    pub address: Option<SocketAddr>,
}

impl DataDir {
    /// Makes the directory when it is missing and takes its lock.
    ///
    /// # Errors
    /// Says who has it, or why it cannot be used.
    pub fn open(path: &Path) -> Result<Self, DataDirError> {
        let wrong = |error| DataDirError::from_io(path, error);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(wrong)?;
        let mut lock = lock_file(path).map_err(wrong)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = described(&mut lock).map_or_else(|| "unknown".to_owned(), |by| by.pid);
                return Err(DataDirError::InUse(path.to_path_buf(), pid));
            }
            Err(TryLockError::Error(error)) => return Err(wrong(error)),
        }
        let mut own = Self { path: path.to_path_buf(), lock };
        own.write(None).map_err(wrong)?;
        Ok(own)
    }

    /// Returns the directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Notes where this process listens, so that commands find it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn note_address(&mut self, address: SocketAddr) -> Result<(), DataDirError> {
        self.write(Some(address)).map_err(|error| DataDirError::from_io(&self.path, error))
    }

    fn write(&mut self, address: Option<SocketAddr>) -> io::Result<()> {
        let address = address.map(|address| address.to_string()).unwrap_or_default();
        let text = format!("{}\n{address}\n", std::process::id());
        self.lock.rewind()?;
        self.lock.write_all(text.as_bytes())?;
        self.lock.set_len(text.len() as u64)?;
        self.lock.sync_data()
    }
}

/// Returns who holds the directory; `None` when nobody does.
#[must_use]
pub fn holder(path: &Path) -> Option<Holder> {
    let mut file = OpenOptions::new().read(true).open(path.join(NAME)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => described(&mut file),
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

fn lock_file(directory: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options.open(directory.join(NAME))
}

fn described(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(256).read_to_string(&mut text).ok()?;
    let mut lines = text.lines();
    let pid = lines.next().filter(|pid| !pid.is_empty())?.to_owned();
    Some(Holder { pid, address: lines.next().and_then(|line| line.parse().ok()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_process_is_refused_and_told_the_pid_of_the_first() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("deep/data");
        let first = DataDir::open(&path).unwrap();
        let sentence = DataDir::open(&path).unwrap_err().to_string();
        assert!(sentence.contains(&format!("process {};", std::process::id())), "{sentence}");
        drop(first);
        DataDir::open(&path).unwrap();
    }

    #[test]
    fn commands_find_the_address_of_the_running_process() {
        let place = tempfile::tempdir().unwrap();
        assert_eq!(holder(place.path()), None);
        let mut own = DataDir::open(place.path()).unwrap();
        let address: SocketAddr = "127.0.0.1:4711".parse().unwrap();
        own.note_address(address).unwrap();
        assert_eq!(holder(place.path()).unwrap().address, Some(address));
        drop(own);
        assert_eq!(holder(place.path()), None);
    }

    #[test]
    fn a_file_in_the_directory_s_place_is_named() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("data");
        fs::write(&path, "").unwrap();
        let sentence = DataDir::open(&path).unwrap_err().to_string();
        assert!(sentence.contains("is not a directory"), "{sentence}");
    }

    #[test]
    fn each_trouble_of_the_disk_has_its_sentence() {
        let sentence = |kind: io::ErrorKind| {
            DataDirError::from_io(Path::new("/d"), io::Error::from(kind)).to_string()
        };
        assert!(sentence(io::ErrorKind::StorageFull).contains("is full"));
        assert!(sentence(io::ErrorKind::PermissionDenied).contains("cannot be written"));
        assert!(sentence(io::ErrorKind::ReadOnlyFilesystem).contains("cannot be written"));
    }
}
