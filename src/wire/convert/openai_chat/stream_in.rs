//! The upstream's stream into events.

use serde_json::value::RawValue;

use super::calls_in::Calls;
use super::chunk::{Choice, Chunk};
use super::content::{Block, blocks, pictures};
use super::details::Details;
use super::finish::{self, Seen};
use super::message::{Message, Piece, calls, old_call};
use super::usage::UsageIn;
use super::{citations, plain, trouble};
use crate::wire::convert::Broken;
use crate::wire::convert::hub::{Delta, Event, HubUsage, Image, PartKind, StreamError};
use crate::wire::convert::loss::Losses;

/// Reads a stream, frame by frame.
#[derive(Debug, Default)]
pub struct StreamIn {
    id: String,
    model: String,
    started: bool,
    /// The number of the next part.
    next: usize,
    /// The part of words that is open.
    open: Option<(Words, usize)>,
    calls: Calls,
    details: Details,
    usage: Option<HubUsage>,
    refused: bool,
    reason: Option<String>,
    /// Finish or error was said.
    over: bool,
    lenient: bool,
    inferred: bool,
}

/// What words are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Words {
    Text,
    Thinking,
    Refusal,
}

impl StreamIn {
    /// Makes a reader for one stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a reader for a vendor who ends good answers by `[DONE]` without a `finish_reason`. Others who
    /// do so have broken off; and so has this one when a call does not show by itself that it is whole.
    #[must_use]
    pub fn lenient() -> Self {
        Self { lenient: true, ..Self::default() }
    }

    /// Tells whether the end was inferred from `[DONE]` alone (`approx.terminal_inferred`).
    #[must_use]
    pub const fn inferred(&self) -> bool {
        self.inferred
    }

    /// Takes a frame.
    ///
    /// # Errors
    /// It is no chunk of a chat completion, or more than any answer has.
    pub fn frame(&mut self, event: &str, data: &str, out: &mut Vec<Event>) -> Result<(), Broken> {
        let data = data.trim();
        if self.over || data.is_empty() {
            return Ok(());
        }
        if data == "[DONE]" {
            self.done(out);
            return Ok(());
        }
        if let (Some((Words::Text, index)), "") = (self.open, event)
            && let Some(text) = plain::text(data)
        {
            if !text.is_empty() {
                out.push(Event::PartDelta { index, delta: Delta::Text(text) });
            }
            return Ok(());
        }
        let chunk = match serde_json::from_str::<Chunk<'_>>(data) {
            Ok(chunk) => chunk,
            // The answer has ended in order; what comes behind it is of no matter.
            Err(_) if self.reason.is_some() => return Ok(()),
            Err(error) => {
                return Err(Broken(format!("a frame is no chunk of a chat completion: {error}")));
            }
        };
        if event == "error" && chunk.error.is_none() {
            let whole = serde_json::from_str::<&RawValue>(data);
            self.fail(whole.map_or_else(|_| trouble::upstream(data), trouble::read), out);
            return Ok(());
        }
        self.chunk(chunk, out)
    }

    /// Takes the end of the stream.
    pub fn end(&mut self, out: &mut Vec<Event>) {
        if self.over {
            return;
        }
        if self.reason.is_none() {
            self.fail(trouble::upstream("the answer broke off before its finish_reason"), out);
            return;
        }
        self.done(out);
    }

    /// Takes what a frame says.
    pub(super) fn chunk(&mut self, chunk: Chunk<'_>, out: &mut Vec<Event>) -> Result<(), Broken> {
        if let Some(error) = chunk.error.filter(|error| error.get() != "null") {
            self.fail(trouble::read(error), out);
            return Ok(());
        }
        for (known, said) in [(&mut self.id, chunk.id), (&mut self.model, chunk.model)] {
            // Each chunk says them again.
            if let (true, Some(said)) = (known.is_empty(), said) {
                *known = serde_json::from_str(said.get()).unwrap_or_default();
            }
        }
        self.usage = chunk.usage.as_ref().and_then(UsageIn::read).or(self.usage);
        let choices = chunk.choices.unwrap_or_default();
        if !choices.is_empty() {
            self.start(out);
        }
        let first = |choice: &Choice<'_>| choice.index.unwrap_or(0) == 0;
        for choice in choices.into_iter().filter(first) {
            self.usage = choice.usage.as_ref().and_then(UsageIn::read).or(self.usage);
            if let Some(message) = choice.delta.or(choice.message) {
                self.say(&message, out)?;
            }
            match choice.finish_reason.as_deref() {
                None | Some("") => {}
                Some("error") => self.fail(trouble::upstream("the model's answer failed"), out),
                // Of one vendor, who has stopped for want of machines.
                Some("insufficient_system_resource") => self.fail(trouble::overloaded(), out),
                Some(reason) => self.reason = Some(reason.to_owned()),
            }
        }
        Ok(())
    }

    fn say(&mut self, message: &Message<'_>, out: &mut Vec<Event>) -> Result<(), Broken> {
        let details = message.reasoning_details.as_deref().unwrap_or_default();
        let told = self.details.add(details)?;
        let thought = message.thought();
        self.words(Words::Thinking, if thought.is_empty() { &told } else { thought }, out);
        if let Some(raw) = message.content {
            // An answer is told as far as it can be read.
            let blocks = blocks(raw, "", &mut Losses::default())
                .map_err(|trouble| Broken(format!("content {trouble}")))?;
            for block in blocks {
                self.block(block, out);
            }
        }
        self.cite(message.annotations.as_deref().unwrap_or_default(), out);
        self.words(Words::Refusal, message.refusal.as_deref().unwrap_or_default(), out);
        for image in message.images.map(pictures).unwrap_or_default() {
            self.image(image, out);
        }
        let broken = |_| Broken("a call of a tool is not of its form".to_owned());
        if let Some(raw) = message.tool_calls.filter(|raw| raw.get() != "null") {
            let pieces = calls(raw).map_err(broken)?;
            let several = pieces.len() > 1;
            for (place, piece) in pieces.into_iter().enumerate() {
                let index = piece.index.or(several.then_some(place));
                self.call(Piece { index, ..piece }, out)?;
            }
        }
        if let Some(raw) = message.function_call.filter(|raw| raw.get() != "null") {
            self.call(old_call(raw).map_err(broken)?, out)?;
        }
        Ok(())
    }

    fn block(&mut self, block: Block, out: &mut Vec<Event>) {
        match block {
            Block::Text(text) => self.words(Words::Text, &text.text, out),
            Block::Thinking(text) => self.words(Words::Thinking, &text.text, out),
            Block::Refusal(text) => self.words(Words::Refusal, &text.text, out),
            Block::Image(image) => self.image(image, out),
            Block::Document(_) | Block::Audio => {}
        }
    }

    /// Adds words to the open part, or to a new one.
    fn words(&mut self, words: Words, text: &str, out: &mut Vec<Event>) {
        if text.is_empty() {
            return;
        }
        let index = match self.open {
            Some((open, index)) if open == words => index,
            _ => {
                self.refused |= words == Words::Refusal;
                let kind = match words {
                    Words::Text => PartKind::Text,
                    Words::Thinking => PartKind::Thinking { redacted: false },
                    Words::Refusal => PartKind::Refusal,
                };
                self.close(out);
                if words != Words::Thinking {
                    self.sealed(out);
                }
                self.calls.end_whole(out);
                let index = self.begin(kind, out);
                self.open = Some((words, index));
                index
            }
        };
        out.push(Event::PartDelta { index, delta: Delta::Text(text.to_owned()) });
    }

    fn image(&mut self, image: Image, out: &mut Vec<Event>) {
        self.before_other(out);
        let index = self.begin(PartKind::Image(image), out);
        out.push(Event::PartEnd { index });
    }

    fn call(&mut self, piece: Piece, out: &mut Vec<Event>) -> Result<(), Broken> {
        self.before_other(out);
        self.calls.take(piece, &mut self.next, &self.id, out)
    }

    fn cite(&mut self, annotations: &[&RawValue], out: &mut Vec<Event>) {
        let Some((Words::Text, index)) = self.open else { return };
        for citation in annotations.iter().filter_map(|raw| citations::read(raw)) {
            out.push(Event::PartDelta { index, delta: Delta::Citation(citation) });
        }
    }

    fn begin(&mut self, kind: PartKind, out: &mut Vec<Event>) -> usize {
        let index = self.next;
        self.next += 1;
        out.push(Event::PartStart { index, kind });
        index
    }

    fn start(&mut self, out: &mut Vec<Event>) {
        if self.started {
            return;
        }
        self.started = true;
        let known = |text: &String| (!text.is_empty()).then(|| text.clone());
        let (id, model) = (known(&self.id), known(&self.model));
        out.push(Event::Start { id, model, usage: None });
    }

    fn before_other(&mut self, out: &mut Vec<Event>) {
        self.close(out);
        self.sealed(out);
    }

    /// Ends the part of words.
    fn close(&mut self, out: &mut Vec<Event>) {
        let Some((words, index)) = self.open.take() else { return };
        if words == Words::Thinking {
            let seal = self.details.take().map(Delta::Seal);
            out.extend(seal.map(|delta| Event::PartDelta { index, delta }));
        }
        out.push(Event::PartEnd { index });
    }

    /// Puts out hidden state that came without words.
    fn sealed(&mut self, out: &mut Vec<Event>) {
        let Some(seal) = self.details.take() else { return };
        let index = self.begin(PartKind::Thinking { redacted: true }, out);
        out.push(Event::PartDelta { index, delta: Delta::Seal(seal) });
        out.push(Event::PartEnd { index });
    }

    /// Ends the answer, when it has ended in order.
    fn done(&mut self, out: &mut Vec<Event>) {
        let inferred =
            self.reason.is_none() && self.lenient && self.next > 0 && self.calls.are_whole();
        let Some(reason) = self.reason.take().or_else(|| inferred.then(|| "stop".to_owned()))
        else {
            self.fail(trouble::upstream("[DONE] came before a finish_reason"), out);
            return;
        };
        self.inferred = inferred;
        self.before_other(out);
        let seen = Seen { call: !self.calls.is_empty(), refusal: self.refused };
        let finish = finish::read(&reason, seen);
        if let Err(Broken(message)) = self.calls.end_all(out) {
            self.fail(trouble::upstream(message), out);
            return;
        }
        self.over = true;
        out.extend(self.usage.map(Event::Usage));
        out.push(Event::Finish(finish));
    }

    /// Says that it went wrong; nothing is ended that was open.
    fn fail(&mut self, error: StreamError, out: &mut Vec<Event>) {
        if !self.over {
            self.over = true;
            out.push(Event::Error(error));
        }
    }
}
