//! Bodies and streams by hand, and what must hold for all of them.

mod answers;
mod generated;
mod generated_any;
mod goldens_in;
mod goldens_out;
mod goldens_tools;
mod properties;
mod streams_in;
mod streams_out;
mod thinking_out;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::*;
use crate::wire::convert::hub::{
    Answer, Call, CallKind, Event, Family, Json, Part, Place, Request, Role, Seal, Text, Tool,
    ToolKind, ToolResult, Turn,
};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::names::Names;
use crate::wire::convert::reply::Reply;
use crate::wire::convert::target::{ModelTraits, Options, Target};
use crate::wire::convert::tests::gathered;

/// A signature of Anthropic's shape with a number in it.
fn signature(number: u8) -> String {
    STANDARD.encode([0x12, 0x09, 0x0a, 0x04, 0x08, 0x0b, 0x18, 0x02, 0x12, 0x01, number])
}

/// A signature of Google's shape.
fn google_signature() -> String {
    STANDARD.encode([0x12, 0x05, 0x0a, 0x03, 0x01, 0xd1, 0xed])
}

#[expect(clippy::unnecessary_wraps, reason = "parts have it so")]
fn seal(family: Family, blob: &str) -> Option<Seal> {
    Some(Seal { family, blob: blob.to_owned() })
}

fn decode(body: &Value) -> (Request, Losses) {
    let mut losses = Losses::default();
    let request = decode_request(body.to_string().as_bytes(), &mut losses).unwrap();
    (request, losses)
}

fn target(model: &str) -> Target {
    Target { model: ModelTraits::of(model), options: Options::default() }
}

/// Encodes for a model that thinks by a budget when asked to.
fn encode(request: &Request) -> (Value, Losses, Names) {
    encode_to(request, &target("claude-sonnet-4-5"))
}

fn encode_to(request: &Request, target: &Target) -> (Value, Losses, Names) {
    let (mut names, mut losses) = (Names::default(), Losses::default());
    let body = encode_request(request, target, &mut names, &mut losses).unwrap();
    (serde_json::from_slice(&body).unwrap(), losses, names)
}

fn refusal_of(request: &Request) -> String {
    let (mut names, mut losses) = (Names::default(), Losses::default());
    encode_request(request, &target("claude-sonnet-4-5"), &mut names, &mut losses)
        .unwrap_err()
        .message
}

fn request(turns: Vec<Turn>) -> Request {
    Request { model: "m".into(), max_output: Some(4_096), turns, ..Request::default() }
}

fn turn(role: Role, parts: Vec<Part>) -> Turn {
    Turn { role, parts, at: "/messages/0".into() }
}

fn user(text: &str) -> Turn {
    turn(Role::User, vec![say(text)])
}

fn say(text: &str) -> Part {
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

fn result(call: &str, text: &str) -> ToolResult {
    ToolResult {
        at: Place::default(),
        call: call.into(),
        kind: CallKind::Function,
        content: vec![say(text)],
        error: false,
        cache: None,
    }
}

fn function(name: &str) -> Tool {
    let schema = Json::parse(r#"{"type":"object","properties":{}}"#);
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

fn tokens(losses: &Losses) -> Vec<Token> {
    losses.counts().into_iter().map(|(token, _)| token).collect()
}

/// Reads a whole stream, as it is written, to its end.
fn read_stream(stream: &str) -> Vec<Event> {
    let (mut reader, mut out) = (StreamIn::new(), Vec::new());
    for (event, data) in frames(stream) {
        reader.frame(event, data, &mut out).unwrap();
    }
    reader.end(&mut out);
    out
}

/// Cuts a stream into its frames.
fn frames(stream: &str) -> Vec<(&str, &str)> {
    let frames = stream.split("\n\n");
    frames.filter_map(|text| text.strip_prefix("event: ")?.split_once("\ndata: ")).collect()
}

/// Writes a whole stream.
fn write_stream(events: &[Event], reply: &Reply) -> (String, Losses) {
    let (mut writer, mut losses) = (StreamOut::new(reply.clone()), Losses::default());
    let mut out = Vec::new();
    for event in events {
        writer.event(event, &mut losses, &mut out);
    }
    (String::from_utf8(out).unwrap(), losses)
}

/// Gathers events into an answer; `None` when they are none.
fn fold(events: &[Event]) -> Option<Answer> {
    gathered(events.iter().cloned()).and_then(Result::ok)
}
