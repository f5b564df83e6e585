//! What a request holds in memory beside its body, under the same budget. A budget that is used up is our
//! want of memory, no provider's fault.

use bytes::Bytes;

use super::admission::{HeldBytes, Place};
use super::away::away;
use super::failure::Failure;
use super::flight::Flight;
use crate::metrics::Shed;
use crate::wire::edit;

/// So much of what is kept of an answer, for no longer than the request lasts.
#[derive(Debug, Default)]
pub struct AnswerHold(Option<HeldBytes>);

impl AnswerHold {
    /// Holds so many bytes, be it more or less than before; those that every answer may have are free.
    ///
    /// # Errors
    /// The budget is used up.
    pub fn set(&mut self, flight: &Flight, bytes: usize, free: usize) -> Result<(), Failure> {
        let bytes = bytes.saturating_sub(free);
        if bytes == 0 && self.0.is_none() {
            return Ok(());
        }
        if self.0.is_none() {
            self.0 = flight.place.as_ref().map(Place::hold);
        }
        let fits = self.0.as_mut().is_none_or(|held| held.set(bytes));
        if fits { Ok(()) } else { Err(Failure::Shed(Shed::Bytes)) }
    }

    /// Ties bytes to what is held for them.
    #[must_use]
    pub fn around(self, bytes: Bytes) -> Bytes {
        match self.0 {
            Some(held) => held.around(bytes),
            None => bytes,
        }
    }
}

impl Flight {
    /// Counts bytes that were made for this request, until the last of them is dropped.
    ///
    /// # Errors
    /// The budget is used up.
    pub fn counted(&self, bytes: Bytes) -> Result<Bytes, Failure> {
        self.counted_above(0, bytes)
    }

    /// Counts an answer that was made for this request, but for what every answer may hold.
    ///
    /// # Errors
    /// The budget is used up.
    pub fn counted_answer(&self, bytes: Bytes) -> Result<Bytes, Failure> {
        self.counted_above(self.worker.shared.config.hold_answer, bytes)
    }

    fn counted_above(&self, free: usize, bytes: Bytes) -> Result<Bytes, Failure> {
        let mut held = AnswerHold::default();
        held.set(self, bytes.len(), free)?;
        Ok(held.around(bytes))
    }

    /// Joins the segments of a body into one, which is counted where it is a copy.
    ///
    /// # Errors
    /// The budget is used up.
    pub async fn joined(&self, segments: Vec<Bytes>) -> Result<Bytes, Failure> {
        if segments.len() <= 1 {
            return Ok(edit::join(segments));
        }
        let length = segments.iter().map(Bytes::len).sum();
        let whole = away(&self.worker.shared, length, move || edit::join(segments)).await?;
        self.counted(whole)
    }
}
