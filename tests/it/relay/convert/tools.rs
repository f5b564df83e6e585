//! Tools, thinking and pictures through every pair, over two turns.

use serde_json::json;
use switchyard::wire::convert::hub::{Answer, Part, Request, Role, Source};
use switchyard_actors::domain::dialect::Dialect;

use super::read::{calls, read, text, thought};
use super::stand::{Kinds, pairs};
use super::talk::{PICTURE, answer, question, result, says, seen, sent, turn};

/// Asserts that a request came with all that a client put into it.
fn assert_question(what: &str, request: &Request) {
    let said: Vec<&str> = request.system.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(said, ["Be brief."], "{what}");
    let parts: Vec<&Part> = request.turns.iter().flat_map(|turn| &turn.parts).collect();
    let asks = |part: &&Part| matches!(part, Part::Text(text) if text.text == "What is this?");
    assert!(parts.iter().any(asks), "{what}: {parts:?}");
    let pictures = parts.iter().filter_map(|part| match part {
        Part::Image(image) => Some(&image.source),
        _ => None,
    });
    let pictures: Vec<&Source> = pictures.collect();
    let is_it = |source: &&&Source| match source {
        Source::Base64 { data, .. } => data == PICTURE,
        Source::Url { url, .. } => url.ends_with(PICTURE),
        _ => false,
    };
    assert_eq!(pictures.iter().filter(is_it).count(), 1, "{what}: {pictures:?}");
    let tools: Vec<&str> = request.tools.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(tools, ["read", "list"], "{what}");
}

/// Returns calls and results of a conversation, by the ids that link them.
fn linked(request: &Request) -> (Vec<&str>, Vec<&str>) {
    let (mut calls, mut results) = (Vec::new(), Vec::new());
    for part in request.turns.iter().flat_map(|turn| &turn.parts) {
        match part {
            Part::Call(call) => calls.push(call.id.as_str()),
            Part::Result(result) => results.push(result.call.as_str()),
            _ => {}
        }
    }
    (calls, results)
}

fn next_turn(mut request: Request, said: Answer, ids: &[String]) -> Request {
    request.turns.push(turn(Role::Assistant, said.parts));
    // In the other order: what links them is their ids.
    let results = [result(&ids[1], "a directory"), result(&ids[0], "a file")];
    request.turns.push(turn(Role::User, results.into()));
    request
}

#[tokio::test]
async fn tools_thinking_and_pictures_come_through_every_pair_over_two_turns() {
    let kinds = Kinds::new().await;
    for (client, kind) in pairs() {
        let provider = kind.dialect();
        for stream in [true, false] {
            let what = format!("{client} at {kind}, stream {stream}");
            kinds.upstream.reset();
            kinds.upstream.always(says(provider, stream, &answer()));
            let question = question(stream);
            let answered = kinds.switchyard.send(&sent(client, kinds.key(kind), &question)).await;
            let said = read(client, stream, &answered);
            let first = kinds.upstream.only_request();
            assert_question(&what, &seen(provider, &first));
            assert_eq!(text(&said), "Let me look.", "{what}");
            assert_eq!(thought(&said), "Two things.", "{what}: {}", answered.text());
            let found = calls(&said);
            let args = [json!({ "path": "a" }), json!({ "path": "b", "deep": [1, 2.50] })];
            assert_eq!(found.len(), 2, "{what}: {}", answered.text());
            for ((_, name, found), (wanted, args)) in
                found.iter().zip(["read", "list"].iter().zip(args))
            {
                assert_eq!((name.as_str(), found), (*wanted, &args), "{what}");
            }

            let ids: Vec<String> = found.into_iter().map(|(id, ..)| id).collect();
            let second = sent(client, kinds.key(kind), &next_turn(question, said, &ids));
            assert_eq!(kinds.switchyard.send(&second).await.status, 200, "{what}");
            let request = seen(provider, &kinds.upstream.requests()[1]);
            assert_question(&what, &request);
            let (calls, mut results) = linked(&request);
            results.sort_by_key(|id| calls.iter().position(|call| call == id));
            assert_eq!(calls, results, "{what}: each call has its result");
            if provider != Dialect::GeminiCli && client != Dialect::GeminiCli {
                assert_eq!(calls, ["call_a", "call_b"], "{what}: by the provider's own ids");
            }
        }
    }
}
