//! The codecs by the names of their formats: whoever converts asks here, and knows no format.

use switchyard_actors::domain::dialect::Dialect;

use super::fold::unfold;
use super::gemini_cli::{self, Account, Unwrapped};
use super::hub::{Answer, Event, Request};
use super::loss::{Losses, Token};
use super::names::Names;
use super::reply::Reply;
use super::target::Target;
use super::{Broken, Refused, claude, gemini, openai_chat, responses};

/// A client's request, as it came.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The body.
    pub body: &'a [u8],
    /// The model of the path, for formats that have it there; else empty.
    pub model: &'a str,
    /// Whether the path asks for a stream, for formats that say it there.
    pub stream: bool,
}

/// Reads a request of a format.
///
/// # Errors
/// It is none, or asks for what cannot be converted.
pub fn decode_request(
    dialect: Dialect,
    asked: Asked<'_>,
    losses: &mut Losses,
) -> Result<Request, Refused> {
    let Asked { body, model, stream } = asked;
    match dialect {
        Dialect::Anthropic => claude::decode_request(body, losses),
        Dialect::OpenaiChat => openai_chat::decode_request(body, losses),
        Dialect::Responses => responses::decode_request(body, losses),
        Dialect::Gemini => gemini::decode_request(body, model, stream, losses),
        Dialect::GeminiCli => {
            let Unwrapped { model: inner, body } = gemini_cli::unwrap_request(body, losses)?;
            let model = if inner.is_empty() { model } else { &inner };
            let mut inside = Losses::default();
            let read = gemini::decode_request(&body, model, stream, &mut inside);
            losses.extend(inside.within(gemini_cli::REQUEST));
            let mut request = read?;
            request.within(gemini_cli::REQUEST);
            Ok(request)
        }
    }
}

/// Writes a request for a provider. The account is that of the Gemini CLI's backend.
///
/// # Errors
/// It asks for what the format cannot say.
pub fn encode_request(
    dialect: Dialect,
    request: &Request,
    (target, account): (&Target, Account<'_>),
    names: &mut Names,
    losses: &mut Losses,
) -> Result<Vec<u8>, Refused> {
    let target: &Target = &target.settled(dialect, request);
    let written = match dialect {
        Dialect::Anthropic => claude::encode_request(request, target, names, losses),
        Dialect::OpenaiChat => openai_chat::encode_request(request, target, names, losses),
        Dialect::Responses => responses::encode_request(request, target, names, losses),
        Dialect::Gemini => gemini::encode_request(request, target, names, losses),
        Dialect::GeminiCli => {
            let body = gemini::encode_request(request, target, names, losses);
            body.and_then(|body| gemini_cli::wrap_request(&body, &request.model, account))
        }
    };
    losses.settle(&request.places);
    written
}

/// Reads a whole answer of a provider; no two calls in it have one id, and none is one in which it was cut.
///
/// # Errors
/// It is none.
pub fn decode_answer(dialect: Dialect, body: &[u8]) -> Result<Answer, Broken> {
    match dialect {
        Dialect::Anthropic => claude::decode_answer(body),
        Dialect::OpenaiChat => openai_chat::decode_answer(body),
        Dialect::Responses => responses::decode_answer(body),
        Dialect::Gemini => gemini::decode_answer(body),
        Dialect::GeminiCli => {
            gemini::decode_answer(gemini_cli::unwrap_answer(text_of(body)?)?.as_bytes())
        }
    }
}

/// Returns a body as text.
///
/// # Errors
/// It is none.
pub(super) fn text_of(body: &[u8]) -> Result<&str, Broken> {
    std::str::from_utf8(body).map_err(|_| Broken("what came is no text".to_owned()))
}

/// Writes a whole answer for a client.
#[must_use]
pub fn encode_answer(
    dialect: Dialect,
    answer: &Answer,
    reply: &Reply,
    losses: &mut Losses,
) -> Vec<u8> {
    losses.push_if(answer.lacks_call, Token::DropCallCut, "");
    match dialect {
        Dialect::Anthropic => claude::encode_answer(answer, reply, losses),
        Dialect::OpenaiChat => openai_chat::encode_answer(answer, reply, losses),
        Dialect::Responses => responses::encode_answer(answer, reply, losses),
        Dialect::Gemini => gemini::encode_answer(answer, reply, losses),
        Dialect::GeminiCli => {
            let mut out = Vec::new();
            gemini_cli::wrap_answer(&gemini::encode_answer(answer, reply, losses), &mut out);
            out
        }
    }
}

/// Writes a whole answer as the stream that it would have been. `None` when it is longer than what the writer
/// keeps of one.
#[must_use]
pub fn encode_stream(mut to: StreamOut, answer: &Answer, losses: &mut Losses) -> Option<Vec<u8>> {
    losses.push_if(answer.lacks_call, Token::DropCallCut, "");
    let mut out = Vec::new();
    for event in unfold(answer) {
        to.event(&event, losses, &mut out);
    }
    (!to.is_full()).then_some(out)
}

/// Reads a provider's stream, frame by frame.
#[derive(Debug)]
pub enum StreamIn {
    /// Anthropic Messages.
    Anthropic(claude::StreamIn),
    /// Chat completions.
    Chat(openai_chat::StreamIn),
    /// Responses.
    Responses(responses::StreamIn),
    /// Gemini.
    Gemini(gemini::StreamIn),
    /// Gemini in the CLI's envelope.
    GeminiCli(gemini::StreamIn),
}

impl StreamIn {
    /// Begins to read a stream of a format.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Anthropic => Self::Anthropic(claude::StreamIn::new()),
            Dialect::OpenaiChat => Self::Chat(openai_chat::StreamIn::new()),
            Dialect::Responses => Self::Responses(responses::StreamIn::new()),
            Dialect::Gemini => Self::Gemini(gemini::StreamIn::new()),
            Dialect::GeminiCli => Self::GeminiCli(gemini::StreamIn::new()),
        }
    }

    /// Begins to read a stream of a format as a relay must: vendors of chat who end good answers by
    /// `[DONE]` without a reason are understood.
    #[must_use]
    pub fn lenient(dialect: Dialect) -> Self {
        match dialect {
            Dialect::OpenaiChat => Self::Chat(openai_chat::StreamIn::lenient()),
            other => Self::new(other),
        }
    }

    /// Tells whether the end was inferred (`approx.terminal_inferred`).
    #[must_use]
    pub const fn inferred(&self) -> bool {
        match self {
            Self::Chat(stream) => stream.inferred(),
            _ => false,
        }
    }

    /// Tells whether a chunk of Gemini's came that may be the last; others have an end of their own.
    #[must_use]
    pub const fn may_end(&self) -> bool {
        match self {
            Self::Gemini(stream) | Self::GeminiCli(stream) => stream.may_end(),
            _ => false,
        }
    }

    /// Reads a frame: its event's name, empty for none, and its data.
    ///
    /// # Errors
    /// It is not what the format sends.
    pub fn frame(&mut self, event: &str, data: &str, out: &mut Vec<Event>) -> Result<(), Broken> {
        match self {
            Self::Anthropic(stream) => stream.frame(event, data, out),
            Self::Chat(stream) => stream.frame(event, data, out),
            Self::Responses(stream) => stream.frame(event, data, out),
            Self::Gemini(stream) => stream.frame(event, data, out),
            // What is no chunk has no envelope either.
            Self::GeminiCli(stream) if matches!(data.trim(), "" | "[DONE]") => {
                stream.frame(event, data.trim(), out)
            }
            Self::GeminiCli(stream) => stream.frame(event, &gemini_cli::unwrap_answer(data)?, out),
        }
    }

    /// Says that nothing more comes: without the format's own end that is an error.
    pub fn end(&mut self, out: &mut Vec<Event>) {
        match self {
            Self::Anthropic(stream) => stream.end(out),
            Self::Chat(stream) => stream.end(out),
            Self::Responses(stream) => stream.end(out),
            Self::Gemini(stream) | Self::GeminiCli(stream) => stream.end(out),
        }
    }
}

/// Writes a stream for a client.
#[derive(Debug)]
pub enum StreamOut {
    /// Anthropic Messages.
    Anthropic(claude::StreamOut),
    /// Chat completions.
    Chat(Box<openai_chat::StreamOut>),
    /// Responses.
    Responses(Box<responses::StreamOut>),
    /// Gemini.
    Gemini(gemini::StreamOut),
    /// Gemini in the CLI's envelope.
    GeminiCli(gemini::StreamOut),
}

impl StreamOut {
    /// Begins to write a stream of a format.
    #[must_use]
    pub fn new(dialect: Dialect, reply: Reply) -> Self {
        match dialect {
            Dialect::Anthropic => Self::Anthropic(claude::StreamOut::new(reply)),
            Dialect::OpenaiChat => Self::Chat(Box::new(openai_chat::StreamOut::new(reply))),
            Dialect::Responses => Self::Responses(Box::new(responses::StreamOut::new(reply))),
            Dialect::Gemini => Self::Gemini(gemini::StreamOut::new(reply)),
            Dialect::GeminiCli => Self::GeminiCli(gemini::StreamOut::new(reply)),
        }
    }

    /// Begins to write a Gemini answer as a growing list, for clients that did not ask for `alt=sse`.
    #[must_use]
    pub fn list(dialect: Dialect, reply: Reply) -> Self {
        let list = gemini::StreamOut::list(reply);
        if dialect == Dialect::GeminiCli { Self::GeminiCli(list) } else { Self::Gemini(list) }
    }

    /// Writes an event; an error writes nothing.
    pub fn event(&mut self, event: &Event, losses: &mut Losses, out: &mut Vec<u8>) {
        match self {
            Self::Anthropic(stream) => stream.event(event, losses, out),
            Self::Chat(stream) => stream.event(event, losses, out),
            Self::Responses(stream) => stream.event(event, losses, out),
            Self::Gemini(stream) => stream.event(event, losses, out),
            Self::GeminiCli(stream) => {
                let mut bare = Vec::new();
                stream.event(event, losses, &mut bare);
                wrap_frames(&bare, out);
            }
        }
    }

    /// Writes what keeps the client waiting, in the form that it bears; nothing before the start.
    pub fn keep_alive(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::Anthropic(stream) => stream.keep_alive(out),
            Self::Chat(stream) => stream.keep_alive(out),
            Self::Responses(stream) => stream.keep_alive(out),
            Self::Gemini(stream) | Self::GeminiCli(stream) => stream.keep_alive(out),
        }
    }

    /// Tells whether the answer has become longer than what a writer keeps of one: it has written no end,
    /// and writes nothing more.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        match self {
            Self::Responses(stream) => stream.is_full(),
            Self::Gemini(stream) | Self::GeminiCli(stream) => stream.is_full(),
            Self::Anthropic(_) | Self::Chat(_) => false,
        }
    }

    /// Returns how far a Responses stream has come; others need not say.
    #[must_use]
    pub fn position(&self) -> Option<responses::Position> {
        match self {
            Self::Responses(stream) => Some(stream.position()),
            _ => None,
        }
    }
}

/// What stands before the JSON of our own Gemini frames, and before the first element of a list.
const BEFORE: [&[u8]; 2] = [b"data: ", b"["];

/// Puts the data of whole frames, or the elements of a list, into the CLI's envelope: each has its JSON in
/// one line.
fn wrap_frames(frames: &[u8], out: &mut Vec<u8>) {
    for line in frames.split_inclusive(|byte| *byte == b'\n') {
        let begin = BEFORE.into_iter().find(|begin| line.starts_with(begin)).unwrap_or_default();
        let line = line.get(begin.len()..).unwrap_or_default();
        let json = line.strip_suffix(b"\n").unwrap_or(line);
        out.extend_from_slice(begin);
        gemini_cli::wrap_answer(json, out);
        out.extend_from_slice(line.get(json.len()..).unwrap_or_default());
    }
}
