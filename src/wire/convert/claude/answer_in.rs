//! A provider's whole answer: the stream it would have been, folded.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::block_in::Blocks;
use super::finish;
use super::usage::UsageIn;
use crate::wire::convert::Broken;
use crate::wire::convert::gather::gather;
use crate::wire::convert::hub::{Answer, Event};

#[derive(Deserialize)]
struct Body<'a> {
    id: Option<String>,
    model: Option<String>,
    #[serde(borrow)]
    content: Option<Vec<&'a RawValue>>,
    stop_reason: Option<String>,
    stop_sequence: Option<String>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
}

/// What some vendors send with status 200.
#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorIn,
}

#[derive(Deserialize)]
struct ErrorIn {
    #[serde(default)]
    message: String,
}

/// Reads a provider's whole answer.
///
/// # Errors
/// It is not what this format sends, or an error in the place of an answer.
pub fn decode_answer(body: &[u8]) -> Result<Answer, Broken> {
    if let Ok(ErrorBody { error }) = serde_json::from_slice(body) {
        return Err(Broken(format!("an error came in place of an answer: {}", error.message)));
    }
    let body: Body<'_> = serde_json::from_slice(body)
        .map_err(|error| Broken(format!("the answer is not of this format: {error}")))?;
    let Some(content) = body.content else {
        return Err(Broken("the answer has no content".to_owned()));
    };
    let usage = UsageIn::read(body.usage).map(UsageIn::buckets);
    let mut blocks = Blocks::default();
    blocks.answer(body.id.as_deref());
    let mut events = vec![Event::Start { id: body.id, model: body.model, usage }];
    for (index, raw) in (0_u64..).zip(content) {
        blocks.begin(index, raw, &mut events)?;
        blocks.end(index, &mut events);
    }
    let reason = body.stop_reason.as_deref();
    events.push(Event::Finish(finish::read(reason, body.stop_sequence, blocks.has_calls())));
    gather(events)
}
