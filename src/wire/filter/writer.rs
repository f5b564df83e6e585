//! Writes a body anew with some of its bytes replaced, from its beginning to its end.

use std::ops::Range;

use bytes::Bytes;

use super::Unfit;

/// A body that is being written anew.
pub(super) struct Writer<'b> {
    body: &'b [u8],
    out: Vec<u8>,
    /// The body is taken over up to here.
    done: usize,
    is_changed: bool,
    most: usize,
}

impl<'b> Writer<'b> {
    pub(super) const fn new(body: &'b [u8], most: usize) -> Self {
        Self { body, out: Vec::new(), done: 0, is_changed: false, most }
    }

    /// Returns the body as it was.
    pub(super) const fn body(&self) -> &'b [u8] {
        self.body
    }

    /// Replaces bytes that lie behind all that were replaced before.
    pub(super) fn replace(&mut self, span: Range<usize>, with: &[u8]) -> Result<(), Unfit> {
        if !self.is_changed {
            self.out.reserve(self.body.len().min(self.most));
            self.is_changed = true;
        }
        let kept = self.body.get(self.done..span.start).unwrap_or_default();
        if self.out.len() + kept.len() + with.len() > self.most {
            return Err(Unfit::TooLarge(self.most));
        }
        self.out.extend_from_slice(kept);
        self.out.extend_from_slice(with);
        self.done = span.end.max(self.done);
        Ok(())
    }

    /// Puts bytes in.
    pub(super) fn insert(&mut self, at: usize, new: &[u8]) -> Result<(), Unfit> {
        self.replace(at..at, new)
    }

    /// Ends; `None` when nothing was replaced.
    pub(super) fn finish(mut self) -> Result<Option<Bytes>, Unfit> {
        if !self.is_changed {
            return Ok(None);
        }
        let rest = self.body.get(self.done..).unwrap_or_default();
        if self.out.len() + rest.len() > self.most {
            return Err(Unfit::TooLarge(self.most));
        }
        self.out.extend_from_slice(rest);
        Ok(Some(self.out.into()))
    }
}
