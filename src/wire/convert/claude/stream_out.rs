//! A stream for a client.

use super::block::Block;
use super::frame::{DeltaOut, ErrorOut, Frame, Shell, StopOut};
use super::object::Watched;
use super::usage::UsageOut;
use super::{finish, shown};
use crate::wire::convert::functions::args_of;
use crate::wire::convert::hub::{
    CallKind, Delta, Event, Family, Finish, HubUsage, Json, PartKind, Place, ServerTool,
};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::reply::Reply;
use crate::wire::convert::seal::carried;

/// Writes a stream for a client: one open block at a time, numbered as they are written.
#[derive(Debug)]
pub struct StreamOut {
    reply: Reply,
    started: bool,
    over: bool,
    /// Blocks that are written, the open one not counted.
    blocks: usize,
    part: Writing,
    usage: Option<HubUsage>,
}

/// The open part.
#[derive(Debug, Default)]
enum Writing {
    /// None, or one that this format has no place for.
    #[default]
    Nothing,
    /// Text; its block begins with the first letter.
    Text { begun: bool },
    /// Thinking; its block begins with what may be shown, or the seal.
    Thinking { begun: bool, redacted: bool },
    /// A call that has not begun yet: a seal behind its arguments goes before it.
    Held { block: Block, custom: bool, args: String },
    /// A call that takes plain text.
    CustomCall,
    /// A call, and what its arguments are.
    Call(Box<Watched>),
}

impl StreamOut {
    /// Makes a writer of one stream.
    #[must_use]
    pub fn new(reply: Reply) -> Self {
        let part = Writing::Nothing;
        Self { reply, started: false, over: false, blocks: 0, part, usage: None }
    }

    /// Writes what happens. An error writes nothing and closes nothing: whoever relays the stream ends it
    /// with an error of its own, and a call that was cut must not look whole.
    pub fn event(&mut self, event: &Event, losses: &mut Losses, out: &mut Vec<u8>) {
        if self.over {
            return;
        }
        match event {
            Event::Start { id, model, usage } => {
                self.usage = *usage;
                self.start(id.as_deref(), model.as_deref(), losses, out);
            }
            Event::PartStart { kind, .. } => self.part_start(kind, losses, out),
            Event::PartDelta { delta, .. } => self.part_delta(delta, losses, out),
            Event::PartEnd { .. } => self.part_end(losses, out),
            Event::PartCut { .. } => self.cut(out),
            Event::Usage(usage) => self.usage = Some(*usage),
            Event::Finish(finish) => self.finish(finish, losses, out),
            Event::Error(_) => self.over = true,
        }
    }

    /// Writes that the answer still comes.
    pub fn keep_alive(&mut self, out: &mut Vec<u8>) {
        if self.started && !self.over {
            Frame::Ping {}.write(out);
        }
    }

    fn start(
        &mut self,
        id: Option<&str>,
        model: Option<&str>,
        losses: &mut Losses,
        out: &mut Vec<u8>,
    ) {
        if self.started {
            return;
        }
        self.started = true;
        let message = Shell {
            id: shown::message_id(id, &self.reply),
            kind: "message",
            role: "assistant",
            model: shown::model(model, &self.reply),
            content: Vec::new(),
            stop_reason: None,
            stop_sequence: None,
            usage: UsageOut::of(self.usage, losses),
        };
        Frame::MessageStart { message }.write(out);
    }

    fn part_start(&mut self, kind: &PartKind, losses: &mut Losses, out: &mut Vec<u8>) {
        self.start(None, None, losses, out);
        self.part_end(losses, out);
        self.part = match kind {
            PartKind::Text => Writing::Text { begun: false },
            PartKind::Refusal => {
                losses.push(Token::ApproxRefusalAsText, "");
                Writing::Text { begun: false }
            }
            PartKind::Thinking { redacted } => {
                Writing::Thinking { begun: false, redacted: *redacted }
            }
            PartKind::Call { id, name, kind, namespace } => Writing::Held {
                block: Block::ToolUse {
                    id: shown::call_id(id, &self.reply),
                    name: shown::tool_name(namespace.as_deref(), name, &self.reply),
                    input: Json::empty_object(),
                    cache_control: None,
                },
                custom: *kind == CallKind::Custom,
                args: String::new(),
            },
            PartKind::Image(_) => {
                losses.push(Token::DropModalities, "");
                self.begin(&Block::text(""), out);
                self.delta(DeltaOut::Text { text: shown::PICTURE }, out);
                self.end(out);
                Writing::Nothing
            }
            PartKind::Server { family, kind, raw } => {
                let (kind, raw) = (kind.clone(), raw.clone());
                let server = ServerTool { family: *family, kind, raw, at: Place::default() };
                if let Some(block) = shown::server(&server, losses) {
                    self.begin(&block, out);
                    self.end(out);
                }
                Writing::Nothing
            }
        };
    }

    fn part_delta(&mut self, delta: &Delta, losses: &mut Losses, out: &mut Vec<u8>) {
        match std::mem::take(&mut self.part) {
            Writing::Nothing => {}
            Writing::Text { begun } => {
                // Text has no place for hidden state.
                losses.push_if(matches!(delta, Delta::Seal(_)), Token::DropThinkingSealed, "");
                let foreign = matches!(delta, Delta::Citation(citation) if citation.family != Family::Anthropic);
                losses.push_if(foreign, Token::DropCitations, "");
                self.text(begun, delta, out);
            }
            Writing::Thinking { begun, redacted } => self.thinking(begun, redacted, delta, out),
            Writing::Held { block, custom, args } => self.held(block, custom, args, delta, out),
            call @ (Writing::CustomCall | Writing::Call(_)) => {
                self.part = call;
                match delta {
                    Delta::Args(args) => self.args(args, out),
                    // What carries it would have to stand before the call.
                    Delta::Seal(_) => losses.push(Token::DropThinkingSealed, ""),
                    Delta::Text(_) | Delta::Citation(_) => {}
                }
            }
        }
    }

    fn text(&mut self, mut begun: bool, delta: &Delta, out: &mut Vec<u8>) {
        let delta = match delta {
            Delta::Text(text) if !text.is_empty() => Some(DeltaOut::Text { text }),
            Delta::Citation(citation) if citation.family == Family::Anthropic => {
                Some(DeltaOut::Citations { citation: &citation.raw })
            }
            _ => None,
        };
        if let Some(delta) = delta {
            if !begun {
                self.begin(&Block::text(""), out);
                begun = true;
            }
            self.delta(delta, out);
        }
        self.part = Writing::Text { begun };
    }

    fn thinking(&mut self, mut begun: bool, redacted: bool, delta: &Delta, out: &mut Vec<u8>) {
        match delta {
            Delta::Seal(seal) if redacted => {
                self.begin(&Block::RedactedThinking { data: carried(seal).into_owned() }, out);
                begun = true;
            }
            Delta::Seal(seal) => {
                begun = self.begin_thinking(begun, out);
                self.delta(DeltaOut::Signature { signature: &carried(seal) }, out);
            }
            Delta::Text(text) if self.reply.show_thinking && !redacted && !text.is_empty() => {
                begun = self.begin_thinking(begun, out);
                self.delta(DeltaOut::Thinking { thinking: text }, out);
            }
            _ => {}
        }
        self.part = Writing::Thinking { begun, redacted };
    }

    fn begin_thinking(&mut self, begun: bool, out: &mut Vec<u8>) -> bool {
        if !begun {
            let (thinking, signature) = (String::new(), String::new());
            self.begin(&Block::Thinking { thinking, signature }, out);
        }
        true
    }

    fn held(&mut self, block: Block, custom: bool, args: String, delta: &Delta, out: &mut Vec<u8>) {
        match delta {
            Delta::Args(first) if args.is_empty() => {
                self.part = Writing::Held { block, custom, args: first.clone() };
            }
            Delta::Args(more) => {
                self.begin_call(&block, custom, &args, out);
                self.args(more, out);
            }
            Delta::Seal(seal) => {
                let (thinking, signature) = (String::new(), String::new());
                self.begin(&Block::Thinking { thinking, signature }, out);
                self.delta(DeltaOut::Signature { signature: &carried(seal) }, out);
                self.end(out);
                self.begin_call(&block, custom, &args, out);
            }
            Delta::Text(_) | Delta::Citation(_) => {
                self.part = Writing::Held { block, custom, args };
            }
        }
    }

    /// Begins a call. The arguments of one that takes plain text are a JSON string in the making.
    fn begin_call(&mut self, block: &Block, custom: bool, args: &str, out: &mut Vec<u8>) {
        self.begin(block, out);
        if custom {
            self.delta(DeltaOut::InputJson { partial_json: "{\"input\":\"" }, out);
        }
        self.part =
            if custom { Writing::CustomCall } else { Writing::Call(Box::new(Watched::new())) };
        self.args(args, out);
    }

    fn args(&mut self, args: &str, out: &mut Vec<u8>) {
        if args.is_empty() {
            return;
        }
        if let Writing::Call(watched) = &mut self.part {
            watched.push(args);
            self.delta(DeltaOut::InputJson { partial_json: args }, out);
            return;
        }
        let quoted = serde_json::to_string(args).unwrap_or_default();
        let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
        self.delta(DeltaOut::InputJson { partial_json: inner }, out);
    }

    fn part_end(&mut self, losses: &mut Losses, out: &mut Vec<u8>) {
        match std::mem::take(&mut self.part) {
            Writing::Text { begun: true } | Writing::Thinking { begun: true, .. } => self.end(out),
            Writing::Held { block, custom, args } => {
                // What came whole can still be made an object, as in whole answers.
                let args = if custom || args.trim().is_empty() {
                    args
                } else {
                    args_of(CallKind::Function, &args, losses, "").text().to_owned()
                };
                self.begin_call(&block, custom, &args, out);
                self.part_end(losses, out);
            }
            Writing::CustomCall => {
                self.delta(DeltaOut::InputJson { partial_json: "\"}" }, out);
                self.end(out);
            }
            Writing::Call(mut watched) => {
                losses.push_if(!watched.is_object(), Token::ApproxArgsRaw, "");
                self.end(out);
            }
            Writing::Nothing | Writing::Text { .. } | Writing::Thinking { .. } => {}
        }
    }

    /// Ends a call that was cut off, and completes nothing; one that has not begun is left out.
    fn cut(&mut self, out: &mut Vec<u8>) {
        if let Writing::CustomCall | Writing::Call(_) = std::mem::take(&mut self.part) {
            self.end(out);
        }
    }

    fn finish(&mut self, finish: &Finish, losses: &mut Losses, out: &mut Vec<u8>) {
        self.start(None, None, losses, out);
        self.part_end(losses, out);
        self.over = true;
        let Some(stop) = finish::write(finish, losses) else {
            Frame::Error { error: ErrorOut::BAD_TOOL_CALL }.write(out);
            return;
        };
        let delta = StopOut { stop_reason: stop.reason, stop_sequence: stop.sequence };
        Frame::MessageDelta { delta, usage: UsageOut::of(self.usage, losses) }.write(out);
        Frame::MessageStop {}.write(out);
    }

    fn begin(&self, content_block: &Block, out: &mut Vec<u8>) {
        Frame::ContentBlockStart { index: self.blocks, content_block }.write(out);
    }

    fn delta(&self, delta: DeltaOut<'_>, out: &mut Vec<u8>) {
        if let DeltaOut::Text { text } = delta {
            Frame::write_text(self.blocks, text, out);
            return;
        }
        Frame::ContentBlockDelta { index: self.blocks, delta }.write(out);
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        Frame::ContentBlockStop { index: self.blocks }.write(out);
        self.blocks = self.blocks.saturating_add(1);
    }
}
