//! What Gemini's codec promises, by the golden cases of the reference and by properties.

mod answers;
mod cuts;
mod properties;
mod request_properties;
mod requests_in;
mod requests_lost;
mod schema_losses;
mod schema_room;
mod schemas;
mod settings_out;
mod streams;
mod turns_out;

use super::super::hub::{
    Call, CallKind, Family, Json, Part, Place, Request, Role, Seal, Text, Tool, ToolKind,
    ToolResult, Turn,
};
use super::super::loss::{Losses, Token};
use super::super::names::Names;
use super::super::target::{ModelTraits, Options, Target};
use super::{decode_request, encode_request};

const FLASH: &str = "gemini-2.5-flash";
const THREE: &str = "gemini-3-flash";

fn json(text: &str) -> Json {
    Json::parse(text).unwrap()
}

fn target(model: &str) -> Target {
    Target { model: ModelTraits::of(model), options: Options::default() }
}

fn text(text: &str) -> Part {
    Part::Text(Text::plain(text))
}

fn google(blob: &str) -> Seal {
    Seal { family: Family::Google, blob: blob.to_owned() }
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

fn result(call: &str, content: Vec<Part>) -> ToolResult {
    let kind = CallKind::Function;
    ToolResult {
        at: Place::default(),
        call: call.to_owned(),
        kind,
        content,
        error: false,
        cache: None,
    }
}

fn turn(role: Role, parts: Vec<Part>) -> Turn {
    Turn { role, parts, at: "/messages/0".to_owned() }
}

fn user(words: &str) -> Turn {
    turn(Role::User, vec![text(words)])
}

fn function(name: &str, schema: &str) -> Tool {
    Tool {
        at: Place::default(),
        name: name.to_owned(),
        description: None,
        kind: ToolKind::Function { schema: Some(json(schema)), strict: None },
        namespace: None,
        cache: None,
    }
}

fn asking(turns: Vec<Turn>) -> Request {
    Request { turns, ..Request::default() }
}

fn decoded(body: &str) -> Request {
    decode_request(body.as_bytes(), "m", false, &mut Losses::default()).unwrap()
}

/// Encodes for a model; returns the body, what was renamed, and the tokens of what was lost.
fn encoded(request: &Request, target: &Target) -> (String, Names, Vec<Token>) {
    let (mut names, mut losses) = (Names::default(), Losses::default());
    let body = encode_request(request, target, &mut names, &mut losses).unwrap();
    let mut tokens: Vec<Token> = losses.iter().map(|loss| loss.token).collect();
    tokens.dedup();
    (String::from_utf8(body).unwrap(), names, tokens)
}

fn refused(request: &Request, model: &str) -> String {
    let (mut names, mut losses) = (Names::default(), Losses::default());
    encode_request(request, &target(model), &mut names, &mut losses).unwrap_err().message
}
