//! Answers as clients read them.

use serde_json::Value;
use switchyard::wire::convert::codec::{StreamIn, decode_answer};
use switchyard::wire::convert::fold::Fold;
use switchyard::wire::convert::hub::{Answer as Read, Part};
use switchyard::wire::sse::FrameReader;
use switchyard_actors::domain::dialect::Dialect;

use crate::support::client::Answer;

/// Reads a whole answer, or one that streamed and has its end; panics when it is none.
pub fn read(client: Dialect, stream: bool, answer: &Answer) -> Read {
    let text = answer.text();
    assert_eq!(answer.status, 200, "{client}: {text}");
    let kind = answer.header("content-type").unwrap_or_default();
    if !stream {
        assert!(kind.starts_with("application/json"), "{client}: {kind}");
        return decode_answer(client, &answer.body)
            .unwrap_or_else(|broken| panic!("{client}: {broken}: {text}"));
    }
    assert!(kind.starts_with("text/event-stream"), "{client}: {kind}");
    let read = events(client, &answer.body);
    let whole = read.finish().unwrap_or_else(|| panic!("{client}: no end: {text}"));
    whole.unwrap_or_else(|error| panic!("{client}: {error:?}: {text}"))
}

/// Reads a stream as far as it goes.
pub fn events(client: Dialect, body: &[u8]) -> Fold {
    let mut frames = FrameReader::new(usize::MAX);
    let mut stream = StreamIn::new(client);
    let mut fold = Fold::default();
    let mut events = Vec::new();
    frames.push(body);
    while let Ok(Some(frame)) = frames.next_frame() {
        let data = String::from_utf8_lossy(&frame.data);
        if !data.is_empty() {
            let read = stream.frame(&frame.event, &data, &mut events);
            read.unwrap_or_else(|broken| panic!("{client}: {broken}: {data}"));
        }
    }
    stream.end(&mut events);
    for event in events {
        fold.push(event);
    }
    fold
}

/// Returns what an answer says.
pub fn text(answer: &Read) -> String {
    let said = answer.parts.iter().filter_map(|part| match part {
        Part::Text(text) => Some(text.text.as_str()),
        _ => None,
    });
    said.collect()
}

/// Returns what an answer thought.
pub fn thought(answer: &Read) -> String {
    let thought = answer.parts.iter().filter_map(|part| match part {
        Part::Thinking(thinking) => Some(thinking.text.as_str()),
        _ => None,
    });
    thought.collect()
}

/// Returns the calls of an answer: id, name and arguments.
pub fn calls(answer: &Read) -> Vec<(String, String, Value)> {
    let calls = answer.parts.iter().filter_map(|part| match part {
        Part::Call(call) => {
            let args = serde_json::from_str(&call.args).expect("arguments are JSON");
            Some((call.id.clone(), call.name.clone(), args))
        }
        _ => None,
    });
    calls.collect()
}
