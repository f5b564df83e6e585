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
        let kept = cut(more, self.limit.saturating_sub(self.text.len()));
        self.text.push_str(kept);
        self.truncated = kept.len() < more.len();
    }

    pub(super) fn push(&mut self, character: char) {
        self.push_str(character.encode_utf8(&mut [0; 4]));
    }
}

/// Returns at most `limit` bytes of a text, cut between characters.
pub(super) fn cut(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    text.get(..text.floor_char_boundary(limit)).unwrap_or_default()
}
