//! Events in sequence into the bytes for a client.

use serde::Serialize;

use super::citations;
use super::details;
use super::finish::{self, Seen};
use super::said_out::{CallOut, ImageOut, Known, Said};
use super::trouble::BAD_CALL;
use super::usage::UsageOut;
use crate::wire::convert::hub::{Delta, Event, Finish, HubUsage, PartKind, write_line, write_text};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::reply::Reply;

/// Writes a stream.
#[derive(Debug)]
pub struct StreamOut {
    reply: Reply,
    /// What each chunk begins with.
    head: Vec<u8>,
    started: bool,
    over: bool,
    open: Open,
    /// Calls so far: clients number calls, not parts.
    calls: usize,
    seen: Seen,
    usage: Option<HubUsage>,
    /// Characters of text so far, for its sources.
    written: usize,
}

/// The part that is open.
#[derive(Debug)]
enum Open {
    /// None, or one that has no place here.
    Nothing,
    Text {
        from: usize,
    },
    Thinking,
    Refusal,
    Call {
        index: usize,
        custom: bool,
        any: bool,
    },
    /// A call of a tool that takes text: it waits until its arguments, bounded where they were read, are
    /// whole.
    Held {
        index: usize,
        known: Known,
        args: String,
    },
}

/// What all chunks of an answer have; it is printed once.
#[derive(Serialize)]
struct Head<'a> {
    id: &'a str,
    object: &'static str,
    created: i64,
    model: &'a str,
}

impl StreamOut {
    /// Makes a writer for one stream.
    #[must_use]
    pub fn new(reply: Reply) -> Self {
        Self {
            reply,
            head: Vec::new(),
            started: false,
            over: false,
            open: Open::Nothing,
            calls: 0,
            seen: Seen::default(),
            usage: None,
            written: 0,
        }
    }

    /// Takes the next event: one part is open at a time. An error is for the caller to write, and closes
    /// nothing: a call that was cut must not look whole.
    pub fn event(&mut self, event: &Event, losses: &mut Losses, out: &mut Vec<u8>) {
        if self.over {
            return;
        }
        match event {
            Event::Start { id, model, usage } => {
                self.start(id.as_deref(), model.as_deref(), *usage, out);
            }
            Event::PartStart { kind, .. } => self.part(kind, losses, out),
            Event::PartDelta { delta, .. } => self.delta(delta, losses, out),
            Event::PartEnd { .. } => self.end(out),
            // It is given no arguments that it never had.
            Event::PartCut { .. } => self.open = Open::Nothing,
            Event::Usage(usage) => self.usage = Some(*usage),
            Event::Finish(finish) => self.finish(finish, losses, out),
            Event::Error(_) => self.over = true,
        }
    }

    /// Writes a comment, so that nobody on the way takes the connection for dead. Nothing comes before the
    /// start.
    pub fn keep_alive(&mut self, out: &mut Vec<u8>) {
        if self.started && !self.over {
            out.extend_from_slice(b": ka\n\n");
        }
    }

    fn start(
        &mut self,
        id: Option<&str>,
        model: Option<&str>,
        usage: Option<HubUsage>,
        out: &mut Vec<u8>,
    ) {
        if self.started {
            return;
        }
        self.started = true;
        self.usage = usage;
        let id = id.map_or_else(|| format!("chatcmpl-{}", self.reply.id), str::to_owned);
        if self.reply.model.is_empty() {
            model.unwrap_or_default().clone_into(&mut self.reply.model);
        }
        self.begin_chunks(&id);
        self.say(&Said { role: Some("assistant"), content: Some(""), ..Said::default() }, out);
    }

    fn part(&mut self, kind: &PartKind, losses: &mut Losses, out: &mut Vec<u8>) {
        self.open = match kind {
            PartKind::Text => Open::Text { from: self.written },
            PartKind::Thinking { .. } => Open::Thinking,
            PartKind::Refusal => {
                self.seen.refusal = true;
                Open::Refusal
            }
            PartKind::Call { id, name, kind, .. } => {
                let known = Known::of(name, *kind, &self.reply.names);
                self.call(id, known, out)
            }
            PartKind::Image(image) => {
                if let Some(image) = ImageOut::of(image, losses) {
                    self.say(&Said { images: vec![image], ..Said::default() }, out);
                }
                Open::Nothing
            }
            PartKind::Server { .. } => {
                losses.push(Token::DropHostedTool, "");
                Open::Nothing
            }
        };
    }

    fn call(&mut self, id: &str, known: Known, out: &mut Vec<u8>) -> Open {
        let index = self.calls;
        self.calls += 1;
        self.seen.call = true;
        let id = self.reply.names.call_of(id).to_owned();
        let call = CallOut::of(known.custom, Some(&known.name), "").typed();
        self.piece(CallOut { id: Some(&id), ..call }, index, out);
        if known.unwrap {
            return Open::Held { index, known, args: String::new() };
        }
        Open::Call { index, custom: known.custom, any: false }
    }

    fn delta(&mut self, delta: &Delta, losses: &mut Losses, out: &mut Vec<u8>) {
        match (&mut self.open, delta) {
            (Open::Text { .. }, Delta::Text(text)) => {
                self.written += text.chars().count();
                self.text(text, out);
            }
            (Open::Text { from }, Delta::Citation(citation)) => {
                let annotation = citations::write(citation, *from, self.written);
                let annotations: Vec<_> = annotation.into_iter().collect();
                if !annotations.is_empty() {
                    self.say(&Said { annotations, ..Said::default() }, out);
                }
            }
            (Open::Thinking, Delta::Text(text)) if self.reply.show_thinking => {
                self.say(&Said { reasoning_content: Some(text), ..Said::default() }, out);
            }
            (Open::Thinking, Delta::Seal(seal)) if self.reply.show_thinking => {
                let reasoning_details = details::of_seal(seal);
                if reasoning_details.is_none() {
                    losses.push(Token::DropThinkingSealed, "");
                    return;
                }
                self.say(&Said { reasoning_details, ..Said::default() }, out);
            }
            (Open::Thinking, _) => {}
            (Open::Refusal, Delta::Text(text)) => {
                self.say(&Said { refusal: Some(text), ..Said::default() }, out);
            }
            (Open::Call { index, custom, any }, Delta::Args(args)) => {
                *any |= !args.is_empty();
                let (index, call) = (*index, CallOut::of(*custom, None, args));
                self.piece(call, index, out);
            }
            (Open::Held { args, .. }, Delta::Args(more)) => args.push_str(more),
            (Open::Call { index, custom, .. }, Delta::Seal(seal)) => {
                let (index, call) = (*index, CallOut::of(*custom, None, "").sealed(Some(seal)));
                if call.extra_content.is_some() {
                    self.piece(call, index, out);
                } else {
                    losses.push(Token::DropThinkingSealed, "");
                }
            }
            (_, Delta::Seal(_)) => losses.push(Token::DropThinkingSealed, ""),
            _ => {}
        }
    }

    /// Ends the open part: there is no word for it here, but a call without arguments is given some.
    fn end(&mut self, out: &mut Vec<u8>) {
        match std::mem::replace(&mut self.open, Open::Nothing) {
            Open::Call { index, custom: false, any: false } => {
                self.piece(CallOut::of(false, None, "{}"), index, out);
            }
            Open::Held { index, known, args } => {
                let args = known.args(&args);
                self.piece(CallOut::of(true, None, &args), index, out);
            }
            _ => {}
        }
    }

    fn finish(&mut self, finish: &Finish, losses: &mut Losses, out: &mut Vec<u8>) {
        self.over = true;
        if self.head.is_empty() {
            self.begin_chunks("");
        }
        let Some(reason) = finish::write(finish, self.seen, losses) else {
            frame(&BAD_CALL, out);
            return;
        };
        self.chunk(&Said::default(), Some(reason), out);
        if let Some(usage) = self.usage.filter(|_| self.reply.want_usage) {
            out.extend_from_slice(b"data: ");
            out.extend_from_slice(&self.head);
            out.extend_from_slice(b",\"choices\":[],\"usage\":");
            write_line(&UsageOut::of(&usage, losses), out);
            out.extend_from_slice(b"}\n\n");
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }

    fn piece(&self, call: CallOut<'_>, index: usize, out: &mut Vec<u8>) {
        let call = CallOut { index: Some(index), ..call };
        self.say(&Said { tool_calls: vec![call], ..Said::default() }, out);
    }

    /// Writes what nearly all chunks are.
    fn text(&self, text: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(&self.head);
        out.extend_from_slice(b",\"choices\":[{\"index\":0,\"delta\":{\"content\":");
        write_text(text, out);
        out.extend_from_slice(b"},\"finish_reason\":null}]}\n\n");
    }

    fn say(&self, said: &Said<'_>, out: &mut Vec<u8>) {
        self.chunk(said, None, out);
    }

    fn begin_chunks(&mut self, id: &str) {
        let (created, model) = (self.reply.created, self.reply.model.as_str());
        let head = Head { id, object: "chat.completion.chunk", created, model };
        self.head.clear();
        write_line(&head, &mut self.head);
        // Its brace stays open.
        self.head.pop();
    }

    fn chunk(&self, delta: &Said<'_>, finish_reason: Option<&'static str>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(&self.head);
        out.extend_from_slice(b",\"choices\":[{\"index\":0,\"delta\":");
        write_line(delta, out);
        out.extend_from_slice(b",\"finish_reason\":");
        write_line(&finish_reason, out);
        out.extend_from_slice(b"}]}\n\n");
    }
}

fn frame<T: Serialize>(value: &T, out: &mut Vec<u8>) {
    out.extend_from_slice(b"data: ");
    write_line(value, out);
    out.extend_from_slice(b"\n\n");
}
