//! The journal on a disk that cuts, refuses and dawdles.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use proptest::prelude::*;

use super::super::tests::{opened, row};
use super::reader::{Found, Reader};
use super::segment::{FileSystem, SegmentFile};
use super::*;
use crate::clock::ManualClock;
use crate::domain::instant::Micros;

/// A real disk with room for so many bytes, and a clock that each write moves on.
struct SmallDisk {
    room: Arc<AtomicI64>,
    write_ms: Arc<AtomicU64>,
    clock: Arc<ManualClock>,
}

struct SmallFile {
    file: Arc<dyn SegmentFile>,
    room: Arc<AtomicI64>,
    write_ms: Arc<AtomicU64>,
    clock: Arc<ManualClock>,
}

impl Disk for SmallDisk {
    fn create(&self, path: &Path, size: u64) -> io::Result<Arc<dyn SegmentFile>> {
        let file = FileSystem.create(path, size)?;
        let (room, write_ms) = (Arc::clone(&self.room), Arc::clone(&self.write_ms));
        Ok(Arc::new(SmallFile { file, room, write_ms, clock: Arc::clone(&self.clock) }))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        FileSystem.remove(path)
    }
}

impl SegmentFile for SmallFile {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.clock.advance(Duration::from_millis(self.write_ms.load(Ordering::SeqCst)));
        let room = usize::try_from(self.room.load(Ordering::SeqCst)).unwrap_or(0);
        if room == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = self.file.write_at(&bytes[..bytes.len().min(room)], offset)?;
        self.room.fetch_sub(i64::try_from(taken).unwrap(), Ordering::SeqCst);
        Ok(taken)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        self.file.cut(length)
    }
}

struct World {
    data: tempfile::TempDir,
    room: Arc<AtomicI64>,
    write_ms: Arc<AtomicU64>,
    journal: Arc<Journal>,
    writer: JournalWriter,
}

fn world(config: JournalConfig) -> World {
    let clock = Arc::new(ManualClock::at(Micros(1_772_452_800_000_000)));
    let (room, write_ms) = (Arc::new(AtomicI64::new(i64::MAX)), Arc::new(AtomicU64::new(0)));
    let disk = SmallDisk {
        room: Arc::clone(&room),
        write_ms: Arc::clone(&write_ms),
        clock: Arc::clone(&clock),
    };
    let data = tempfile::tempdir().unwrap();
    let journal = Journal::on_disk(data.path(), config, clock, 7, Arc::new(disk)).unwrap();
    // The tests themselves are the keeper: its rounds would come at any time.
    journal.keeper.stop();
    let writer = journal.writer(0).unwrap();
    World { data, room, write_ms, journal, writer }
}

fn small_segments() -> JournalConfig {
    JournalConfig { segment_bytes: 4 << 10, ..JournalConfig::default() }
}

fn read_all(path: &Path) -> (Vec<u64>, bool) {
    let mut reader = Reader::open(path).unwrap();
    let mut inputs = Vec::new();
    loop {
        match reader.next_record().unwrap() {
            Found::Closed(row) => inputs.push(row.usage.unwrap().input),
            Found::End => return (inputs, false),
            Found::Torn => return (inputs, true),
            Found::Unreadable(why) => panic!("{why}"),
            Found::Opened(_) | Found::Probe => {}
        }
    }
}

#[test]
fn a_full_disk_holds_records_and_writes_them_in_order_when_there_is_room() {
    let world = world(JournalConfig::default());
    world.writer.closed(&row(1)).unwrap();
    world.room.store(100, Ordering::SeqCst);
    assert!(world.writer.closed(&row(2)).is_err());
    assert!(world.writer.closed(&row(3)).is_err());
    assert_eq!(world.journal.health(), JournalHealth::Failing);
    assert_eq!(world.journal.view().held, 2);
    world.room.store(i64::MAX, Ordering::SeqCst);
    world.writer.writer.recover();
    assert_eq!(world.journal.health(), JournalHealth::Good);
    let (_, path) = segment::list(&world.journal.directory).unwrap().remove(0);
    assert_eq!(read_all(&path), (vec![1, 2, 3], false));
}

#[test]
fn requests_are_refused_only_above_the_bound_of_held_bytes() {
    let mut record = Vec::new();
    record::encode(&mut record, record::Kind::Closed, &row(1)).unwrap();
    let bytes = record.len();
    let world = world(JournalConfig { held_bytes: 2 * bytes + 8, ..JournalConfig::default() });
    world.room.store(0, Ordering::SeqCst);
    for (number, refuses) in [(1, false), (2, false), (3, true)] {
        assert!(world.writer.closed(&row(number)).is_err());
        assert_eq!(world.writer.refuse(), refuses, "after row {number}");
    }
    world.journal.committed(&[row(1).opened.id, row(2).opened.id]);
    assert!(!world.writer.refuse(), "rows that reached the database are not held any more");
    assert_eq!(world.journal.view().held, 1);
}

#[test]
fn two_slow_appends_are_seen_and_a_quick_probe_heals() {
    let world = world(JournalConfig::default());
    world.write_ms.store(150, Ordering::SeqCst);
    world.writer.opened(&opened(1)).unwrap();
    world.writer.opened(&opened(2)).unwrap();
    assert_eq!(world.journal.health(), JournalHealth::Slow);
    world.write_ms.store(1, Ordering::SeqCst);
    world.writer.writer.recover();
    assert_eq!(world.journal.health(), JournalHealth::Slow, "its last record is too fresh");
    world.writer.writer.recover();
    assert_eq!(world.journal.health(), JournalHealth::Good);
}

#[test]
fn segments_roll_and_go_when_all_their_rows_are_committed() {
    let world = world(small_segments());
    let ids: Vec<_> = (0..20).map(|number| row(number).opened.id).collect();
    for number in 0..20 {
        world.writer.opened(&opened(number)).unwrap();
        world.writer.closed(&row(number)).unwrap();
    }
    assert!(world.journal.view().segments > 3);
    world.journal.committed(&ids);
    assert_eq!(world.journal.view().segments, 1);
    assert_eq!(segment::list(&world.journal.directory).unwrap().len(), 1);
}

#[test]
fn a_journal_over_its_bound_fails_readiness_but_still_writes() {
    let world = world(JournalConfig { max_bytes: 1_000, ..small_segments() });
    for number in 0..4 {
        world.writer.closed(&row(number)).unwrap();
    }
    assert_eq!(world.journal.health(), JournalHealth::Failing);
    assert!(!world.journal.refuse());
}

#[test]
fn the_backlog_is_every_finished_row_that_is_not_committed() {
    let world = world(small_segments());
    for number in 0..30 {
        world.writer.opened(&opened(number)).unwrap();
        world.writer.closed(&row(number)).unwrap();
    }
    world.writer.opened(&opened(40)).unwrap();
    world.room.store(0, Ordering::SeqCst);
    assert!(world.writer.closed(&row(30)).is_err());
    world.journal.committed(&[row(3).opened.id, row(29).opened.id]);
    let mut backlog = world.journal.backlog();
    let mut found = Vec::new();
    loop {
        let rows = backlog.next_rows(7).unwrap();
        if rows.is_empty() {
            break;
        }
        found.extend(rows.iter().map(|row| row.usage.unwrap().input));
    }
    found.sort_unstable();
    let expected: Vec<u64> = (0..=30).filter(|number| ![3, 29].contains(number)).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_running_journal_syncs_by_itself_and_locks_its_directory() {
    let clock = Arc::new(ManualClock::at(Micros(1_772_452_800_000_000)));
    let data = tempfile::tempdir().unwrap();
    let journal = Journal::open(data.path(), JournalConfig::default(), clock.clone(), 1).unwrap();
    journal.writer(0).unwrap().closed(&row(1)).unwrap();
    assert!(adopt(&journal.directory).unwrap().is_none());
    let again = Journal::open(data.path(), JournalConfig::default(), clock, 1);
    assert!(matches!(again, Err(JournalError::Locked(_))));
    let directory = journal.directory.clone();
    drop(journal);
    assert!(adopt(&directory).unwrap().is_some());
}

#[test]
fn a_record_of_which_only_zeros_are_missing_is_read_and_written_again_in_its_place() {
    let world = world(JournalConfig::default());
    let mut bytes = Vec::new();
    record::encode(&mut bytes, record::Kind::Closed, &row(1)).unwrap();
    assert_eq!(bytes.last(), Some(&0), "the last field of a row is a nothing");
    world.room.store(i64::try_from(bytes.len()).unwrap() - 1, Ordering::SeqCst);
    assert!(world.writer.closed(&row(1)).is_err());
    let (_, path) = segment::list(&world.journal.directory).unwrap().remove(0);
    assert_eq!((world.journal.view().held, read_all(&path)), (1, (vec![1], false)));
    world.room.store(i64::MAX, Ordering::SeqCst);
    world.writer.writer.recover();
    world.writer.closed(&row(2)).unwrap();
    assert_eq!((world.journal.view().held, read_all(&path)), (0, (vec![1, 2], false)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the disk takes in between, what is read is what was accepted, in order; and a record
    /// of which the disk refused nothing but zeros, which stand in the file already.
    #[test]
    fn only_whole_records_are_ever_read(rooms in prop::collection::vec(0_i64..3_000, 1..12)) {
        let world = world(small_segments());
        let mut number = 0;
        for room in rooms {
            world.room.store(room, Ordering::SeqCst);
            for _ in 0..3 {
                let _ = world.writer.closed(&row(number));
                number += 1;
            }
            world.writer.writer.recover();
        }
        let held = world.journal.view().held;
        let mut read = Vec::new();
        for (_, path) in segment::list(&world.journal.directory).unwrap() {
            read.extend(read_all(&path).0);
        }
        let written = number - u64::try_from(held).unwrap();
        let read_too = u64::from(held > 0 && read.last() == Some(&written));
        prop_assert_eq!(read, (0..written + read_too).collect::<Vec<_>>());
        drop(world.data);
    }
}

#[test]
fn nobody_else_on_the_machine_reads_the_journal() {
    let world = world(JournalConfig::default());
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let root = world.data.path().join(JOURNAL);
    let directory = world.journal.directory.clone();
    assert_eq!((mode(&root), mode(&directory)), (0o700, 0o700));
    let files: Vec<_> = std::fs::read_dir(&directory).unwrap().map(|one| one.unwrap()).collect();
    assert_eq!(files.len(), 2, "the lock and the first segment: {files:?}");
    for file in files {
        assert_eq!(mode(&file.path()), 0o600, "{file:?}");
    }
}

#[test]
fn a_journal_that_an_earlier_version_left_open_is_closed_to_others() {
    let data = tempfile::tempdir().unwrap();
    let root = data.path().join(JOURNAL);
    std::fs::create_dir(&root).unwrap();
    std::fs::set_permissions(&root, Permissions::from_mode(0o755)).unwrap();
    let clock = Arc::new(ManualClock::at(Micros(1_772_452_800_000_000)));
    let _journal = Journal::open(data.path(), JournalConfig::default(), clock, 7).unwrap();
    assert_eq!(std::fs::metadata(&root).unwrap().permissions().mode() & 0o777, 0o700);
}
