//! A whole answer into the hub: a stream of one chunk.

use super::super::Broken;
use super::super::gather::gather;
use super::super::hub::Answer;
use super::chunk_in::Chunk;
use super::stream_in::StreamIn;

/// Reads a whole answer.
///
/// # Errors
/// It is none of Gemini's, or it says that something went wrong.
pub fn decode_answer(body: &[u8]) -> Result<Answer, Broken> {
    let body = std::str::from_utf8(body)
        .map_err(|error| Broken(format!("the answer is no text: {error}")))?;
    let chunk = Chunk::read(body.trim())?;
    let (mut stream, mut events) = (StreamIn::new(), Vec::new());
    stream.chunk(chunk, &mut events)?;
    stream.end(&mut events);
    gather(events)
}
