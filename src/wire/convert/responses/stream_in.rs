//! A provider's stream, read.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::Broken;
use super::super::hub::{CallKind, Event, Finish, Json, StreamError, TroubleKind};
use super::content_in::string;
use super::items_seen::Seen;
use super::message_seen::ContentKind;
use super::parts_seen::{Place, Said};
use super::response_in::ResponseIn;
use super::thinking_seen::Shown;
use super::trouble::ErrorIn;

/// Reads a stream frame by frame.
#[derive(Debug, Default)]
pub struct StreamIn {
    started: bool,
    over: bool,
    seen: Seen,
}

/// An event, of any kind.
#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Cow<'a, str>>,
    response: Option<Json>,
    item: Option<Json>,
    output_index: Option<u64>,
    content_index: Option<u64>,
    summary_index: Option<u64>,
    #[serde(borrow)]
    item_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    delta: Option<&'a RawValue>,
    text: Option<Json>,
    refusal: Option<Json>,
    part: Option<Json>,
    arguments: Option<Json>,
    input: Option<Json>,
    annotation: Option<Json>,
    error: Option<Json>,
}

impl StreamIn {
    /// Begins a stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next frame.
    ///
    /// # Errors
    /// The frame is not JSON, an item says at its end what contradicts what it said before, or it holds
    /// more than any answer does.
    pub fn frame(&mut self, event: &str, data: &str, out: &mut Vec<Event>) -> Result<(), Broken> {
        let data = data.trim();
        // Some relays end a stream as chat does.
        if self.over || data.is_empty() || data == "[DONE]" {
            return Ok(());
        }
        let frame = serde_json::from_str::<Frame<'_>>(data).map_err(|error| {
            Broken(format!("an event `{event}` of the stream cannot be read: {error}"))
        })?;
        let kind = frame.kind.as_deref().unwrap_or(event);
        self.event(kind, &frame, data, out)
    }

    /// Ends the stream where the upstream ended it.
    pub fn end(&mut self, out: &mut Vec<Event>) {
        if !self.over {
            let message = "the upstream's stream ended before `response.completed`".to_owned();
            self.fail(
                StreamError { kind: TroubleKind::Upstream, message, retry_after_s: None },
                out,
            );
        }
    }

    fn event(
        &mut self,
        kind: &str,
        frame: &Frame<'_>,
        data: &str,
        out: &mut Vec<Event>,
    ) -> Result<(), Broken> {
        let response = || frame.response.as_ref().map(ResponseIn::read).transpose();
        match kind {
            "response.created" | "response.in_progress" | "response.queued" => {
                self.start(response()?.as_ref(), out);
                Ok(())
            }
            "response.completed"
            | "response.done"
            | "response.incomplete"
            | "response.cancelled"
            | "response.failed" => match response()? {
                Some(response) => self.terminal(kind, response, out),
                None => Err(Broken(format!("`{kind}` comes without its response"))),
            },
            "error" => {
                self.fail(error(frame, data), out);
                Ok(())
            }
            _ if frame.kind.is_none() && frame.error.is_some() => {
                self.fail(error(frame, data), out);
                Ok(())
            }
            _ if kind.starts_with("response.") => self.piece(kind, frame, out),
            _ => Ok(()),
        }
    }

    /// Takes what belongs to an item.
    fn piece(&mut self, kind: &str, frame: &Frame<'_>, out: &mut Vec<Event>) -> Result<(), Broken> {
        let place = Place {
            output: frame.output_index,
            item: frame.item_id.as_deref(),
            content: frame.content_index.unwrap_or(0),
            summary: frame.summary_index.unwrap_or(0),
        };
        let text = |json: &Option<Json>| json.as_ref().map(string).unwrap_or_default();
        let delta = frame.delta.map(|raw| {
            serde_json::from_str::<String>(raw.get()).unwrap_or_else(|_| raw.get().to_owned())
        });
        let delta = delta.unwrap_or_default();
        let (seen, mut events) = (&mut self.seen, Vec::new());
        let all = &mut events;
        match kind {
            "response.output_item.added" => seen.added(place, frame.item.as_ref(), all)?,
            "response.output_item.done" => seen.done(place, frame.item.as_ref(), all)?,
            "response.output_text.delta" => {
                seen.said(place, ContentKind::Text, Said::More(&delta), all)?;
            }
            "response.output_text.done" => {
                seen.said(place, ContentKind::Text, Said::All(&text(&frame.text)), all)?;
            }
            "response.output_text.annotation.added" => {
                seen.annotation(place, frame.annotation.as_ref(), all)?;
            }
            "response.refusal.delta" => {
                seen.said(place, ContentKind::Refusal, Said::More(&delta), all)?;
            }
            "response.refusal.done" => {
                seen.said(place, ContentKind::Refusal, Said::All(&text(&frame.refusal)), all)?;
            }
            "response.content_part.done" => seen.content_done(place, frame.part.as_ref(), all)?,
            "response.reasoning_summary_text.delta" => {
                seen.thought(place, Shown::Summary, &delta, all)?;
            }
            "response.reasoning_text.delta" => seen.thought(place, Shown::Text, &delta, all)?,
            "response.function_call_arguments.delta" => {
                seen.args(place, CallKind::Function, Said::More(&delta), all)?;
            }
            "response.function_call_arguments.done" => {
                let whole = text(&frame.arguments);
                seen.args(place, CallKind::Function, Said::All(&whole), all)?;
            }
            "response.custom_tool_call_input.delta" => {
                seen.args(place, CallKind::Custom, Said::More(&delta), all)?;
            }
            "response.custom_tool_call_input.done" => {
                seen.args(place, CallKind::Custom, Said::All(&text(&frame.input)), all)?;
            }
            _ => {}
        }
        self.begin_with(events, out);
        Ok(())
    }

    fn terminal(
        &mut self,
        kind: &str,
        response: ResponseIn,
        out: &mut Vec<Event>,
    ) -> Result<(), Broken> {
        let ended = kind.strip_prefix("response.").unwrap_or(kind);
        let ended = if ended == "done" { "completed" } else { ended };
        let status = response.status.as_deref().unwrap_or(ended).to_owned();
        if ended == "failed" || !matches!(status.as_str(), "completed" | "incomplete") {
            self.fail(response.failure(&status), out);
            return Ok(());
        }
        self.start(Some(&response), out);
        self.close(&status, response, out)
    }

    /// Ends in order: with all that the answer holds at its end and was not streamed.
    fn close(
        &mut self,
        status: &str,
        response: ResponseIn,
        out: &mut Vec<Event>,
    ) -> Result<(), Broken> {
        let ResponseIn { output, usage, incomplete_details, .. } = response;
        for (number, item) in self.seen.missed(output.unwrap_or_default()) {
            let place = Place { output: Some(number), ..Place::default() };
            self.seen.done(place, Some(&item), out)?;
        }
        self.seen.close(out);
        self.over = true;
        out.extend(usage.map(|usage| Event::Usage(usage.hub())));
        let reason = incomplete_details.and_then(|details| details.reason);
        out.push(Event::Finish(self.finish(status, reason)));
        Ok(())
    }

    fn finish(&self, status: &str, reason: Option<String>) -> Finish {
        if status == "completed" {
            return match (self.seen.has_call(), self.seen.has_refusal()) {
                (true, _) => Finish::ToolCalls,
                (false, true) => Finish::Refusal,
                (false, false) => Finish::End,
            };
        }
        match reason.as_deref() {
            Some("max_output_tokens" | "max_tokens") => Finish::MaxOutput,
            Some("content_filter") => Finish::Filtered(None),
            _ => Finish::Cut(reason.unwrap_or_else(|| status.to_owned())),
        }
    }

    fn start(&mut self, response: Option<&ResponseIn>, out: &mut Vec<Event>) {
        if self.started {
            return;
        }
        self.started = true;
        let id = response.and_then(|response| response.id.clone()).filter(|id| !id.is_empty());
        let model = response.and_then(|response| response.model.clone());
        let model = model.filter(|model| !model.is_empty());
        out.push(Event::Start { id, model, usage: None });
    }

    /// Puts out what an item brought; a stream that has not begun begins with it.
    fn begin_with(&mut self, events: Vec<Event>, out: &mut Vec<Event>) {
        if !events.is_empty() {
            self.start(None, out);
            out.extend(events);
        }
    }

    fn fail(&mut self, error: StreamError, out: &mut Vec<Event>) {
        self.over = true;
        out.push(Event::Error(error));
    }

    /// Reads a whole answer as the stream it could have been.
    pub(super) fn whole(&mut self, response: &Json, out: &mut Vec<Event>) -> Result<(), Broken> {
        let response = ResponseIn::read(response)?;
        match response.status.as_deref() {
            Some("in_progress" | "queued") => {
                Err(Broken("the answer is not finished: its status is not final".to_owned()))
            }
            Some("incomplete") => self.terminal("response.incomplete", response, out),
            Some("failed") => self.terminal("response.failed", response, out),
            // Without a status it must at least have an output to be an answer.
            None if response.output.is_none() => {
                Err(Broken("the answer has neither `status` nor `output`".to_owned()))
            }
            _ => self.terminal("response.completed", response, out),
        }
    }
}

/// Reads an error event: the error stands in it, or is it.
fn error(frame: &Frame<'_>, data: &str) -> StreamError {
    let inner = frame.error.as_ref().and_then(|error| error.read::<ErrorIn>().ok());
    let read = inner.unwrap_or_else(|| serde_json::from_str(data).unwrap_or_default());
    read.hub()
}
