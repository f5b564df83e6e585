//! Reads a segment record by record, with the memory of one record.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use crate::domain::ledger::{LedgerRow, Opened};

use super::record::{self, Kind, Step};

/// One thing found in a segment.
#[derive(Debug)]
pub enum Found {
    /// A request was admitted.
    Opened(Box<Opened>),
    /// A request ended.
    Closed(Box<LedgerRow>),
    /// Written by a later version, or not understood: it must not be thrown away.
    Unreadable(String),
    /// Nothing that matters.
    Probe,
    /// The end of what was written.
    End,
    /// The rest is no whole record.
    Torn,
}

/// A segment being read.
#[derive(Debug)]
pub struct Reader {
    file: BufReader<File>,
    buffer: Vec<u8>,
}

impl Reader {
    /// Opens a segment.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = BufReader::with_capacity(64 << 10, File::open(path)?);
        Ok(Self { file, buffer: Vec::new() })
    }

    /// Reads the next record.
    pub fn next_record(&mut self) -> io::Result<Found> {
        self.fill()?;
        Ok(interpret(&record::step(&self.buffer, 0)))
    }

    /// Brings one record, or what there is of it, into the buffer.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.clear();
        let head = self.file.by_ref().take(8).read_to_end(&mut self.buffer)?;
        let length = self.buffer.first_chunk::<4>().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        if head == 8 && length > 0 && record::is_possible(length) {
            self.file.by_ref().take(u64::from(length)).read_to_end(&mut self.buffer)?;
        }
        Ok(())
    }
}

/// Gives bytes their meaning.
#[must_use]
pub fn interpret(step: &Step<'_>) -> Found {
    let (version, kind, payload) = match *step {
        Step::End => return Found::End,
        Step::Torn => return Found::Torn,
        Step::Record { version, kind, payload, .. } => (version, kind, payload),
    };
    let read = match kind {
        kind if kind == Kind::Opened as u8 => {
            record::decode(version, payload).map(|opened| Found::Opened(Box::new(opened)))
        }
        kind if kind == Kind::Closed as u8 => {
            record::decode(version, payload).map(|row| Found::Closed(Box::new(row)))
        }
        kind if kind == Kind::Probe as u8 => Ok(Found::Probe),
        kind => Err(format!("a record of kind {kind}")),
    };
    read.unwrap_or_else(Found::Unreadable)
}
