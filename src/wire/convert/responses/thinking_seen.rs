//! A reasoning item of a stream: its summaries, a blank line apart, and the blob that comes at its end.

use super::super::hub::{Delta, Event, Family, Json, PartKind, Seal};
use super::items_in::readable;
use super::parts_seen::Parts;

/// Thinking, as far as it has come.
#[derive(Debug, Default)]
pub(super) struct ThinkingSeen {
    part: Option<usize>,
    /// Which text is shown, and the number of its piece.
    shown: Option<(Shown, u64)>,
}

/// Which text of thinking is shown: whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Summary,
    Text,
}

impl ThinkingSeen {
    /// Takes more of a summary, or of the text of an open model.
    pub(super) fn more(&mut self, what: Shown, number: u64, text: &str, parts: &mut Parts) {
        let is_other = self.shown.is_some_and(|(shown, _)| shown != what);
        if text.is_empty() || is_other {
            return;
        }
        let is_next = self.shown.is_some_and(|(_, before)| before != number);
        self.shown = Some((what, number));
        let index = self.open(parts);
        let text = if is_next { format!("\n\n{text}") } else { text.to_owned() };
        parts.push(Event::PartDelta { index, delta: Delta::Text(text) });
    }

    /// Ends it, with what its end says of it.
    pub(super) fn done(
        &mut self,
        summary: Option<&Json>,
        content: Option<&Json>,
        blob: Option<String>,
        parts: &mut Parts,
    ) {
        if self.shown.is_none() {
            self.more(Shown::Summary, 0, &readable(summary, content), parts);
        }
        if let Some(blob) = blob.filter(|blob| !blob.is_empty()) {
            let index = self.open(parts);
            let seal = Seal { family: Family::OpenAi, blob };
            parts.push(Event::PartDelta { index, delta: Delta::Seal(seal) });
        }
        self.close(parts);
    }

    /// Ends it as it is.
    pub(super) fn close(&mut self, parts: &mut Parts) {
        if let Some(index) = self.part.take() {
            parts.push(Event::PartEnd { index });
        }
    }

    fn open(&mut self, parts: &mut Parts) -> usize {
        *self.part.get_or_insert_with(|| parts.start(PartKind::Thinking { redacted: false }))
    }
}
