//! Segment files: their names, and the thin port to the disk under them.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::PRIVATE_FILE;

/// A file that records are appended to. The disk in production; tests make it fail.
pub trait SegmentFile: Send + Sync {
    /// Writes at an offset with one system call; returns how much was taken.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;

    /// Brings written bytes to stable storage.
    fn sync(&self) -> io::Result<()>;

    /// Cuts the file to its used length.
    fn cut(&self, length: u64) -> io::Result<()>;
}

/// Where segment files come from.
pub trait Disk: Send + Sync {
    /// Creates a file of `size` zero bytes, sparse where the file system can.
    fn create(&self, path: &Path, size: u64) -> io::Result<Arc<dyn SegmentFile>>;

    /// Deletes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// The machine's file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct FileSystem;

impl Disk for FileSystem {
    fn create(&self, path: &Path, size: u64) -> io::Result<Arc<dyn SegmentFile>> {
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(PRIVATE_FILE).open(path)?;
        file.set_len(size)?;
        sync_parent(path)?;
        Ok(Arc::new(file))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }
}

/// Makes a new directory entry durable.
fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

impl SegmentFile for File {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        FileExt::write_at(self, bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }
}

/// The name of a segment: which worker wrote it, and the how-manieth it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentName {
    /// The worker.
    pub worker: usize,
    /// Counted from 0 for each worker.
    pub number: u64,
}

impl SegmentName {
    /// Returns the segment's path.
    #[must_use]
    pub fn path(self, directory: &Path) -> PathBuf {
        directory.join(format!("w{}-{}.log", self.worker, self.number))
    }

    /// Reads a file name; `None` for files that are no segments.
    #[must_use]
    pub fn parse(file_name: &str) -> Option<Self> {
        let (worker, number) =
            file_name.strip_prefix('w')?.strip_suffix(".log")?.split_once('-')?;
        Some(Self { worker: worker.parse().ok()?, number: number.parse().ok()? })
    }
}

/// Lists the segments of a directory, in the order they were written.
pub fn list(directory: &Path) -> io::Result<Vec<(SegmentName, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).and_then(SegmentName::parse);
        if let Some(name) = name {
            found.push((name, path));
        }
    }
    found.sort_unstable();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_listed_by_number_and_not_by_text() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["w0-10.log", "w0-9.log", "w1-0.log", "lock", "w0-x.log"] {
            std::fs::write(directory.path().join(name), b"").unwrap();
        }
        let names: Vec<_> = list(directory.path()).unwrap();
        let names: Vec<_> = names.iter().map(|(name, _)| (name.worker, name.number)).collect();
        assert_eq!(names, [(0, 9), (0, 10), (1, 0)]);
    }

    #[test]
    fn a_new_segment_costs_no_disk_before_it_is_written() {
        use std::os::unix::fs::MetadataExt;
        let directory = tempfile::tempdir().unwrap();
        let path = SegmentName { worker: 0, number: 0 }.path(directory.path());
        FileSystem.create(&path, 32 << 20).unwrap();
        let metadata = std::fs::metadata(&path).unwrap();
        assert_eq!(metadata.len(), 32 << 20);
        assert!(metadata.blocks() * 512 < 1 << 20);
    }
}
