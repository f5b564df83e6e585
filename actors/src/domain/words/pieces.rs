//! A text that comes in parts, looked at in pieces of a bounded size.
//!
//! What stands across two pieces is found as long as it is not longer than what they share. A text
//! that fits into one piece, as nearly all do, is looked at as a whole.

use super::{Found, Words};

/// The largest piece, in bytes.
pub const PIECE: usize = 1 << 20;
/// What a piece shares with the one before, in bytes: far longer than any word.
pub const SHARED: usize = 64 << 10;

/// Looks for words in texts, one after the other.
#[derive(Debug)]
pub struct Search<'words> {
    words: &'words Words,
    piece: String,
    folded: String,
    /// The beginning of the text without the blanks before it, as far as exact words need it.
    head: String,
    /// The text is longer than every exact word.
    is_long: bool,
    found: Option<Found>,
}

impl<'words> Search<'words> {
    /// Begins with a list.
    #[must_use]
    pub const fn new(words: &'words Words) -> Self {
        Self {
            words,
            piece: String::new(),
            folded: String::new(),
            head: String::new(),
            is_long: false,
            found: None,
        }
    }

    /// Returns what was found first; once something is, nothing more is looked at.
    #[must_use]
    pub const fn found(&self) -> Option<&Found> {
        self.found.as_ref()
    }

    /// Returns what was found first.
    #[must_use]
    pub fn into_found(self) -> Option<Found> {
        self.found
    }

    /// Forgets what was found: it stood where it may.
    pub fn forget(&mut self) {
        self.found = None;
    }

    /// Takes the next part of the present text.
    pub fn push(&mut self, part: &str) {
        let mut rest = part;
        while self.found.is_none() && !rest.is_empty() {
            let room = PIECE.saturating_sub(self.piece.len());
            let (now, later) = rest.split_at(rest.floor_char_boundary(room));
            if now.is_empty() {
                self.look();
                self.keep_shared();
                continue;
            }
            self.keep_head(now);
            self.piece.push_str(now);
            rest = later;
        }
    }

    /// Ends the present text.
    pub fn end(&mut self) {
        if self.found.is_none() {
            let words = self.words;
            let whole = Some(self.head.trim_end()).filter(|text| !self.is_long && !text.is_empty());
            self.found = words
                .contained_in(&self.piece, &mut self.folded)
                .or_else(|| words.is_whole(whole?))
                .or_else(|| words.pattern_in(&self.piece));
        }
        self.piece.clear();
        self.head.clear();
        self.is_long = false;
    }

    fn look(&mut self) {
        let contained = self.words.contained_in(&self.piece, &mut self.folded);
        self.found = contained.or_else(|| self.words.pattern_in(&self.piece));
    }

    fn keep_shared(&mut self) {
        let cut = self.piece.floor_char_boundary(self.piece.len().saturating_sub(SHARED));
        self.piece.drain(..cut);
    }

    fn keep_head(&mut self, part: &str) {
        if self.is_long {
            return;
        }
        let part = if self.head.is_empty() { part.trim_start() } else { part };
        let room = self.words.longest_exact().saturating_sub(self.head.len());
        let (kept, over) = part.split_at(part.floor_char_boundary(room));
        self.head.push_str(kept);
        // Blanks behind the text may be many; anything else makes it too long.
        self.is_long = !over.trim_end().is_empty();
    }
}
