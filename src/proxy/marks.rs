//! What a row says of the last try, or of a provider that was passed over when nobody was asked.

use std::sync::Arc;

use super::flight::Flight;

/// What was done to the body of a try.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    edits: Vec<&'static str>,
    losses: Vec<Arc<str>>,
    upstream_model: Option<Arc<str>>,
    /// The request filters that changed what went out.
    filters: Vec<Arc<str>>,
}

impl Flight {
    /// Returns the marks of the last try.
    #[must_use]
    pub fn marks(&self) -> Marks {
        let Self { edits, losses, upstream_model, filtered, .. } = self;
        Marks {
            edits: edits.clone(),
            losses: losses.clone(),
            upstream_model: upstream_model.clone(),
            filters: filtered.at_try.clone(),
        }
    }

    /// Puts marks back.
    pub fn recall(&mut self, marks: Marks) {
        let Marks { edits, losses, upstream_model, filters } = marks;
        (self.edits, self.losses, self.upstream_model) = (edits, losses, upstream_model);
        self.filtered.at_try = filters;
    }

    /// A new try has none yet; those of the one before are kept, should this one not be made.
    pub fn begin_marks(&mut self) {
        self.marks_before = Some(Marks {
            edits: std::mem::take(&mut self.edits),
            losses: std::mem::take(&mut self.losses),
            upstream_model: self.upstream_model.take(),
            filters: std::mem::take(&mut self.filtered.at_try),
        });
    }

    /// The try is not made: the row tells of the one before, made or passed over, if there was one.
    pub fn take_marks_back(&mut self) {
        let Some(before) = self.marks_before.take() else { return };
        self.recall(before);
        // Nor has anything been lost on a way that nothing went.
        if let Some(attempt) = &mut self.attempt {
            (attempt.conversion, attempt.crossing) = (None, None);
        }
    }

    /// The provider is passed over: the row tells of the try before, if somebody was asked.
    pub fn drop_marks(&mut self) {
        if let Some(before) = self.marks_before.take().filter(|_| self.asked) {
            self.recall(before);
        }
    }
}
