//! Both directions between the body of a request and the messages of an upstream's socket.

use std::sync::Arc;

use bytes::{BufMut as _, Bytes, BytesMut};
use serde::Deserialize;

use super::create::Before;
use crate::wire::responses::members::Members;

/// What a turn adds to the response before it, for an upstream that remembers that one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    /// That response and what led to it.
    pub before: Arc<Before>,
    /// What is new, as a list of items without its brackets.
    pub items: Bytes,
}

impl Delta {
    /// Tells whether an input is what came before and what is new, to the byte: nobody has changed it
    /// on its way.
    fn is_all_of(&self, input: &[u8]) -> bool {
        let inside = input.strip_prefix(b"[").and_then(|list| list.strip_suffix(b"]"));
        let Some(mut rest) = inside else { return false };
        let parts = self.before.items.iter().chain([&self.items]);
        for (place, part) in parts.filter(|part| !part.is_empty()).enumerate() {
            let behind = if place == 0 { Some(rest) } else { rest.strip_prefix(b",") };
            let Some(behind) = behind.and_then(|list| list.strip_prefix(part.as_ref())) else {
                return false;
            };
            rest = behind;
        }
        rest.is_empty()
    }
}

/// Writes the message that asks for what a body asks for; with a `delta` that its input still is, for
/// what is new alone. `None` when the body is no object.
#[must_use]
pub fn create(body: &[u8], delta: Option<&Delta>) -> Option<Bytes> {
    let Members(members) = serde_json::from_slice(body).ok()?;
    let delta = delta.filter(|delta| {
        let mut inputs = members.iter().filter(|(name, _)| name == "input");
        let input = inputs.next().filter(|_| inputs.next().is_none());
        input.is_some_and(|(_, input)| delta.is_all_of(input.get().as_bytes()))
    });
    let mut message = BytesMut::with_capacity(64 + if delta.is_some() { 0 } else { body.len() });
    message.put_slice(br#"{"type":"response.create""#);
    let mut member = |name: &str, value: &[&[u8]]| {
        message.put_u8(b',');
        message.put_slice(serde_json::Value::from(name).to_string().as_bytes());
        message.put_u8(b':');
        for part in value {
            message.put_slice(part);
        }
    };
    if let Some(delta) = delta {
        let previous = serde_json::Value::from(delta.before.id.as_str()).to_string();
        member("previous_response_id", &[previous.as_bytes()]);
        member("input", &[b"[", &delta.items, b"]"]);
    }
    for (name, value) in &members {
        let is_told = delta.is_some() && matches!(name.as_str(), "input" | "previous_response_id");
        if name != "type" && !is_told {
            member(name, &[value.get().as_bytes()]);
        }
    }
    message.put_u8(b'}');
    Some(message.freeze())
}

/// What a message is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kind {
    /// Nothing of the turn follows.
    pub ends: bool,
    /// It ends well: the upstream is ready for the next turn.
    pub is_good: bool,
    /// The id of the response that is complete, which the upstream remembers.
    pub completed: Option<String>,
}

/// Says what a message is.
#[must_use]
pub fn kind(message: &[u8]) -> Kind {
    #[derive(Deserialize)]
    struct Event {
        #[serde(default, rename = "type")]
        kind: String,
        response: Option<Response>,
    }
    #[derive(Deserialize)]
    struct Response {
        id: Option<String>,
    }
    let Ok(event) = serde_json::from_slice::<Event>(message) else { return Kind::default() };
    let is_good = matches!(event.kind.as_str(), "response.completed" | "response.incomplete");
    let id = event.response.and_then(|response| response.id);
    let ends = super::events::ends(&event.kind);
    Kind { ends, is_good, completed: id.filter(|_| is_good) }
}

/// Returns the code of an error; `None` when a message is none, or has none.
#[must_use]
pub fn error_code(message: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Event {
        #[serde(rename = "type")]
        kind: String,
        error: Option<Coded>,
        response: Option<Failed>,
    }
    #[derive(Deserialize)]
    struct Failed {
        error: Option<Coded>,
    }
    #[derive(Deserialize)]
    struct Coded {
        code: Option<String>,
    }
    let event = serde_json::from_slice::<Event>(message).ok()?;
    match event.kind.as_str() {
        "error" => event.error?.code,
        "response.failed" => event.response?.error?.code,
        _ => None,
    }
}

/// Writes a message as an event of a stream. JSON may have line ends: each line is a line of data.
#[must_use]
pub fn event(message: &[u8]) -> Bytes {
    let mut event = BytesMut::with_capacity(message.len() + 8);
    for line in message.split(|byte| *byte == b'\n') {
        event.put_slice(b"data: ");
        event.put_slice(line.strip_suffix(b"\r").unwrap_or(line));
        event.put_u8(b'\n');
    }
    event.put_u8(b'\n');
    event.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::responses::socket::{Create, EventReader};

    #[test]
    fn a_body_becomes_a_message_and_back() {
        let body = br#"{"model":"m","input":[1],"stream":true,"n":1.50}"#;
        let message = create(body, None).unwrap();
        assert_eq!(
            message,
            r#"{"type":"response.create","model":"m","input":[1],"stream":true,"n":1.50}"#
        );
        assert_eq!(Create::read(&message).unwrap().body(None, None).as_ref(), body);
        assert_eq!(create(b"[]", None), None);
    }

    #[test]
    fn who_remembers_is_told_what_is_new() {
        let before = Before { id: "resp_1".to_owned(), items: vec!["1,2".into()] };
        let delta = Delta { before: Arc::new(before), items: "3".into() };
        let body = br#"{"model":"m","input":[1,2,3],"stream":true}"#;
        assert_eq!(
            create(body, Some(&delta)).unwrap(),
            r#"{"type":"response.create","previous_response_id":"resp_1","input":[3],"model":"m","stream":true}"#
        );
    }

    #[test]
    fn an_input_that_was_changed_on_its_way_goes_out_whole() {
        let before = Before { id: "resp_1".to_owned(), items: vec!["1".into(), "2".into()] };
        let delta = Delta { before: Arc::new(before), items: "3".into() };
        for input in ["[1,2,4]", "[1,9,3]", "[1,2,3,4]", "[1,2]", "[1,2,3 ]", "[]", "\"x\""] {
            let body = format!(r#"{{"input":{input}}}"#);
            let message = create(body.as_bytes(), Some(&delta)).unwrap();
            assert_eq!(message, format!(r#"{{"type":"response.create","input":{input}}}"#));
        }
        let twice = br#"{"input":[1,2,3],"input":[4]}"#;
        let message = create(twice, Some(&delta)).unwrap();
        assert_eq!(message, r#"{"type":"response.create","input":[1,2,3],"input":[4]}"#);
    }

    #[test]
    fn a_message_is_an_event_whatever_its_lines() {
        for text in [r#"{"type":"response.completed","response":{"id":"r"}}"#, "{\r\n \"a\":\n1}"] {
            let mut reader = EventReader::new(1 << 10);
            let read = reader.push(&event(text.as_bytes())).unwrap();
            assert_eq!(read, [text.replace('\r', "")]);
        }
    }

    #[test]
    fn an_end_is_told_apart_and_whether_it_is_remembered() {
        let done = kind(br#"{"type":"response.completed","response":{"id":"r"}}"#);
        assert_eq!(done, Kind { ends: true, is_good: true, completed: Some("r".to_owned()) });
        let failed = kind(br#"{"type":"response.failed","response":{"id":"r"}}"#);
        assert_eq!(failed, Kind { ends: true, ..Kind::default() });
        assert_eq!(kind(br#"{"type":"response.created","response":{"id":"r"}}"#), Kind::default());
        assert!(kind(br#"{"type":"error","status":400}"#).ends);
        assert_eq!(kind(b"?"), Kind::default());
    }

    #[test]
    fn the_code_of_an_error_is_read_and_no_text_is_taken_for_one() {
        let said = |text: &str| error_code(text.as_bytes());
        let error = r#"{"type":"error","status":400,"error":{"code":"gone"}}"#;
        assert_eq!(said(error).as_deref(), Some("gone"));
        let failed = r#"{"type":"response.failed","response":{"error":{"code":"gone"}}}"#;
        assert_eq!(said(failed).as_deref(), Some("gone"));
        for text in [r#"{"type":"response.created","response":{"error":null}}"#, "gone", "{}"] {
            assert_eq!(said(text), None);
        }
    }
}
