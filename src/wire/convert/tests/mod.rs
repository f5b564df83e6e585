//! What holds between any two formats: the properties P1 to P12 of `docs/ACCEPTANCE.md`.

mod cut_calls;
mod cuts;
mod edges;
mod losses;
mod odd_answers;
mod private;
mod requests;
mod streams;
mod total;
mod usage;
mod wire_losses;

use proptest::prelude::*;
use switchyard_actors::domain::dialect::Dialect;

use super::fold::unfold;
use super::gather::Gather;
use super::hub::{Answer, Choice, Event, Json, StreamError, SystemText, Tool, ToolKind};
use super::hub::{Call, CallKind, Part, Place, Request, Role, Text, ToolResult, Turn};

/// Which formats there are.
fn dialects() -> impl Strategy<Value = Dialect> {
    prop::sample::select(Dialect::ALL.to_vec())
}

/// Gathers what a decoder says.
pub(super) fn gathered(
    events: impl IntoIterator<Item = Event>,
) -> Option<Result<Answer, StreamError>> {
    let mut gather = Gather::default();
    for event in events {
        gather.push(event).expect("no more than an answer has");
    }
    gather.finish()
}

/// Tells whether an answer was cut off in a call: such a call is told as whole to nobody.
pub(super) fn is_cut_in_call(answer: &Answer) -> bool {
    gathered(unfold(answer)).is_some_and(|answer| answer.is_ok_and(|answer| answer.lacks_call))
}

/// Words without blanks at their ends: formats may trim them.
fn words() -> impl Strategy<Value = String> {
    "[a-zA-Zäß☃][a-zA-Z0-9äß☃ .,]{0,12}[a-zA-Z0-9]"
}

fn tool(name: String) -> Tool {
    let schema = Json::parse(r#"{"type":"object","properties":{"path":{"type":"string"}}}"#);
    let kind = ToolKind::Function { schema, strict: None };
    Tool {
        at: Place::default(),
        name,
        description: Some("Does it.".to_owned()),
        kind,
        namespace: None,
        cache: None,
    }
}

fn turn(role: Role, parts: Vec<Part>) -> Turn {
    Turn { role, parts, at: "/messages/0".to_owned() }
}

/// A conversation with calls and their results, as an agent has it.
fn requests() -> impl Strategy<Value = Request> {
    let round = (words(), prop::collection::vec((words(), words(), any::<bool>()), 0..3), words());
    let rounds = prop::collection::vec(round, 1..4);
    (prop::option::of(words()), rounds, words(), any::<bool>()).prop_map(
        |(system, rounds, last, stream)| {
            let mut turns = Vec::new();
            let mut number = 0;
            for (asks, calls, says) in rounds {
                turns.push(turn(Role::User, vec![Part::Text(Text::plain(asks))]));
                let mut said = vec![Part::Text(Text::plain(says))];
                let mut results = Vec::new();
                for (value, result, error) in calls {
                    number += 1;
                    let id = format!("call_{number}");
                    said.push(Part::Call(Call {
                        at: Place::default(),
                        id: id.clone(),
                        name: if number % 2 == 0 { "read" } else { "write" }.to_owned(),
                        args: serde_json::json!({ "path": value }).to_string(),
                        kind: CallKind::Function,
                        namespace: None,
                        seal: None,
                        cache: None,
                    }));
                    results.push(Part::Result(ToolResult {
                        at: Place::default(),
                        call: id,
                        kind: CallKind::Function,
                        content: vec![Part::Text(Text::plain(result))],
                        error,
                        cache: None,
                    }));
                }
                turns.push(turn(Role::Assistant, said));
                if !results.is_empty() {
                    turns.push(turn(Role::User, results));
                    turns.push(turn(Role::Assistant, vec![Part::Text(Text::plain("so"))]));
                }
            }
            turns.push(turn(Role::User, vec![Part::Text(Text::plain(last))]));
            Request {
                model: "some-model".to_owned(),
                system: system
                    .map(|text| SystemText { at: Place::default(), text, cache: None })
                    .into_iter()
                    .collect(),
                turns,
                tools: vec![tool("read".to_owned()), tool("write".to_owned())],
                choice: Some(Choice::Auto),
                max_output: Some(500),
                stream,
                ..Request::default()
            }
        },
    )
}
