//! One worker's end of the journal: appends are one `write(2)` each and can be made from `Drop`.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use parking_lot::Mutex;
use serde::Serialize;

use crate::clock::Clock;
use crate::domain::ids::RequestId;
use crate::domain::ledger::{LedgerRow, Opened};

use super::health::{JournalHealth, Pulse};
use super::held::Held;
use super::index::Index;
use super::record::{self, Kind};
use super::segment::{Disk, SegmentFile, SegmentName};
use super::{Fsync, JournalConfig};

/// A buffer that grew beyond this is not kept for the next record.
const KEPT_BUFFER: usize = 256 << 10;

/// What a worker appends with. Cloning gives another handle on the same segments.
#[derive(Clone)]
pub struct JournalWriter {
    pub(super) writer: Arc<Writer>,
}

impl JournalWriter {
    /// Writes that a request was admitted, before the first byte goes upstream.
    ///
    /// On `Err` the disk refused; the record is held in memory and written when it can be.
    pub fn opened(&self, opened: &Opened) -> io::Result<()> {
        let written = self.writer.append(Kind::Opened, opened.id, opened);
        fail::fail_point!("journal::after_opened");
        written
    }

    /// Writes the whole row, before the terminal bytes are released.
    ///
    /// On `Err` the disk refused; the record is held in memory and written when it can be.
    pub fn closed(&self, row: &LedgerRow) -> io::Result<()> {
        let written = self.writer.append(Kind::Closed, row.opened.id, row);
        fail::fail_point!("journal::after_closed");
        written
    }

    /// Tells whether new requests must be refused: too much is held that the disk did not take.
    #[must_use]
    pub fn refuse(&self) -> bool {
        self.writer.refuses()
    }
}

/// The state behind a [`JournalWriter`].
pub(super) struct Writer {
    worker: usize,
    directory: PathBuf,
    config: JournalConfig,
    disk: Arc<dyn Disk>,
    clock: Arc<dyn Clock>,
    appender: Mutex<Appender>,
    pub(super) index: Mutex<Index>,
    held_bytes: AtomicUsize,
    idle: AtomicBool,
}

/// What one append touches.
#[derive(Default)]
struct Appender {
    file: Option<Arc<dyn SegmentFile>>,
    next_number: u64,
    offset: u64,
    dirty: bool,
    full: Vec<Arc<dyn SegmentFile>>,
    buffer: Vec<u8>,
    held: Held,
    pulse: Pulse,
    appended: u64,
    last_error: Option<String>,
}

/// One writer's figures.
#[derive(Clone, Debug, Default)]
pub(super) struct WriterView {
    pub health: JournalHealth,
    pub appended: u64,
    pub held: usize,
    pub last_error: Option<String>,
}

impl Writer {
    /// Makes a writer and its first segment.
    pub fn start(
        worker: usize,
        directory: PathBuf,
        config: JournalConfig,
        disk: Arc<dyn Disk>,
        clock: Arc<dyn Clock>,
    ) -> io::Result<Self> {
        let writer = Self {
            worker,
            directory,
            config,
            disk,
            clock,
            appender: Mutex::default(),
            index: Mutex::default(),
            held_bytes: AtomicUsize::new(0),
            idle: AtomicBool::new(false),
        };
        writer.roll(&mut writer.appender.lock())?;
        Ok(writer)
    }

    /// Appends one record, or holds it when the disk refuses.
    fn append(&self, kind: Kind, id: RequestId, payload: &impl Serialize) -> io::Result<()> {
        self.idle.store(false, Ordering::Relaxed);
        let mut appender = self.appender.lock();
        let mut buffer = std::mem::take(&mut appender.buffer);
        let written = record::encode(&mut buffer, kind, payload)
            .and_then(|()| self.write_or_hold(&mut appender, id, &buffer));
        if buffer.capacity() <= KEPT_BUFFER {
            appender.buffer = buffer;
        }
        written
    }

    /// Writes a record behind those that are held already.
    fn write_or_hold(
        &self,
        appender: &mut Appender,
        id: RequestId,
        bytes: &[u8],
    ) -> io::Result<()> {
        let written = if appender.held.is_empty() {
            self.write(appender, id, bytes)
        } else {
            Err(io::Error::other("earlier records still wait for the disk"))
        };
        if written.is_err() {
            appender.held.push(id, bytes);
            self.held_bytes.store(appender.held.bytes(), Ordering::Relaxed);
        }
        written
    }

    /// Writes a record and notes how that went.
    fn write(&self, appender: &mut Appender, id: RequestId, bytes: &[u8]) -> io::Result<()> {
        let began = self.clock.now();
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if let Err(error) = self.put(appender, bytes, length) {
            appender.pulse.refused();
            appender.last_error = Some(error.to_string());
            return Err(error);
        }
        appender.pulse.appended(self.clock.now().since(began));
        appender.offset = appender.offset.saturating_add(length);
        appender.appended = appender.appended.saturating_add(1);
        self.index.lock().appended(id, length);
        Ok(())
    }

    /// Puts a record behind the last one. A part of it that a full disk still took is written over
    /// by the next try, because only whole records move the offset.
    fn put(&self, appender: &mut Appender, bytes: &[u8], length: u64) -> io::Result<()> {
        let full = appender.offset.saturating_add(length) > self.config.segment_bytes;
        if appender.file.is_none() || (full && appender.offset > 0) {
            self.roll(appender)?;
        }
        let Some(file) = appender.file.clone() else {
            return Err(io::Error::other("the journal has no segment"));
        };
        write_whole(file.as_ref(), bytes, appender.offset)?;
        appender.dirty = true;
        if self.config.fsync == Fsync::Always { file.sync() } else { Ok(()) }
    }

    /// Starts the next segment.
    fn roll(&self, appender: &mut Appender) -> io::Result<()> {
        let name = SegmentName { worker: self.worker, number: appender.next_number };
        let path = name.path(&self.directory);
        // A number is used up even when the file could not be made: it may exist half made.
        appender.next_number = appender.next_number.saturating_add(1);
        let file = self.disk.create(&path, self.config.segment_bytes)?;
        if let Some(full) = appender.file.replace(file) {
            // Not cutting it only wastes sparse length; readers stop at the zeros.
            let _ = full.cut(appender.offset);
            appender.full.push(full);
        }
        appender.offset = 0;
        let done = self.index.lock().rolled(path);
        self.delete(&done);
        Ok(())
    }

    /// Deletes segments. One that stays is found empty of news by the next start.
    fn delete(&self, segments: &[PathBuf]) {
        for path in segments {
            if let Err(error) = self.disk.remove(path) {
                tracing::warn!(path = %path.display(), %error, "a journal segment stays behind");
            }
        }
    }

    /// Takes note of committed rows.
    pub fn committed(&self, ids: &[RequestId]) {
        let done = self.index.lock().committed(ids);
        self.delete(&done);
        if self.held_bytes.load(Ordering::Relaxed) > 0 {
            let mut appender = self.appender.lock();
            appender.held.committed(ids);
            self.held_bytes.store(appender.held.bytes(), Ordering::Relaxed);
        }
    }

    /// Tells whether too much is held.
    pub fn refuses(&self) -> bool {
        self.held_bytes.load(Ordering::Relaxed) > self.config.held_bytes
    }

    /// Brings what was written to stable storage, without holding up appends.
    pub fn sync(&self) {
        let files = self.appender.lock().take_dirty();
        for file in files {
            if let Err(error) = file.sync() {
                tracing::error!(worker = self.worker, %error, "the journal could not be synced");
                let mut appender = self.appender.lock();
                appender.pulse.refused();
                appender.dirty = true;
                appender.last_error = Some(error.to_string());
            }
        }
    }

    /// Tries the disk again: held records first, else a probe when an unwell writer got no record.
    pub fn recover(&self) {
        let idle = self.idle.swap(true, Ordering::Relaxed);
        let mut appender = self.appender.lock();
        while let Some(record) = appender.held.front() {
            let (id, bytes) = (record.id, record.bytes.clone());
            if self.write(&mut appender, id, &bytes).is_err() {
                return;
            }
            appender.held.pop();
            self.held_bytes.store(appender.held.bytes(), Ordering::Relaxed);
        }
        if idle && appender.pulse.health() != JournalHealth::Good {
            self.probe(&mut appender);
        }
    }

    /// Writes a record that means nothing, to see how the disk does.
    fn probe(&self, appender: &mut Appender) {
        let mut bytes = Vec::new();
        let began = self.clock.now();
        let length = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let written = record::encode(&mut bytes, Kind::Probe, &())
            .and_then(|()| self.put(appender, &bytes, length(&bytes)));
        match written {
            Ok(()) => {
                appender.offset = appender.offset.saturating_add(length(&bytes));
                appender.pulse.appended(self.clock.now().since(began));
            }
            Err(error) => appender.last_error = Some(error.to_string()),
        }
    }

    /// Tells whether a request has a record and its row is not committed yet.
    pub fn waits(&self, id: RequestId) -> bool {
        // One lock after the other: who appends holds the second one when it takes the first.
        let is_written = self.index.lock().waits(id);
        let any_held = self.held_bytes.load(Ordering::Relaxed) > 0;
        is_written || (any_held && self.appender.lock().held.iter().any(|record| record.id == id))
    }

    /// Gives held records to the one who looks for uncommitted rows.
    pub fn held_records(&self) -> Vec<Vec<u8>> {
        self.appender.lock().held.iter().map(|record| record.bytes.clone()).collect()
    }

    /// Returns this writer's figures.
    pub fn view(&self) -> WriterView {
        let appender = self.appender.lock();
        WriterView {
            health: if appender.held.is_empty() {
                appender.pulse.health()
            } else {
                JournalHealth::Failing
            },
            appended: appender.appended,
            held: appender.held.len(),
            last_error: appender.last_error.clone(),
        }
    }
}

impl Appender {
    /// Takes the files that were written to since the last time.
    fn take_dirty(&mut self) -> Vec<Arc<dyn SegmentFile>> {
        let mut files = std::mem::take(&mut self.full);
        if std::mem::take(&mut self.dirty) {
            files.extend(self.file.clone());
        }
        files
    }
}

/// Writes all bytes: one call, and one more only where the disk took a part.
fn write_whole(file: &dyn SegmentFile, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let taken = match file.write_at(bytes, offset) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            taken => taken?,
        };
        if taken == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = bytes.get(taken..).unwrap_or_default();
        offset = offset.saturating_add(u64::try_from(taken).unwrap_or(u64::MAX));
    }
    Ok(())
}
