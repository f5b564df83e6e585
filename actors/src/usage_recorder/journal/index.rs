//! Which requests each segment still has to keep: pure book-keeping of one writer.

use std::path::PathBuf;

use crate::domain::ids::RequestId;
use crate::domain::map::Set;

/// One segment on disk.
#[derive(Debug)]
struct Tracked {
    path: PathBuf,
    bytes: u64,
    /// Requests with a record here whose row is not committed yet.
    uncommitted: Set<RequestId>,
}

/// The segments of one writer; the last one is being written.
#[derive(Debug, Default)]
pub struct Index {
    segments: Vec<Tracked>,
}

impl Index {
    /// Notes a new segment; the ones before it are full. Returns those that may be deleted at once.
    pub fn rolled(&mut self, path: PathBuf) -> Vec<PathBuf> {
        self.segments.push(Tracked { path, bytes: 0, uncommitted: Set::default() });
        self.take_done()
    }

    /// Notes a record in the segment being written.
    pub fn appended(&mut self, id: RequestId, bytes: u64) {
        if let Some(segment) = self.segments.last_mut() {
            segment.bytes = segment.bytes.saturating_add(bytes);
            segment.uncommitted.insert(id);
        }
    }

    /// Notes committed rows. Returns the segments that nothing needs any more.
    pub fn committed(&mut self, ids: &[RequestId]) -> Vec<PathBuf> {
        for segment in &mut self.segments {
            for id in ids {
                segment.uncommitted.remove(id);
            }
        }
        self.take_done()
    }

    /// Takes out full segments without an uncommitted request.
    fn take_done(&mut self) -> Vec<PathBuf> {
        let full = self.segments.len().saturating_sub(1);
        let done = |at: usize, segment: &Tracked| at < full && segment.uncommitted.is_empty();
        let mut at = 0;
        let mut taken = Vec::new();
        self.segments.retain(|segment| {
            let keep = !done(at, segment);
            at += 1;
            if !keep {
                taken.push(segment.path.clone());
            }
            keep
        });
        taken
    }

    /// Tells whether a request still waits for its row to be committed.
    #[must_use]
    pub fn waits(&self, id: RequestId) -> bool {
        self.segments.iter().any(|segment| segment.uncommitted.contains(&id))
    }

    /// Returns the segments that hold uncommitted requests, oldest first.
    #[must_use]
    pub fn needed(&self) -> Vec<PathBuf> {
        let needed = self.segments.iter().filter(|segment| !segment.uncommitted.is_empty());
        needed.map(|segment| segment.path.clone()).collect()
    }

    /// Returns how many segments there are and how many bytes were written to them.
    #[must_use]
    pub fn size(&self) -> (usize, u64) {
        (self.segments.len(), self.segments.iter().map(|segment| segment.bytes).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(last: u8) -> RequestId {
        let mut id = [0; 16];
        id[15] = last;
        RequestId(id)
    }

    fn path(name: &str) -> PathBuf {
        PathBuf::from(name)
    }

    #[test]
    fn a_segment_goes_when_its_last_request_is_committed() {
        let mut index = Index::default();
        index.rolled(path("0"));
        index.appended(id(1), 10);
        index.appended(id(2), 10);
        index.rolled(path("1"));
        index.appended(id(2), 10);
        assert_eq!(index.committed(&[id(1)]), Vec::<PathBuf>::new());
        assert_eq!(index.committed(&[id(2)]), [path("0")]);
        assert_eq!(index.size(), (1, 10));
    }

    #[test]
    fn the_segment_being_written_stays_until_the_next_one_starts() {
        let mut index = Index::default();
        index.rolled(path("0"));
        index.appended(id(1), 10);
        assert_eq!(index.committed(&[id(1)]), Vec::<PathBuf>::new());
        assert_eq!(index.rolled(path("1")), [path("0")]);
    }

    #[test]
    fn only_segments_with_waiting_requests_are_needed() {
        let mut index = Index::default();
        index.rolled(path("0"));
        index.appended(id(1), 10);
        index.rolled(path("1"));
        assert_eq!(index.needed(), [path("0")]);
        assert!(index.waits(id(1)) && !index.waits(id(2)));
    }
}
