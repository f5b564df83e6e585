//! What a request holds in memory beside its body, under the same budget.

use bytes::Bytes;

use super::admission::Place;
use super::failure::Failure;
use super::flight::Flight;
use crate::metrics::Shed;

impl Flight {
    /// Counts bytes that were made for this request, until the last of them is dropped.
    ///
    /// # Errors
    /// The budget is used up. That is our want of memory, no provider's fault.
    pub fn counted(&self, bytes: Bytes) -> Result<Bytes, Failure> {
        let held = self.place.as_ref().map(Place::hold);
        let Some(held) = held else { return Ok(bytes) };
        held.around(bytes).ok_or(Failure::Shed(Shed::Bytes))
    }
}
