//! The journal (D2): what makes a row survive the process, written by the workers themselves.
//!
//! `<data>/journal/<boot>/w<worker>-<n>.log`, one directory a process, locked for its life. A
//! background thread syncs the segments every 200 ms and tries a disk that refused again.

pub mod backlog;
mod health;
mod held;
mod index;
mod keeper;
pub mod reader;
pub mod record;
pub mod segment;
mod writer;

#[cfg(test)]
mod tests;

use std::fs::{DirBuilder, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use serde::Serialize;

use crate::clock::{Clock, RequestIds};
use crate::domain::ids::RequestId;

pub use health::JournalHealth;
pub use writer::JournalWriter;

use keeper::Keeper;
use segment::{Disk, FileSystem};
use writer::Writer;

/// The directory under the data directory.
pub const JOURNAL: &str = "journal";
/// The file that is locked in each boot directory.
const LOCK: &str = "lock";
/// Rows name users, models and addresses: nobody else on the machine reads them.
const PRIVATE_DIRECTORY: u32 = 0o700;
const PRIVATE_FILE: u32 = 0o600;

/// When written records are brought to stable storage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Fsync {
    /// Every 200 ms: a power cut loses at most that much, a killed process nothing.
    #[default]
    Periodic,
    /// After each record.
    Always,
    /// When the system likes.
    Off,
}

impl Fsync {
    /// Reads the setting `journal.fsync`: `200ms`, `always` or `off`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "200ms" => Some(Self::Periodic),
            "always" => Some(Self::Always),
            "off" => Some(Self::Off),
            _ => None,
        }
    }
}

/// The journal's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalConfig {
    /// When records are synced.
    pub fsync: Fsync,
    /// The size of a segment.
    pub segment_bytes: u64,
    /// What each worker may hold in memory while the disk refuses, before requests are refused.
    pub held_bytes: usize,
    /// How far the journal may grow while the database is away, before readiness fails.
    pub max_bytes: u64,
}

impl Default for JournalConfig {
    fn default() -> Self {
        Self {
            fsync: Fsync::Periodic,
            segment_bytes: 32 << 20,
            held_bytes: 8 << 20,
            max_bytes: 2 << 30,
        }
    }
}

/// Why the journal could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The directory or its lock file could not be made.
    #[error("the journal directory {0} is not usable: {1}")]
    Directory(PathBuf, #[source] io::Error),
    /// Another process holds it.
    #[error("the journal directory {0} is locked by another process")]
    Locked(PathBuf),
}

/// The journal's figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JournalView {
    /// The worst writer's health.
    pub health: JournalHealth,
    /// Segment files.
    pub segments: usize,
    /// Bytes written to them.
    pub bytes: u64,
    /// Records written since the start.
    pub appended: u64,
    /// Records held in memory because the disk refused them.
    pub held: usize,
    /// New requests must be refused.
    pub refuses: bool,
    /// The disk's last complaint.
    pub last_error: Option<String>,
}

/// The journal of this process.
pub struct Journal {
    directory: PathBuf,
    config: JournalConfig,
    disk: Arc<dyn Disk>,
    clock: Arc<dyn Clock>,
    writers: Arc<Mutex<Vec<Arc<Writer>>>>,
    keeper: Keeper,
    _lock: File,
}

impl Journal {
    /// Opens a new directory under `<data>/journal` and locks it. `seed` makes its name unique.
    pub fn open(
        data: &Path,
        config: JournalConfig,
        clock: Arc<dyn Clock>,
        seed: u64,
    ) -> Result<Arc<Self>, JournalError> {
        Self::on_disk(data, config, clock, seed, Arc::new(FileSystem))
    }

    /// Opens a journal whose segments live on the given disk.
    pub fn on_disk(
        data: &Path,
        config: JournalConfig,
        clock: Arc<dyn Clock>,
        seed: u64,
        disk: Arc<dyn Disk>,
    ) -> Result<Arc<Self>, JournalError> {
        let boot = RequestIds::default().mint(clock.now(), seed).to_string();
        let directory = data.join(JOURNAL).join(boot);
        let lock = make_locked(&directory)?;
        let writers = Arc::default();
        let keeper = Keeper::start(Arc::clone(&writers), config.fsync)
            .map_err(|error| JournalError::Directory(directory.clone(), error))?;
        let journal = Self { directory, config, disk, clock, writers, keeper, _lock: lock };
        Ok(Arc::new(journal))
    }

    /// Makes the writer of one worker, with its first segment.
    pub fn writer(&self, worker: usize) -> io::Result<JournalWriter> {
        let writer = Arc::new(Writer::start(
            worker,
            self.directory.clone(),
            self.config,
            Arc::clone(&self.disk),
            Arc::clone(&self.clock),
        )?);
        self.writers.lock().push(Arc::clone(&writer));
        Ok(JournalWriter { writer })
    }

    /// Takes note of rows that are in the database; deletes segments nothing needs any more.
    pub fn committed(&self, ids: &[RequestId]) {
        for writer in self.all() {
            writer.committed(ids);
        }
    }

    /// Tells whether a request of this process runs, or waits for its row to be committed.
    #[must_use]
    pub fn waits(&self, id: RequestId) -> bool {
        self.all().iter().any(|writer| writer.waits(id))
    }

    /// Returns the health that readiness goes by.
    #[must_use]
    pub fn health(&self) -> JournalHealth {
        self.view().health
    }

    /// Tells whether new requests must be refused.
    #[must_use]
    pub fn refuse(&self) -> bool {
        self.all().iter().any(|writer| writer.refuses())
    }

    /// Returns the journal's figures.
    #[must_use]
    pub fn view(&self) -> JournalView {
        let mut sum = JournalView::default();
        for writer in self.all() {
            let view = writer.view();
            let (segments, bytes) = writer.index.lock().size();
            sum.health = sum.health.max(view.health);
            sum.segments = sum.segments.saturating_add(segments);
            sum.bytes = sum.bytes.saturating_add(bytes);
            sum.appended = sum.appended.saturating_add(view.appended);
            sum.held = sum.held.saturating_add(view.held);
            sum.refuses |= writer.refuses();
            sum.last_error = view.last_error.or(sum.last_error);
        }
        if sum.bytes > self.config.max_bytes {
            sum.health = JournalHealth::Failing;
        }
        sum
    }

    /// Syncs everything, and removes the directory when no row in it is needed any more.
    ///
    /// Called at the end of an orderly stop, after the recorder's flush.
    pub fn close(&self) {
        self.keeper.stop();
        let writers = std::mem::take(&mut *self.writers.lock());
        for writer in &writers {
            writer.recover();
            writer.sync();
        }
        let needed = |writer: &Arc<Writer>| {
            !writer.index.lock().needed().is_empty() || writer.view().held > 0
        };
        if writers.iter().any(needed) {
            return;
        }
        if let Err(error) = std::fs::remove_dir_all(&self.directory) {
            tracing::warn!(path = %self.directory.display(), %error, "the journal stays behind");
        }
    }

    /// Returns the writers as they are now.
    fn all(&self) -> Vec<Arc<Writer>> {
        self.writers.lock().clone()
    }
}

/// Makes a boot directory and takes its lock.
fn make_locked(directory: &Path) -> Result<File, JournalError> {
    let unusable = |error| JournalError::Directory(directory.to_owned(), error);
    make_private(directory).map_err(unusable)?;
    let lock = directory.join(LOCK);
    let mut options = File::options();
    let file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(PRIVATE_FILE)
        .open(lock)
        .map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(JournalError::Locked(directory.to_owned())),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}

/// Makes a directory that is closed to others, and closes the one above it, which an earlier
/// version left open.
fn make_private(directory: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(PRIVATE_DIRECTORY).create(directory)?;
    for path in directory.parent().into_iter().chain([directory]) {
        std::fs::set_permissions(path, Permissions::from_mode(PRIVATE_DIRECTORY))?;
    }
    Ok(())
}

/// Takes the lock of a directory that an earlier process left; `None` when it still lives.
pub(super) fn adopt(directory: &Path) -> io::Result<Option<File>> {
    let mut options = File::options();
    let file = options.create(true).append(true).mode(PRIVATE_FILE).open(directory.join(LOCK))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
