//! A bounded text buffer that keeps the beginning of what it is given.

/// Keeps at most `limit` bytes, cut between characters.
#[derive(Debug)]
pub(super) struct Capture {
    pub(super) text: String,
    pub(super) truncated: bool,
    limit: usize,
}

impl Capture {
    pub(super) const fn new() -> Self {
        Self { text: String::new(), truncated: false, limit: 0 }
    }

    /// Forgets the last text and sets the bound of the next.
    pub(super) fn restart(&mut self, limit: usize) {
        self.text.clear();
        self.truncated = false;
        self.limit = limit;
    }

    pub(super) fn push_str(&mut self, more: &str) {
        if self.truncated {
            return;
        }
        let room = self.limit.saturating_sub(self.text.len());
        let end = more.floor_char_boundary(room);
        self.text.push_str(more.get(..end).unwrap_or_default());
        self.truncated = end < more.len();
    }

    pub(super) fn push(&mut self, character: char) {
        self.push_str(character.encode_utf8(&mut [0; 4]));
    }
}
