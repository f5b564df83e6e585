//! Where in a document a value stands.

use super::PATH_LIMIT;

/// Most keys fit into so many bytes: their buffer then never grows.
const KEY_ROOM: usize = 32;

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment<'a> {
    /// A member of an object, unescaped, cut at `KEY_LIMIT` bytes.
    Key(&'a str),
    /// An element of an array, counted from 0.
    Index(usize),
}

/// An entered container and its member that is being read.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// The member's key; unused in arrays.
    pub(super) key: String,
    /// Where the key's opening quote stands.
    pub(super) key_start: usize,
    /// The element's number; `None` in objects.
    pub(super) index: Option<usize>,
    /// Where the container itself begins.
    pub(super) start: usize,
    /// Where the container's own member begins.
    pub(super) member_start: usize,
}

/// A path written as keys, elements as `[]`: what a visitor matches on.
#[derive(Clone, Copy, Debug)]
pub struct Steps<'a> {
    names: [&'a str; PATH_LIMIT],
    len: usize,
}

impl<'a> Steps<'a> {
    /// Returns the steps from the root.
    #[inline]
    pub fn as_slice(&self) -> &[&'a str] {
        self.names.get(..self.len).unwrap_or_default()
    }
}

impl Frame {
    pub(super) fn new() -> Self {
        let key = String::with_capacity(KEY_ROOM);
        Self { key, key_start: 0, index: None, start: 0, member_start: 0 }
    }
}

/// The keys and indices from the root to a value.
#[derive(Clone, Copy, Debug)]
pub struct Path<'a> {
    frames: &'a [Frame],
}

impl<'a> Path<'a> {
    pub(super) const fn new(frames: &'a [Frame]) -> Self {
        Self { frames }
    }

    /// Returns the number of steps; 0 is the root.
    pub const fn len(&self) -> usize {
        self.frames.len()
    }

    /// Tells whether this is the root.
    pub const fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Returns one step, counted from the root.
    pub fn segment(&self, at: usize) -> Option<Segment<'a>> {
        self.frames.get(at).map(segment)
    }

    /// Returns the last step.
    pub fn last(&self) -> Option<Segment<'a>> {
        self.frames.last().map(segment)
    }

    /// Returns the key at a step; `None` for an element.
    pub fn key(&self, at: usize) -> Option<&'a str> {
        self.frames.get(at).filter(|frame| frame.index.is_none()).map(|frame| frame.key.as_str())
    }

    /// Returns the index at a step; `None` for a member.
    pub fn index(&self, at: usize) -> Option<usize> {
        self.frames.get(at)?.index
    }

    /// Walks the steps from the root.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'a>> + use<'a> {
        self.frames.iter().map(segment)
    }

    /// Writes the path as keys, elements as `[]`.
    #[inline]
    pub fn steps(&self) -> Steps<'a> {
        let mut names = [""; PATH_LIMIT];
        for (name, frame) in names.iter_mut().zip(self.frames) {
            *name = if frame.index.is_some() { "[]" } else { &frame.key };
        }
        Steps { names, len: self.frames.len() }
    }

    /// Tells whether the path is exactly the pattern, in which `[]` stands for any element.
    pub fn is(&self, pattern: &[&str]) -> bool {
        self.frames.len() == pattern.len() && self.starts_with(pattern)
    }

    /// Tells whether the path begins with the pattern, in which `[]` stands for any element.
    pub fn starts_with(&self, pattern: &[&str]) -> bool {
        self.frames.len() >= pattern.len()
            && self.frames.iter().zip(pattern).all(|(frame, wanted)| match frame.index {
                Some(_) => *wanted == "[]",
                None => frame.key == *wanted,
            })
    }

    /// Tells whether the path leads to the pattern or further along it: what is worth entering.
    pub fn leads_to(&self, pattern: &[&str]) -> bool {
        pattern.get(..self.frames.len()).is_some_and(|head| self.is(head))
    }
}

fn segment(frame: &Frame) -> Segment<'_> {
    frame.index.map_or(Segment::Key(&frame.key), Segment::Index)
}
