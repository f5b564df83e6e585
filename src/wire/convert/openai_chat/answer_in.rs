//! A whole answer of the upstream: read as a stream of one chunk.

use super::chunk::{Choice, Chunk};
use super::stream_in::StreamIn;
use crate::wire::convert::Broken;
use crate::wire::convert::gather::gather;
use crate::wire::convert::hub::Answer;

/// Reads an answer.
///
/// # Errors
/// It is no chat completion, it is an error, or it says nothing at all.
pub fn decode_answer(body: &[u8]) -> Result<Answer, Broken> {
    let mut chunk: Chunk<'_> = serde_json::from_slice(body)
        .map_err(|error| Broken(format!("the answer is no chat completion: {error}")))?;
    let choices = chunk.choices.get_or_insert_default();
    let Some(first) = choices.iter_mut().find(|choice| choice.index.unwrap_or(0) == 0) else {
        if chunk.error.is_none() {
            return Err(Broken("the answer has no choices".to_owned()));
        }
        return read(chunk);
    };
    end(first);
    read(chunk)
}

/// Gives a choice a reason that has none: unlike a stream, what is whole has ended.
fn end(choice: &mut Choice<'_>) {
    choice.finish_reason = choice.finish_reason.take().filter(|reason| !reason.is_empty());
    choice.finish_reason.get_or_insert_with(|| "stop".to_owned());
}

fn read(chunk: Chunk<'_>) -> Result<Answer, Broken> {
    let (mut stream, mut events) = (StreamIn::new(), Vec::new());
    stream.chunk(chunk, &mut events)?;
    stream.end(&mut events);
    gather(events)
}
