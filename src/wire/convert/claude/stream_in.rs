//! A provider's stream as events.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::block_in::{Blocks, read};
use super::usage::UsageIn;
use super::{finish, text_in};
use crate::wire::convert::Broken;
use crate::wire::convert::hub::{Event, StreamError, TroubleKind};

/// Reads a provider's stream, frame by frame.
#[derive(Debug, Default)]
pub struct StreamIn {
    blocks: Blocks,
    usage: Option<UsageIn>,
    stop_reason: Option<String>,
    stop_sequence: Option<String>,
    started: bool,
    over: bool,
}

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    index: Option<&'a RawValue>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
    #[serde(borrow)]
    content_block: Option<&'a RawValue>,
    #[serde(borrow)]
    delta: Option<&'a RawValue>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Shell<'a> {
    id: Option<String>,
    model: Option<String>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct StopIn {
    stop_reason: Option<String>,
    stop_sequence: Option<String>,
}

#[derive(Default, Deserialize)]
struct ErrorIn {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    message: String,
}

impl StreamIn {
    /// Makes a reader of one stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a frame. Frames behind the end count no more.
    ///
    /// # Errors
    /// It is not what this format sends.
    pub fn frame(&mut self, event: &str, data: &str, out: &mut Vec<Event>) -> Result<(), Broken> {
        if self.over || data.trim().is_empty() {
            return Ok(());
        }
        if let Some((index, text)) = text_in::text(data)
            && self.blocks.more_text(index, text, out)
        {
            return Ok(());
        }
        let frame: Frame<'_> = serde_json::from_str(data)
            .map_err(|error| Broken(format!("a frame is not of this format: {error}")))?;
        match frame.kind.as_deref().unwrap_or(event) {
            "message_start" => self.start(frame.message, out)?,
            "content_block_start" => {
                self.begin(out);
                let block = frame.content_block.ok_or_else(|| lacks("content_block"))?;
                self.blocks.begin(index(frame.index)?, block, out)?;
            }
            "content_block_delta" => {
                let delta = frame.delta.ok_or_else(|| lacks("delta"))?;
                self.blocks.delta(index(frame.index)?, delta, out)?;
            }
            "content_block_stop" => self.blocks.end(index(frame.index)?, out),
            "message_delta" => {
                self.begin(out);
                self.delta(&frame, out)?;
            }
            "message_stop" => {
                self.begin(out);
                self.blocks.end_all(out);
                let (reason, text) = (self.stop_reason.take(), self.stop_sequence.take());
                let finish = finish::read(reason.as_deref(), text, self.blocks.has_calls());
                out.push(Event::Finish(finish));
                self.over = true;
            }
            "error" => {
                self.over = true;
                out.push(Event::Error(trouble(frame.error)));
            }
            // Pings, and what is newer.
            _ => {}
        }
        Ok(())
    }

    /// Tells that the stream has ended. That is an error unless `message_stop` came before.
    pub fn end(&mut self, out: &mut Vec<Event>) {
        if !self.over {
            self.over = true;
            out.push(Event::Error(StreamError {
                kind: TroubleKind::Upstream,
                message: "the answer broke off before message_stop".to_owned(),
                retry_after_s: None,
            }));
        }
    }

    fn start(&mut self, message: Option<&RawValue>, out: &mut Vec<Event>) -> Result<(), Broken> {
        if self.started {
            return Ok(());
        }
        let message: Shell<'_> =
            read(message.ok_or_else(|| lacks("message"))?, "message of message_start")?;
        self.started = true;
        self.usage = UsageIn::read(message.usage);
        self.blocks.answer(message.id.as_deref());
        out.push(Event::Start {
            id: message.id,
            model: message.model,
            usage: self.usage.map(UsageIn::buckets),
        });
        Ok(())
    }

    /// Some leave out the beginning.
    fn begin(&mut self, out: &mut Vec<Event>) {
        if !self.started {
            self.started = true;
            out.push(Event::Start { id: None, model: None, usage: None });
        }
    }

    fn delta(&mut self, frame: &Frame<'_>, out: &mut Vec<Event>) -> Result<(), Broken> {
        if let Some(raw) = frame.delta {
            let stop: StopIn = read(raw, "delta of message_delta")?;
            self.stop_reason = stop.stop_reason.or(self.stop_reason.take());
            self.stop_sequence = stop.stop_sequence.or(self.stop_sequence.take());
        }
        if let Some(usage) = UsageIn::read(frame.usage) {
            let all = self.usage.get_or_insert_default();
            all.merge(usage);
            out.push(Event::Usage(all.buckets()));
        }
        Ok(())
    }
}

fn index(raw: Option<&RawValue>) -> Result<u64, Broken> {
    read(raw.ok_or_else(|| lacks("index"))?, "index")
}

fn lacks(what: &str) -> Broken {
    Broken(format!("a frame has no {what}"))
}

/// Reads what went wrong.
fn trouble(raw: Option<&RawValue>) -> StreamError {
    let error: ErrorIn =
        raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    let kind = match error.kind.as_str() {
        "invalid_request_error" if is_too_long(&error.message) => TroubleKind::ContextLength,
        "invalid_request_error" | "request_too_large" => TroubleKind::BadRequest,
        "rate_limit_error" => TroubleKind::RateLimit,
        "billing_error" => TroubleKind::Quota,
        "overloaded_error" => TroubleKind::Overloaded,
        "timeout_error" => TroubleKind::Timeout,
        _ => TroubleKind::Upstream,
    };
    StreamError { kind, message: error.message, retry_after_s: None }
}

fn is_too_long(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    ["prompt is too long", "exceed context limit", "maximum context length"]
        .into_iter()
        .any(|words| message.contains(words))
}
