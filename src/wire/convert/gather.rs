//! What a decoder says, gathered into a whole answer: in one order first, as a stream is that passes.

use super::Broken;
use super::fold::Fold;
use super::hub::{Answer, Event, StreamError};
use super::sequence::Sequencer;

/// Gathers an answer.
#[derive(Debug, Default)]
pub struct Gather {
    sequencer: Sequencer,
    ordered: Vec<Event>,
    fold: Fold,
    over: bool,
}

impl Gather {
    /// Takes the next event.
    ///
    /// # Errors
    /// There is more at once than any answer has.
    pub fn push(&mut self, event: Event) -> Result<(), Broken> {
        self.over |= matches!(event, Event::Finish(_) | Event::Error(_));
        self.sequencer.push(event, &mut self.ordered)?;
        for event in self.ordered.drain(..) {
            self.fold.push(event);
        }
        Ok(())
    }

    /// Returns how much is kept of what came, in bytes.
    #[must_use]
    pub const fn kept(&self) -> usize {
        self.fold.kept().saturating_add(self.sequencer.waiting())
    }

    /// Tells whether the answer has ended.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.over
    }

    /// Returns the answer, or the error that came in its place; `None` when it has not ended.
    #[must_use]
    pub fn finish(self) -> Option<Result<Answer, StreamError>> {
        self.fold.finish()
    }
}

/// Gathers an answer of all that a decoder says of it.
///
/// # Errors
/// There is more at once than any answer has, it has no end, or is an error.
pub fn gather(events: Vec<Event>) -> Result<Answer, Broken> {
    let mut gather = Gather::default();
    for event in events {
        gather.push(event)?;
    }
    match gather.finish() {
        Some(Ok(answer)) => Ok(answer),
        Some(Err(error)) => Err(Broken(error.message)),
        None => Err(Broken("the answer has no end".to_owned())),
    }
}
