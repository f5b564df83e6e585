//! Brings what earlier processes left in their journals into the database, before readiness.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::domain::ids::RequestId;
use crate::domain::instant::Micros;
use crate::domain::ledger::{LedgerRow, Opened};
use crate::ports::{LedgerSink, PortError};

use super::batch::BATCH;
use super::journal::reader::{Found, Reader};
use super::journal::{self, JOURNAL, segment};

/// What a replay found and did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReplayReport {
    /// Directories read and deleted.
    pub directories: u64,
    /// Directories of processes that still run.
    pub in_use: u64,
    /// Directories kept because something in them was not understood or not accepted.
    pub kept: u64,
    /// Finished rows handed to the database.
    pub closed: u64,
    /// Requests without an end, written as interrupted.
    pub interrupted: u64,
    /// Segments with a torn tail.
    pub torn: u64,
    /// Records of a later version or without meaning.
    pub unreadable: u64,
    /// Rows the database refused.
    pub refused: u64,
}

/// Why a replay stopped. What it wrote so far is written; running it again is harmless.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A journal could not be read.
    #[error("the journal at {0} could not be read: {1}")]
    Disk(PathBuf, #[source] io::Error),
    /// The database could not take the rows.
    #[error("the journal could not be replayed: {0}")]
    Sink(#[from] PortError),
}

/// Replays every directory under `<data>/journal` whose process is gone.
pub async fn replay(
    data: &Path,
    sink: &dyn LedgerSink,
    now: Micros,
) -> Result<ReplayReport, ReplayError> {
    let root = data.join(JOURNAL);
    let mut report = ReplayReport::default();
    for directory in directories(&root).map_err(|error| ReplayError::Disk(root.clone(), error))? {
        let lock = journal::adopt(&directory);
        match lock.map_err(|error| ReplayError::Disk(directory.clone(), error))? {
            None => report.in_use += 1,
            Some(lock) => one_directory(&directory, lock, sink, now, &mut report).await?,
        }
    }
    Ok(report)
}

/// Lists the boot directories, oldest first (their names are `UUIDv7`).
fn directories(root: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let named = entry.file_name().to_str().and_then(RequestId::parse).is_some();
        if named && entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Replays one directory and deletes it when all of it is safe.
async fn one_directory(
    directory: &Path,
    lock: File,
    sink: &dyn LedgerSink,
    now: Micros,
    report: &mut ReplayReport,
) -> Result<(), ReplayError> {
    let bad = |error| ReplayError::Disk(directory.to_owned(), error);
    let mut pass =
        Pass { sink, report: ReplayReport::default(), open: HashMap::new(), rows: vec![] };
    for (_, path) in segment::list(directory).map_err(bad)? {
        pass.segment(&path).await?;
    }
    pass.leftovers(now).await?;
    pass.flush().await?;
    report.add(&pass.report);
    if pass.report.unreadable > 0 || pass.report.refused > 0 {
        report.kept += 1;
        return Ok(());
    }
    std::fs::remove_dir_all(directory).map_err(bad)?;
    drop(lock);
    report.directories += 1;
    Ok(())
}

impl ReplayReport {
    /// Adds the counts of one directory.
    fn add(&mut self, other: &Self) {
        self.closed += other.closed;
        self.interrupted += other.interrupted;
        self.torn += other.torn;
        self.unreadable += other.unreadable;
        self.refused += other.refused;
    }
}

/// One directory being read.
struct Pass<'a> {
    sink: &'a dyn LedgerSink,
    report: ReplayReport,
    open: HashMap<RequestId, Opened>,
    rows: Vec<LedgerRow>,
}

impl Pass<'_> {
    /// Reads a segment to its end or its first damage.
    async fn segment(&mut self, path: &Path) -> Result<(), ReplayError> {
        let bad = |error| ReplayError::Disk(path.to_owned(), error);
        let mut reader = Reader::open(path).map_err(bad)?;
        loop {
            match reader.next_record().map_err(bad)? {
                Found::Opened(opened) => {
                    self.open.insert(opened.id, *opened);
                }
                Found::Closed(row) => self.closed(*row).await?,
                Found::Unreadable(why) => {
                    tracing::error!(path = %path.display(), why, "a journal record stays behind");
                    self.report.unreadable += 1;
                }
                Found::Probe => {}
                Found::End => return Ok(()),
                Found::Torn => {
                    tracing::warn!(path = %path.display(), "a journal segment has a torn tail");
                    self.report.torn += 1;
                    return Ok(());
                }
            }
        }
    }

    /// Takes a finished row.
    async fn closed(&mut self, row: LedgerRow) -> Result<(), ReplayError> {
        self.open.remove(&row.opened.id);
        self.report.closed += 1;
        self.push(row).await
    }

    /// Queues a row and writes a full batch.
    async fn push(&mut self, row: LedgerRow) -> Result<(), ReplayError> {
        self.rows.push(row);
        if self.rows.len() >= BATCH { self.flush().await } else { Ok(()) }
    }

    /// Makes rows of requests that never ended. A segment with the end may be gone already, when
    /// its row was committed before the process died; the database knows those.
    async fn leftovers(&mut self, now: Micros) -> Result<(), ReplayError> {
        let mut open: Vec<Opened> = std::mem::take(&mut self.open).into_values().collect();
        open.sort_unstable_by_key(|opened| opened.id);
        for chunk in open.chunks(BATCH) {
            let ids: Vec<_> = chunk.iter().map(|opened| opened.id).collect();
            let known: HashSet<_> = self.sink.known(&ids).await?.into_iter().collect();
            for opened in chunk.iter().filter(|opened| !known.contains(&opened.id)) {
                self.report.interrupted += 1;
                self.push(LedgerRow::interrupted(opened.clone(), now)).await?;
            }
        }
        Ok(())
    }

    /// Writes what is queued; a row the database refuses does not keep the others out.
    async fn flush(&mut self) -> Result<(), ReplayError> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        match self.sink.write(&rows).await {
            Ok(()) => return Ok(()),
            Err(error @ PortError::Unavailable(..)) => return Err(error.into()),
            Err(PortError::Refused(..)) => {}
        }
        for row in &rows {
            match self.sink.write(std::slice::from_ref(row)).await {
                Ok(()) => {}
                Err(error @ PortError::Unavailable(..)) => return Err(error.into()),
                Err(error) => {
                    tracing::error!(id = %row.opened.id, %error, "a row was refused");
                    self.report.refused += 1;
                }
            }
        }
        Ok(())
    }
}
