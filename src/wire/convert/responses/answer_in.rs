//! A provider's whole answer, read.

use super::super::Broken;
use super::super::gather::gather;
use super::super::hub::{Answer, Json};
use super::stream_in::StreamIn;

/// Reads a whole answer.
///
/// # Errors
/// It is no answer of this format, is not finished, or says that it failed.
pub fn decode_answer(body: &[u8]) -> Result<Answer, Broken> {
    let body = serde_json::from_slice::<Json>(body)
        .map_err(|error| Broken(format!("the answer is not JSON: {error}")))?;
    let mut events = Vec::new();
    StreamIn::new().whole(&body, &mut events)?;
    gather(events)
}
