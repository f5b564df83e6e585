//! Tests of the codec: the golden cases of the format, its tables, and its laws.

mod answers;
mod codex;
mod generated;
mod properties;
mod requests_in;
mod requests_out;
mod settings_out;
mod streams_in;
mod streams_odd;
mod streams_out;
mod tools;

use serde_json::Value;

use super::super::Refused;
use super::super::hub::{
    Answer, Call, CallKind, Event, Json, Part, Place, Request, Role, StreamError, Text, ToolResult,
    Turn,
};
use super::super::loss::{Losses, Token};
use super::super::names::Names;
use super::super::reply::Reply;
use super::super::sequence::Sequencer;
use super::super::target::{ModelTraits, Options, Target};
use super::super::tests::gathered;
use super::{StreamIn, StreamOut, decode_request, encode_request};

/// A provider of `OpenAI` with a model that thinks.
fn thinker() -> Target {
    Target { model: ModelTraits::of("gpt-5"), options: Options::default() }
}

/// A provider of `OpenAI` with a model that does not.
fn talker() -> Target {
    Target { model: ModelTraits::of("gpt-4o"), options: Options::default() }
}

/// A backend of Codex' own.
fn backend() -> Target {
    let options = Options { codex_backend: true, ..Options::default() };
    Target { model: ModelTraits::of("gpt-5.3-codex"), options }
}

fn decoded(body: &Value) -> (Request, Losses) {
    let mut losses = Losses::default();
    let request = decode_request(body.to_string().as_bytes(), &mut losses).unwrap();
    (request, losses)
}

fn refused(body: &Value) -> Refused {
    decode_request(body.to_string().as_bytes(), &mut Losses::default()).unwrap_err()
}

fn encoded(request: &Request, target: &Target) -> (Value, Names, Losses) {
    let (mut names, mut losses) = (Names::default(), Losses::default());
    let body = encode_request(request, target, &mut names, &mut losses).unwrap();
    (serde_json::from_slice(&body).unwrap(), names, losses)
}

fn tokens(losses: &Losses) -> Vec<&'static str> {
    losses.iter().map(|loss| loss.token.name()).collect()
}

fn user(parts: Vec<Part>) -> Turn {
    Turn { role: Role::User, parts, at: "/messages/0".to_owned() }
}

fn assistant(parts: Vec<Part>) -> Turn {
    Turn { role: Role::Assistant, parts, at: "/messages/1".to_owned() }
}

fn text(text: &str) -> Part {
    Part::Text(Text::plain(text))
}

fn call(id: &str, name: &str, args: &str) -> Call {
    Call {
        at: Place::default(),
        id: id.to_owned(),
        name: name.to_owned(),
        args: args.to_owned(),
        kind: CallKind::Function,
        namespace: None,
        seal: None,
        cache: None,
    }
}

fn result(id: &str, said: &str) -> ToolResult {
    ToolResult {
        at: Place::default(),
        call: id.to_owned(),
        kind: CallKind::Function,
        content: vec![text(said)],
        error: false,
        cache: None,
    }
}

fn json(value: &Value) -> Json {
    Json::of(value).unwrap()
}

/// Reads a stream's frames, given as their data.
fn streamed(frames: &[Value]) -> Vec<Event> {
    let (mut stream, mut events) = (StreamIn::new(), Vec::new());
    for frame in frames {
        let event = frame["type"].as_str().unwrap_or_default();
        stream.frame(event, &frame.to_string(), &mut events).unwrap();
    }
    stream.end(&mut events);
    events
}

fn folded(events: impl IntoIterator<Item = Event>) -> Option<Result<Answer, StreamError>> {
    gathered(events)
}

fn in_sequence(events: Vec<Event>) -> Vec<Event> {
    let (mut sequencer, mut out) = (Sequencer::default(), Vec::new());
    for event in events {
        sequencer.push(event, &mut out).unwrap();
    }
    out
}

fn reply() -> Reply {
    Reply {
        id: "r1".to_owned(),
        model: "m".to_owned(),
        created: 7,
        show_thinking: true,
        ..Reply::default()
    }
}

/// Writes events for a client.
fn written(events: &[Event], reply: Reply) -> (String, Losses) {
    let (mut stream, mut losses, mut out) = (StreamOut::new(reply), Losses::default(), Vec::new());
    for event in events {
        stream.event(event, &mut losses, &mut out);
    }
    (String::from_utf8(out).unwrap(), losses)
}

/// Cuts a client's bytes into events and their data, as every client does.
fn frames(bytes: &str) -> Vec<(String, Value)> {
    let cut = bytes.split_terminator("\n\n").map(|frame| {
        let (event, data) = frame.split_once('\n').unwrap();
        assert!(!data.contains('\n'), "data stands on one line");
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        let event = event.strip_prefix("event: ").unwrap().to_owned();
        assert_eq!(data["type"], event.as_str());
        (event, data)
    });
    let cut: Vec<_> = cut.collect();
    for (number, (_, data)) in cut.iter().enumerate() {
        assert_eq!(data["sequence_number"], number);
    }
    cut
}

/// Returns the items that a client keeps.
fn kept(bytes: &str) -> Vec<Value> {
    let done = frames(bytes).into_iter().filter(|(event, _)| event == "response.output_item.done");
    done.map(|(_, data)| data["item"].clone()).collect()
}

fn has(losses: &Losses, wanted: &[Token]) {
    for token in wanted {
        assert!(losses.has(*token), "{token} is missing in {losses:?}");
    }
}
