//! An answer for a client, as a stream of events.

use super::super::hub::{Delta, Event, Finish, HubUsage, Image, Json, PartKind, Source};
use super::super::loss::{Losses, Token};
use super::super::reply::Reply;
use super::super::sequence;
use super::call_out::CallOut;
use super::finish_out::Ending;
use super::frames_out::{Frame, Frames, Metadata, ResponseOut};
use super::item_out::seal;
use super::message_out::{ContentOut, MessageOut};
use super::message_seen::ContentKind;
use super::ran_out::{picture, server};
use super::seals::Slot;
use super::thinking_out::ThinkingOut;
use super::usage::UsageOut;

/// What of an answer is kept for its last event, in bytes at most.
const MOST_KEPT: usize = 32 << 20;

/// Writes the events of an answer. Its last event says again all that it has said, so that is kept.
#[derive(Debug)]
pub struct StreamOut {
    reply: Reply,
    frames: Frames,
    stage: Stage,
    id: String,
    usage: Option<HubUsage>,
    message: Option<MessageOut>,
    open: Open,
    has_refusal: bool,
    /// What is kept, and how much that may become.
    kept: usize,
    most: usize,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Before,
    Within,
    Over,
}

/// The open part.
#[derive(Debug)]
enum Open {
    Nothing,
    Content(ContentOut),
    Thinking(ThinkingOut),
    Call(CallOut),
}

/// Where a stream is: what whoever ends it in its place needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The response's id.
    pub id: String,
    /// The model, as the client knows it.
    pub model: String,
    /// The number of the last event; `None` when none was written.
    pub sequence_number: Option<u64>,
    /// When it was made, in seconds since 1970.
    pub created_at: i64,
}

impl StreamOut {
    /// Begins a stream for a request.
    #[must_use]
    pub fn new(reply: Reply) -> Self {
        let id = response_id(&reply.id);
        Self {
            reply,
            frames: Frames::default(),
            stage: Stage::Before,
            id,
            usage: None,
            message: None,
            open: Open::Nothing,
            has_refusal: false,
            kept: 0,
            most: MOST_KEPT,
        }
    }

    /// Begins to write an answer that is there as a whole: what is kept of it has come already.
    pub(super) fn of_whole(reply: Reply) -> Self {
        Self { most: usize::MAX, ..Self::new(reply) }
    }

    /// Tells whether the answer is longer than what is kept of one. Nothing more of it is written, and no
    /// end.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.kept > self.most
    }

    /// Writes the next event. An error writes nothing and closes nothing: what was cut must not look
    /// whole.
    pub fn event(&mut self, event: &Event, losses: &mut Losses, out: &mut Vec<u8>) {
        self.kept = self.kept.saturating_add(length(event));
        if self.stage == Stage::Over || self.is_full() {
            self.stage = Stage::Over;
            return;
        }
        match event {
            Event::Start { id, model, usage } => {
                self.start(id.as_deref(), model.as_deref(), out);
                self.usage = *usage;
            }
            Event::PartStart { kind, .. } => {
                self.start(None, None, out);
                self.part(kind, losses, out);
            }
            Event::PartDelta { delta, .. } => self.delta(delta, out),
            Event::PartEnd { .. } => self.part_end(out),
            // Clients run whatever is done: of a call that was cut none is.
            Event::PartCut { .. } => self.open = Open::Nothing,
            Event::Usage(usage) => self.usage = Some(*usage),
            Event::Finish(finish) => {
                self.start(None, None, out);
                let ending = self.end(finish, losses, out);
                let mut frames = std::mem::take(&mut self.frames);
                let output = frames.take_output();
                let response = self.response(&ending, &output);
                let frame = Frame { response: Some(&response), ..Frame::default() };
                frames.write(ending.event, &frame, out);
                self.frames = frames;
                self.stage = Stage::Over;
            }
            Event::Error(_) => self.stage = Stage::Over,
        }
    }

    /// Writes that the answer goes on, when it has begun and is not over.
    pub fn keep_alive(&mut self, out: &mut Vec<u8>) {
        if self.stage == Stage::Within {
            self.write_shell("response.in_progress", out);
        }
    }

    /// Returns where the stream is.
    #[must_use]
    pub fn position(&self) -> Position {
        Position {
            id: self.id.clone(),
            model: self.reply.model.clone(),
            sequence_number: self.frames.last(),
            created_at: self.reply.created,
        }
    }

    /// Ends all that is open, and says how the answer ends.
    pub(super) fn end(
        &mut self,
        finish: &Finish,
        losses: &mut Losses,
        out: &mut Vec<u8>,
    ) -> Ending {
        self.part_end(out);
        self.end_message(out);
        let written = self.usage.is_some_and(|usage| usage.cache_writes() > 0);
        losses.push_if(written, Token::ApproxCacheWriteInPrompt, "");
        Ending::of(finish, self.has_refusal, losses)
    }

    /// Returns the items that have ended.
    pub(super) fn take_output(&mut self) -> Vec<Json> {
        self.frames.take_output()
    }

    /// Returns the response object at the end.
    pub(super) fn response<'a>(&'a self, ending: &Ending, output: &'a [Json]) -> ResponseOut<'a> {
        ResponseOut {
            status: ending.status,
            error: ending.error(),
            incomplete_details: ending.incomplete(),
            output,
            usage: Some(UsageOut::of(&self.usage.unwrap_or_default())),
            ..self.shell()
        }
    }

    fn shell(&self) -> ResponseOut<'_> {
        ResponseOut {
            id: &self.id,
            object: "response",
            created_at: self.reply.created,
            status: "in_progress",
            background: false,
            error: None,
            incomplete_details: None,
            instructions: None,
            max_output_tokens: None,
            model: &self.reply.model,
            output: &[],
            parallel_tool_calls: true,
            previous_response_id: None,
            store: false,
            temperature: None,
            tool_choice: "auto",
            tools: [],
            top_p: None,
            usage: None,
            metadata: Metadata {},
        }
    }

    fn write_shell(&mut self, kind: &str, out: &mut Vec<u8>) {
        let mut frames = std::mem::take(&mut self.frames);
        let response = self.shell();
        frames.write(kind, &Frame { response: Some(&response), ..Frame::default() }, out);
        self.frames = frames;
    }

    fn start(&mut self, id: Option<&str>, model: Option<&str>, out: &mut Vec<u8>) {
        if self.stage != Stage::Before {
            return;
        }
        self.stage = Stage::Within;
        if let Some(id) = id {
            self.id = response_id(id);
        }
        if let (true, Some(model)) = (self.reply.model.is_empty(), model) {
            model.clone_into(&mut self.reply.model);
        }
        self.frames.name(&self.id);
        self.write_shell("response.created", out);
        self.write_shell("response.in_progress", out);
    }

    fn part(&mut self, kind: &PartKind, losses: &mut Losses, out: &mut Vec<u8>) {
        self.part_end(out);
        if !matches!(kind, PartKind::Text | PartKind::Refusal) {
            self.end_message(out);
        }
        self.open = match kind {
            PartKind::Text => Open::Content(ContentOut::new(ContentKind::Text)),
            PartKind::Refusal => {
                self.has_refusal = true;
                Open::Content(ContentOut::new(ContentKind::Refusal))
            }
            PartKind::Thinking { redacted } => {
                Open::Thinking(ThinkingOut::new(*redacted, self.reply.show_thinking))
            }
            PartKind::Call { id, name, kind, namespace } => {
                let to = (&mut self.frames, out);
                let namespace = namespace.as_deref();
                Open::Call(CallOut::begin(id, name, *kind, namespace, &self.reply, to))
            }
            PartKind::Image(image) => self.image(image, out),
            PartKind::Server { family, raw, .. } => {
                server(*family, raw, &mut self.frames, losses, out);
                Open::Nothing
            }
        };
    }

    fn delta(&mut self, delta: &Delta, out: &mut Vec<u8>) {
        match &mut self.open {
            Open::Nothing => {}
            Open::Content(content) => {
                content.delta(delta, &mut self.message, &mut self.frames, out);
            }
            Open::Thinking(thinking) => thinking.delta(delta, &mut self.frames, out),
            Open::Call(call) => call.delta(delta, &mut self.frames, out),
        }
    }

    fn part_end(&mut self, out: &mut Vec<u8>) {
        let sealed = match std::mem::replace(&mut self.open, Open::Nothing) {
            Open::Nothing => None,
            Open::Content(content) => {
                let sealed = content.end(self.message.as_mut(), &mut self.frames, out);
                sealed.map(|seal| (seal, Slot::Text))
            }
            Open::Thinking(thinking) => {
                thinking.end(&mut self.frames, out);
                None
            }
            Open::Call(call) => call.end(&mut self.frames, out).map(|seal| (seal, Slot::Call)),
        };
        if let Some((on_it, slot)) = sealed {
            self.end_message(out);
            seal(&on_it, &slot, &mut self.frames, out);
        }
    }

    fn end_message(&mut self, out: &mut Vec<u8>) {
        if let Some(message) = self.message.take() {
            message.end(&mut self.frames, out);
        }
    }

    /// Writes a picture: its bytes as what a tool for pictures made, else its address as text.
    fn image(&mut self, image: &Image, out: &mut Vec<u8>) -> Open {
        match &image.source {
            Source::Base64 { mime, data } => {
                picture(mime, data, &mut self.frames, out);
                Open::Nothing
            }
            Source::Url { url, .. } => {
                let mut content = ContentOut::new(ContentKind::Text);
                let text = Delta::Text(format!("![image]({url})"));
                content.delta(&text, &mut self.message, &mut self.frames, out);
                Open::Content(content)
            }
            Source::File { .. } | Source::Inline(_) => Open::Nothing,
        }
    }
}

/// Returns how many bytes of an event are kept.
fn length(event: &Event) -> usize {
    match event {
        Event::PartStart { kind: PartKind::Call { id, name, .. }, .. } => id.len() + name.len(),
        Event::PartStart { kind: PartKind::Server { raw, .. }, .. } => raw.text().len(),
        Event::PartStart { kind: PartKind::Image(Image { source, .. }), .. } => match source {
            Source::Base64 { data, .. } => data.len(),
            Source::Url { url, .. } => url.len(),
            Source::File { .. } | Source::Inline(_) => 0,
        },
        Event::PartDelta { delta, .. } => sequence::length(delta),
        _ => 0,
    }
}

/// Returns an answer's id as this format has it.
fn response_id(id: &str) -> String {
    if id.starts_with("resp_") {
        return id.to_owned();
    }
    let kept = id.chars().filter(|char| char.is_ascii_alphanumeric() || "_-".contains(*char));
    format!("resp_{}", kept.collect::<String>())
}
