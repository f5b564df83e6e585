//! Finds rows of this very process that the recorder let go of: they are still in the segments.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::ledger::LedgerRow;

use super::reader::{Found, Reader, interpret};
use super::writer::Writer;
use super::{Journal, record};

/// A walk over what waits to be committed, a piece at a time.
#[derive(Default)]
pub struct Backlog {
    segments: VecDeque<(Arc<Writer>, PathBuf)>,
    reading: Option<(Arc<Writer>, Reader)>,
    held: VecDeque<Vec<u8>>,
}

impl Journal {
    /// Starts a walk over everything that waits now.
    #[must_use]
    pub fn backlog(&self) -> Backlog {
        let mut backlog = Backlog::default();
        for writer in self.all() {
            // Held first: what moves from memory to disk meanwhile is then seen twice, not never.
            let held = writer.held_records();
            backlog.held.extend(held);
            let needed = writer.index.lock().needed().into_iter();
            backlog.segments.extend(needed.map(|path| (Arc::clone(&writer), path)));
        }
        backlog
    }
}

impl Backlog {
    /// Returns up to `most` finished rows that are not committed yet; empty at the end of the walk.
    pub fn next_rows(&mut self, most: usize) -> io::Result<Vec<LedgerRow>> {
        let mut rows = Vec::new();
        while rows.len() < most {
            if let Some(bytes) = self.held.pop_front() {
                rows.extend(closed(interpret(&record::step(&bytes, 0))));
            } else if !self.read_on(&mut rows)? {
                break;
            }
        }
        Ok(rows)
    }

    /// Reads one record; `false` at the end of the walk.
    fn read_on(&mut self, rows: &mut Vec<LedgerRow>) -> io::Result<bool> {
        let Some((writer, reader)) = &mut self.reading else { return self.open_next() };
        match reader.next_record()? {
            Found::Closed(row) if writer.index.lock().waits(row.opened.id) => rows.push(*row),
            Found::End | Found::Torn => self.reading = None,
            Found::Closed(_) | Found::Opened(_) | Found::Probe | Found::Unreadable(_) => {}
        }
        Ok(true)
    }

    /// Opens the next segment; one that was committed and deleted meanwhile is passed over.
    fn open_next(&mut self) -> io::Result<bool> {
        let Some((writer, path)) = self.segments.pop_front() else { return Ok(false) };
        match Reader::open(&path) {
            Ok(reader) => self.reading = Some((writer, reader)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        Ok(true)
    }
}

/// Returns the row of a `Closed` record.
fn closed(found: Found) -> Option<LedgerRow> {
    if let Found::Closed(row) = found { Some(*row) } else { None }
}
