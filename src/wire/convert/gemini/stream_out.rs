//! Events into the bytes for a client: one chunk a frame, or the elements of one list for clients that
//! did not ask for `alt=sse`. A call goes out whole; the last chunk has the end and the tokens.

use super::super::hub::{
    Call, CallKind, Citation, Delta, Event, HubUsage, PartKind, Place, ServerTool, write_line,
    write_text,
};
use super::super::loss::{Losses, Token};
use super::super::reply::Reply;
use super::answer_out::{call, image, server};
use super::chunk_out::{ChunkOut, EndOut, is_lost};
use super::finish;
use super::part_out::{PartOut, Piece};
use super::seal::shown;
use super::usage::UsageOut;

/// Arguments of one call, at most.
const MOST_ARGS: usize = 16 << 20;

/// Writes a stream.
#[derive(Debug)]
pub struct StreamOut {
    reply: Reply,
    id: String,
    model: String,
    framing: Framing,
    open: Option<OpenPart>,
    citations: Vec<Citation>,
    usage: Option<HubUsage>,
    over: bool,
    /// A call was longer than is kept.
    full: bool,
}

/// How chunks are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Sse,
    /// A list; something was written to it or not.
    List {
        begun: bool,
    },
}

impl Framing {
    /// Returns what stands before a chunk.
    const fn before(self) -> &'static [u8] {
        match self {
            Self::Sse => b"data: ",
            Self::List { begun: false } => b"[",
            Self::List { begun: true } => b"\n,\n",
        }
    }

    /// Writes what stands behind it.
    fn end(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::Sse => out.extend_from_slice(b"\n\n"),
            Self::List { begun } => *begun = true,
        }
    }
}

#[derive(Debug)]
enum OpenPart {
    Text,
    Thinking,
    Call(Box<Call>),
    Whole,
}

impl StreamOut {
    /// Makes a writer of frames.
    #[must_use]
    pub fn new(reply: Reply) -> Self {
        Self::framed(reply, Framing::Sse)
    }

    /// Makes a writer of a list, for clients that did not ask for `alt=sse`.
    #[must_use]
    pub fn list(reply: Reply) -> Self {
        Self::framed(reply, Framing::List { begun: false })
    }

    fn framed(reply: Reply, framing: Framing) -> Self {
        let (id, model) = (reply.id.clone(), reply.model.clone());
        let (open, citations, usage, over, full) = (None, Vec::new(), None, false, false);
        Self { reply, id, model, framing, open, citations, usage, over, full }
    }

    /// Tells whether a call has become longer than what is kept of one. No end is written then: what is
    /// cut must not look whole.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.full
    }

    /// Writes what an event means to the client.
    pub fn event(&mut self, event: &Event, losses: &mut Losses, out: &mut Vec<u8>) {
        if self.over {
            return;
        }
        match event {
            Event::Start { id, model, usage } => self.start(id.as_ref(), model.as_ref(), *usage),
            Event::PartStart { kind, .. } => self.part_start(kind, losses, out),
            Event::PartDelta { delta, .. } => self.delta(delta, out),
            Event::PartEnd { .. } => self.part_end(losses, out),
            Event::PartCut { .. } => self.open = None,
            Event::Usage(usage) => self.usage = Some(*usage),
            Event::Finish(finish) => {
                self.over = true;
                losses.push_if(self.citations.iter().any(is_lost), Token::DropCitations, "");
                let end = EndOut {
                    reason: finish::reason(finish, losses),
                    usage: self.usage.map(|usage| UsageOut::of(&usage, losses)),
                    citations: std::mem::take(&mut self.citations),
                };
                self.write(vec![PartOut::text("", None).into()], Some(end), out);
                if self.framing != Framing::Sse {
                    out.extend_from_slice(b"\n]\n");
                }
            }
            // Whoever knows the client ends the stream; a call that is open must never look whole.
            Event::Error(_) => self.over = true,
        }
    }

    /// Keeps nothing alive: Google's parsers stall on whatever is no chunk.
    pub fn keep_alive(&mut self, _out: &mut Vec<u8>) {}

    fn start(&mut self, id: Option<&String>, model: Option<&String>, usage: Option<HubUsage>) {
        if let Some(id) = id.filter(|id| !id.is_empty()) {
            self.id.clone_from(id);
        }
        if let (true, Some(model)) = (self.model.is_empty(), model) {
            self.model.clone_from(model);
        }
        self.usage = usage;
    }

    fn part_start(&mut self, kind: &PartKind, losses: &mut Losses, out: &mut Vec<u8>) {
        let whole = match kind {
            PartKind::Text => {
                self.open = Some(OpenPart::Text);
                return;
            }
            PartKind::Refusal => {
                losses.push(Token::ApproxRefusalAsText, "");
                self.open = Some(OpenPart::Text);
                return;
            }
            PartKind::Thinking { .. } => {
                self.open = Some(OpenPart::Thinking);
                return;
            }
            PartKind::Call { id, name, kind, namespace } => {
                self.open =
                    Some(OpenPart::Call(Box::new(new_call(id, name, *kind, namespace.as_ref()))));
                return;
            }
            PartKind::Image(found) => Some(image(found.clone(), losses)),
            PartKind::Server { family, kind, raw } => server(
                &ServerTool {
                    family: *family,
                    kind: kind.clone(),
                    raw: raw.clone(),
                    at: Place::default(),
                },
                losses,
            ),
        };
        self.open = Some(OpenPart::Whole);
        if let Some(piece) = whole {
            self.write(vec![piece], None, out);
        }
    }

    fn delta(&mut self, delta: &Delta, out: &mut Vec<u8>) {
        let shows = self.reply.show_thinking;
        let piece = match (&mut self.open, delta) {
            (Some(OpenPart::Text), Delta::Text(text)) if !text.is_empty() => {
                self.write_text(text, out);
                return;
            }
            (Some(OpenPart::Text), Delta::Seal(seal)) => match shown(seal) {
                Some(blob) => PartOut::text("", Some(blob)),
                None => return,
            },
            (Some(OpenPart::Text), Delta::Citation(citation)) => {
                self.citations.push(citation.clone());
                return;
            }
            (Some(OpenPart::Thinking), Delta::Text(text)) if shows && !text.is_empty() => {
                PartOut::thought(text.clone(), None)
            }
            (Some(OpenPart::Thinking), Delta::Seal(seal)) if shows => match shown(seal) {
                Some(blob) => PartOut::thought("", Some(blob)),
                None => return,
            },
            (Some(OpenPart::Call(call)), Delta::Args(args)) => {
                call.args.push_str(args);
                self.full = call.args.len() > MOST_ARGS;
                self.over = self.full;
                return;
            }
            (Some(OpenPart::Call(call)), Delta::Seal(seal)) => {
                call.seal = Some(seal.clone());
                return;
            }
            _ => return,
        };
        self.write(vec![piece.into()], None, out);
    }

    fn part_end(&mut self, losses: &mut Losses, out: &mut Vec<u8>) {
        if let Some(OpenPart::Call(open)) = self.open.take() {
            self.write(vec![call(&open, &self.reply, losses)], None, out);
        }
    }

    /// Writes text alone: nearly all chunks are of it.
    fn write_text(&mut self, text: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(self.framing.before());
        out.extend_from_slice(
            b"{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":",
        );
        write_text(text, out);
        out.extend_from_slice(b"}]},\"index\":0}],\"modelVersion\":");
        write_text(&self.model, out);
        out.extend_from_slice(b",\"responseId\":");
        write_text(&self.id, out);
        out.push(b'}');
        self.framing.end(out);
    }

    fn write(&mut self, parts: Vec<Piece>, end: Option<EndOut>, out: &mut Vec<u8>) {
        let chunk = ChunkOut::new(&self.model, &self.id, parts, end);
        out.extend_from_slice(self.framing.before());
        write_line(&chunk, out);
        self.framing.end(out);
    }
}

fn new_call(id: &str, name: &str, kind: CallKind, namespace: Option<&String>) -> Call {
    Call {
        id: id.to_owned(),
        name: name.to_owned(),
        args: String::new(),
        kind,
        namespace: namespace.cloned(),
        seal: None,
        cache: None,
        at: Place::default(),
    }
}
