//! Requests from any format into any other.

use proptest::prelude::*;
use switchyard_actors::domain::dialect::Dialect;

use super::{dialects, requests};
use crate::wire::convert::codec::{Asked, decode_request, encode_request};
use crate::wire::convert::gemini_cli::Account;
use crate::wire::convert::hub::{Part, Request, Role};
use crate::wire::convert::loss::Losses;
use crate::wire::convert::names::Names;
use crate::wire::convert::target::Target;

fn written(dialect: Dialect, request: &Request) -> Vec<u8> {
    let target = (&Target::default(), Account::default());
    let (mut names, mut losses) = (Names::default(), Losses::default());
    encode_request(dialect, request, target, &mut names, &mut losses).expect("it can be said")
}

fn read(dialect: Dialect, body: &[u8]) -> Request {
    let asked = Asked { body, model: "some-model", stream: true };
    decode_request(dialect, asked, &mut Losses::default()).expect("it is one")
}

/// What must come through: who says what, who calls what with what, and what comes of it.
fn essence(request: &Request) -> Vec<(Role, String)> {
    let mut said: Vec<(Role, String)> = Vec::new();
    let mut calls: Vec<String> = Vec::new();
    for turn in &request.turns {
        for part in &turn.parts {
            let words = match part {
                Part::Text(text) if text.text.trim().is_empty() => continue,
                Part::Text(text) => text.text.clone(),
                Part::Call(call) => {
                    calls.push(call.id.clone());
                    let args: serde_json::Value = serde_json::from_str(&call.args).unwrap();
                    format!("call {} {args}", call.name)
                }
                Part::Result(result) => {
                    // By its place among the calls: ids are made anew where a format has none.
                    let place = calls.iter().position(|call| *call == result.call);
                    let texts = result.content.iter().filter_map(|part| match part {
                        Part::Text(text) => Some(text.text.as_str()),
                        _ => None,
                    });
                    format!("result of {place:?}: {}", texts.collect::<String>())
                }
                other => format!("{other:?}"),
            };
            said.push((turn.role, words));
        }
    }
    said
}

/// The same, where errors of tools may stand in words.
fn without_errors(said: Vec<(Role, String)>) -> Vec<(Role, String)> {
    let mark = |words: &str| words.rsplit(": ").next().unwrap_or_default().to_owned();
    said.into_iter()
        .map(|(role, words)| {
            let of_result = words.starts_with("result of");
            let head = words.split(": ").next().unwrap_or_default().to_owned();
            (role, if of_result { format!("{head}: {}", mark(&words)) } else { words })
        })
        .collect()
}

fn systems(request: &Request) -> String {
    request.system.iter().map(|text| text.text.as_str()).collect::<Vec<_>>().join("\n")
}

proptest! {
    #[test]
    fn what_is_said_and_called_comes_through_any_two_formats(
        request in requests(), from in dialects(), to in dialects(),
    ) {
        let at_client = read(from, &written(from, &request));
        let at_provider = read(to, &written(to, &at_client));
        let wanted = without_errors(essence(&request));
        prop_assert_eq!(without_errors(essence(&at_provider)), wanted, "{} to {}", from, to);
        prop_assert_eq!(systems(&at_provider), systems(&request));
        let names = |request: &Request| {
            request.tools.iter().map(|tool| tool.name.clone()).collect::<Vec<_>>()
        };
        prop_assert_eq!(names(&at_provider), names(&request));
        prop_assert_eq!(at_provider.max_output, request.max_output);
    }

    #[test]
    fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..80), from in dialects()) {
        let asked = Asked { body: &body, model: "m", stream: false };
        let _ = decode_request(from, asked, &mut Losses::default());
    }
}
