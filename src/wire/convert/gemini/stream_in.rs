//! Chunks of a provider into events. Some models repeat the `finishReason` on every chunk and some
//! relays send usage behind it, so an answer has ended only when its stream has.

use std::collections::HashSet;

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::super::Broken;
use super::super::hub::{
    CallKind, Citation, Delta, Event, Family, Finish, HubUsage, Json, Part, PartKind, Place, Seal,
    StreamError, TroubleKind,
};
use super::super::loss::Losses;
use super::chunk_in::{Candidate, Chunk, Grounding};
use super::pairs::Pairs;
use super::part_in::{CallIn, PartIn, googles_own};
use super::usage::UsageIn;
use super::{finish, media, plain};

/// Arguments of one call, at most.
const MOST_ARGS: usize = 16 << 20;
/// Sources of one answer, at most.
const MOST_SOURCES: usize = 4_096;

/// Reads a stream.
#[derive(Debug, Default)]
pub struct StreamIn {
    started: bool,
    over: bool,
    /// Parts that have begun.
    begun: usize,
    open: Option<Open>,
    /// What calls without ids get theirs of.
    said: Sha256,
    has_id: bool,
    has_calls: bool,
    sources: HashSet<String>,
    usage: Option<HubUsage>,
    /// How it ends, by the last chunk that said so.
    reason: Option<String>,
    blocked: Option<String>,
}

/// A part of text that goes on; its seal comes last.
#[derive(Debug)]
struct Open {
    index: usize,
    is_thinking: bool,
    seal: Option<Seal>,
}

impl StreamIn {
    /// Makes a reader of one stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// It is no chunk of Gemini's.
    pub fn frame(&mut self, _event: &str, data: &str, out: &mut Vec<Event>) -> Result<(), Broken> {
        let data = data.trim();
        // Some relays end every stream as OpenAI does.
        if self.over || data.is_empty() || data == "[DONE]" {
            return Ok(());
        }
        if self.open.as_ref().is_some_and(|open| !open.is_thinking)
            && let Some((text, usage)) = plain::text(data)
        {
            self.usage = usage.map(UsageIn::hub).or(self.usage);
            self.text(text, false, None, out);
            return Ok(());
        }
        self.chunk(Chunk::read(data)?, out)
    }

    /// Tells whether a chunk came that may be the last.
    #[must_use]
    pub const fn may_end(&self) -> bool {
        self.reason.is_some() || self.blocked.is_some()
    }

    /// Reads the end of the stream.
    pub fn end(&mut self, out: &mut Vec<Event>) {
        if std::mem::replace(&mut self.over, true) {
            return;
        }
        let reason = self.reason.as_deref();
        let ended = reason.and_then(|reason| finish::of_reason(reason, self.has_calls));
        let blocked = self.blocked.as_deref().and_then(finish::of_block);
        let Some(finish): Option<Finish> = ended.or(blocked) else {
            out.push(Event::Error(StreamError {
                kind: TroubleKind::Upstream,
                message: "the stream ended before a finishReason".to_owned(),
                retry_after_s: None,
            }));
            return;
        };
        self.close(out);
        out.extend(self.usage.map(Event::Usage));
        out.push(Event::Finish(finish));
    }

    /// Reads a chunk.
    pub(super) fn chunk(&mut self, chunk: Chunk<'_>, out: &mut Vec<Event>) -> Result<(), Broken> {
        if let Some(error) = chunk.error {
            self.over = true;
            out.push(Event::Error(error.trouble()));
            return Ok(());
        }
        let usage = chunk.usage_metadata.map(UsageIn::hub);
        if !std::mem::replace(&mut self.started, true) {
            let id = chunk.response_id.filter(|id| !id.is_empty());
            self.has_id = id.is_some();
            self.said.update(id.as_deref().unwrap_or_default());
            out.push(Event::Start { id, model: chunk.model_version, usage });
        }
        self.usage = usage.or(self.usage);
        let prompt = chunk.usage_metadata.map_or(0, |usage| usage.prompt());
        let first = |candidate: &Candidate<'_>| candidate.index.unwrap_or(0) == 0;
        for candidate in chunk.candidates.into_iter().filter(first) {
            for raw in candidate.content.map(|content| content.parts).unwrap_or_default() {
                self.part(raw, prompt, out)?;
            }
            if let Some(grounding) = candidate.grounding_metadata {
                self.grounding(&grounding, out);
            }
            let reason = candidate.finish_reason;
            if let Some(reason) = reason.filter(|reason| finish::of_reason(reason, false).is_some())
            {
                self.reason = Some(reason);
            }
        }
        self.blocked =
            chunk.prompt_feedback.and_then(|said| said.block_reason).or(self.blocked.take());
        Ok(())
    }

    fn part(&mut self, raw: &RawValue, prompt: u64, out: &mut Vec<Event>) -> Result<(), Broken> {
        let part: PartIn<'_> = serde_json::from_str(raw.get()).map_err(|error| {
            Broken(format!("a part of the answer is none of Gemini's: {error}"))
        })?;
        let seal = part.thought_signature.filter(|blob| !blob.is_empty());
        let seal = seal.map(|blob| Seal { family: Family::Google, blob });
        if let Some(call) = part.function_call {
            return self.call(&call, seal, prompt, out);
        }
        if let Some(text) = part.text {
            self.text(text, part.thought == Some(true), seal, out);
            return Ok(());
        }
        // The name of what it drew is of no use to anybody.
        let (nowhere, lost) = (Place::default, &mut Losses::default());
        let whole = match (part.inline_data, part.file_data) {
            (Some(blob), _) => Some(media::of_blob(blob, nowhere(), lost)),
            (None, Some(file)) => Some(media::of_file(file, nowhere(), lost)),
            (None, None) => googles_own(raw, nowhere()).map(Part::Server),
        };
        let kind = match whole {
            Some(Part::Image(image)) => PartKind::Image(image),
            Some(Part::Server(tool)) => {
                PartKind::Server { family: tool.family, kind: tool.kind, raw: tool.raw }
            }
            _ => return Ok(()),
        };
        self.close(out);
        let index = self.begin(kind, out);
        out.push(Event::PartEnd { index });
        Ok(())
    }

    fn begin(&mut self, kind: PartKind, out: &mut Vec<Event>) -> usize {
        let index = self.begun;
        self.begun += 1;
        out.push(Event::PartStart { index, kind });
        index
    }

    fn close(&mut self, out: &mut Vec<Event>) {
        let Some(Open { index, seal, .. }) = self.open.take() else { return };
        out.extend(seal.map(|seal| Event::PartDelta { index, delta: Delta::Seal(seal) }));
        out.push(Event::PartEnd { index });
    }

    fn text(&mut self, text: String, is_thinking: bool, seal: Option<Seal>, out: &mut Vec<Event>) {
        if text.is_empty() && seal.is_none() {
            return;
        }
        // Behind a seal nothing is added.
        let goes_on = self
            .open
            .as_ref()
            .is_some_and(|open| open.is_thinking == is_thinking && open.seal.is_none());
        if !goes_on {
            self.close(out);
            let kind =
                if is_thinking { PartKind::Thinking { redacted: false } } else { PartKind::Text };
            let index = self.begin(kind, out);
            self.open = Some(Open { index, is_thinking, seal: None });
        }
        let Some(open) = &mut self.open else { return };
        open.seal = seal;
        if !text.is_empty() {
            if !self.has_id {
                self.said.update(&text);
            }
            out.push(Event::PartDelta { index: open.index, delta: Delta::Text(text) });
        }
    }

    fn call(
        &mut self,
        call: &CallIn,
        seal: Option<Seal>,
        prompt: u64,
        out: &mut Vec<Event>,
    ) -> Result<(), Broken> {
        let name = call.name.clone().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| Broken("a functionCall has no name".to_owned()))?;
        let args = call.said_args();
        if args.len() > MOST_ARGS {
            return Err(Broken(format!("the arguments of {name} are too long")));
        }
        self.close(out);
        self.has_calls = true;
        let made = self.made_id(&name, args, prompt);
        let id = call.id.clone().filter(|id| !id.is_empty()).unwrap_or(made);
        let kind = PartKind::Call { id, name, kind: CallKind::Function, namespace: None };
        let index = self.begin(kind, out);
        if !args.is_empty() {
            let delta = Delta::Args(args.to_owned());
            out.push(Event::PartDelta { index, delta });
        }
        out.extend(seal.map(|seal| Event::PartDelta { index, delta: Delta::Seal(seal) }));
        out.push(Event::PartEnd { index });
        Ok(())
    }

    /// Makes an id of the answer's own and all that it has said so far: the same for the same answer,
    /// another in every other turn of the conversation.
    fn made_id(&mut self, name: &str, args: &str, prompt: u64) -> String {
        if !self.has_id {
            self.said.update(prompt.to_be_bytes());
        }
        self.said.update(self.begun.to_be_bytes());
        self.said.update(name);
        self.said.update(args);
        let hash = hex::encode(self.said.clone().finalize());
        format!("call_{}", hash.get(..24).unwrap_or(&hash))
    }

    /// Sources belong to the text that is open; each is told once.
    fn grounding(&mut self, grounding: &Grounding<'_>, out: &mut Vec<Event>) {
        let Some(open) = self.open.as_ref().filter(|open| !open.is_thinking) else { return };
        for raw in &grounding.grounding_chunks {
            let is_new =
                self.sources.len() < MOST_SOURCES && self.sources.insert(raw.get().to_owned());
            let Some(json) = Json::parse(raw.get()).filter(|_| is_new) else { continue };
            let of_web =
                Pairs::read(raw.get()).and_then(|pairs| Pairs::read(pairs.get("web")?.get()));
            let web = |key: &str| of_web.as_ref().and_then(|web| web.text(key));
            let (title, url) = (web("title"), web("uri"));
            let citation = Citation { family: Family::Google, title, url, raw: json };
            let delta = Delta::Citation(citation);
            out.push(Event::PartDelta { index: open.index, delta });
        }
    }
}
