//! What the codec of chat does, by hand-written expectations and by properties.

mod answers;
mod asked;
mod conversations;
mod properties;
mod quirks;
mod round_trips;
mod sent;
mod streams;
mod tables;
mod tools;

use serde_json::Value;

use super::*;
use crate::wire::convert::hub::{
    Answer, CacheHints, Call, CallKind, Choice, Citation, CustomFormat, Delta, Document, Effort,
    Event, Family, Finish, Format, HubUsage, Identity, Image, Json, Opaque, Part, PartKind, Place,
    Reasoning, Request, Role, Sampling, Seal, ServerTool, Show, Source, StreamError, SystemText,
    Text, Thinking, Tool, ToolKind, ToolResult, TroubleKind, Ttl, Turn,
};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::names::{Bounds, Names, ToolName};
use crate::wire::convert::reply::Reply;
use crate::wire::convert::target::{ModelTraits, Options, Target};
use crate::wire::convert::tests::gathered;
use crate::wire::convert::{Broken, Refused};

/// Reads a request that is well-formed.
fn decoded(body: &Value) -> (Request, Losses) {
    let mut losses = Losses::default();
    let request = decode_request(body.to_string().as_bytes(), &mut losses).unwrap();
    (request, losses)
}

fn refused(body: &Value) -> String {
    decode_request(body.to_string().as_bytes(), &mut Losses::default()).unwrap_err().message
}

/// Writes a request for a provider about which nothing is known.
fn encoded(request: &Request) -> (Value, Losses) {
    encoded_for(request, &Target::default())
}

fn encoded_for(request: &Request, target: &Target) -> (Value, Losses) {
    let mut losses = Losses::default();
    let body = encode_request(request, target, &mut Names::default(), &mut losses).unwrap();
    (serde_json::from_slice(&body).unwrap(), losses)
}

/// A provider of a model, with its traits.
fn target_of(model: &str) -> Target {
    Target { model: ModelTraits::of(model), options: Options::default() }
}

fn tokens(losses: &Losses) -> Vec<Token> {
    losses.counts().into_iter().map(|(token, _)| token).collect()
}

fn turn(role: Role, parts: Vec<Part>) -> Turn {
    Turn { role, parts, at: "/messages/0".into() }
}

fn text(text: &str) -> Part {
    Part::Text(Text::plain(text))
}

fn call(id: &str, name: &str, args: &str) -> Call {
    Call {
        at: Place::default(),
        id: id.into(),
        name: name.into(),
        args: args.into(),
        kind: CallKind::Function,
        namespace: None,
        seal: None,
        cache: None,
    }
}

fn result(call: &str, content: Vec<Part>) -> ToolResult {
    ToolResult {
        at: Place::default(),
        call: call.into(),
        kind: CallKind::Function,
        content,
        error: false,
        cache: None,
    }
}

fn function(name: &str) -> Tool {
    let schema = Json::parse(r#"{"type":"object","properties":{"path":{"type":"string"}}}"#);
    let kind = ToolKind::Function { schema, strict: None };
    Tool {
        at: Place::default(),
        name: name.into(),
        description: None,
        kind,
        namespace: None,
        cache: None,
    }
}

fn request(turns: Vec<Turn>) -> Request {
    Request { model: "m".into(), turns, ..Request::default() }
}

/// Reads a stream to its end; a broken frame is an error as well.
fn events_of(mut stream: StreamIn, frames: &[String]) -> Vec<Event> {
    let mut events = Vec::new();
    for frame in frames {
        if let Err(Broken(message)) = stream.frame("", frame, &mut events) {
            let kind = TroubleKind::Upstream;
            events.push(Event::Error(StreamError { kind, message, retry_after_s: None }));
            return events;
        }
    }
    stream.end(&mut events);
    events
}

fn folded(events: &[Event]) -> Option<Result<Answer, StreamError>> {
    gathered(events.iter().cloned())
}

/// A chunk with one delta.
fn chunk(delta: &str, finish: &str) -> String {
    format!(
        r#"{{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{{"index":0,"delta":{delta},"finish_reason":{finish}}}]}}"#
    )
}

fn reply() -> Reply {
    Reply {
        id: "r1".into(),
        model: "asked".into(),
        created: 7,
        names: Names::default(),
        want_usage: true,
        show_thinking: true,
    }
}

/// Writes a stream.
fn written(events: &[Event], reply: Reply) -> (String, Losses) {
    let (mut stream, mut losses, mut out) = (StreamOut::new(reply), Losses::default(), Vec::new());
    for event in events {
        stream.event(event, &mut losses, &mut out);
    }
    (String::from_utf8(out).unwrap(), losses)
}

/// Returns the data of the frames of a stream.
fn frames(stream: &str) -> Vec<String> {
    let frames = stream.split("\n\n").filter(|frame| !frame.is_empty());
    frames.map(|frame| frame.strip_prefix("data: ").unwrap().to_owned()).collect()
}
