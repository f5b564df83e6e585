//! Both directions between the body of a request and the messages of an upstream's socket.

use std::sync::Arc;

use bytes::{BufMut as _, Bytes, BytesMut};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::create::{Before, items_of, quoted};
use crate::wire::responses::members::Members;

/// The input of a turn as its client wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The response before and what led to it, where the client goes on from one.
    pub before: Option<Arc<Before>>,
    /// What is new, as a list of items without its brackets.
    pub items: Bytes,
}

impl Written {
    /// Tells whether an input is what came before and what is new, to the byte: nobody has changed it
    /// on its way.
    fn is_all_of(&self, input: &str) -> bool {
        let Some(before) = &self.before else { return items_of(input) == self.items };
        let inside = input.strip_prefix('[').and_then(|list| list.strip_suffix(']'));
        let Some(mut rest) = inside.map(str::as_bytes) else { return false };
        let parts = before.items.iter().chain([&self.items]);
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

/// A message that asks for a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// The message.
    pub message: Bytes,
    /// The input that it stands for is the one that the client wrote.
    pub as_written: bool,
    /// It says what is new alone.
    pub is_delta: bool,
}

/// Writes the message that asks for what a body asks for; of what is new alone when its input is what
/// the client wrote and the upstream `remembers` the response before. `None` when the body is no
/// object.
#[must_use]
pub fn create(body: &[u8], written: Option<&Written>, remembers: Option<&str>) -> Option<Created> {
    let Members(members) = serde_json::from_slice(body).ok()?;
    let mut inputs = members.iter().filter(|(name, _)| name == "input");
    let input = inputs.next().filter(|_| inputs.next().is_none());
    let written =
        written.filter(|written| input.is_some_and(|(_, input)| written.is_all_of(input.get())));
    let delta = written.and_then(|written| {
        let before = written.before.as_ref()?;
        (remembers == Some(before.id.as_str())).then_some((before, &written.items))
    });
    let mut message = BytesMut::with_capacity(64 + if delta.is_some() { 0 } else { body.len() });
    message.put_slice(br#"{"type":"response.create""#);
    let mut member = |name: &str, value: &[&[u8]]| {
        message.put_u8(b',');
        message.put_slice(quoted(name).as_bytes());
        message.put_u8(b':');
        for part in value {
            message.put_slice(part);
        }
    };
    if let Some((before, items)) = delta {
        member("previous_response_id", &[quoted(&before.id).as_bytes()]);
        member("input", &[b"[", items, b"]"]);
    }
    for (name, value) in &members {
        let is_told = delta.is_some() && matches!(name.as_str(), "input" | "previous_response_id");
        if name != "type" && !is_told {
            member(name, &[value.get().as_bytes()]);
        }
    }
    message.put_u8(b'}');
    let (as_written, is_delta) = (written.is_some(), delta.is_some());
    Some(Created { message: message.freeze(), as_written, is_delta })
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

/// Tells whether an event says something beside the answer, as that of the limits does.
#[must_use]
pub fn is_beside_the_answer(message: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Event {
        #[serde(rename = "type")]
        kind: String,
    }
    let event = serde_json::from_slice::<Event>(message);
    event.is_ok_and(|event| event.kind.starts_with("codex."))
}

/// A refusal as HTTP has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status, which is not a good one.
    pub status: u16,
    /// Its headers; their names and values may be anything.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// Reads an error that has the status of an answer. `None` when a message is none, or has none.
#[must_use]
pub fn refusal(message: &[u8]) -> Option<Refusal> {
    #[derive(Deserialize)]
    struct Event<'a> {
        #[serde(rename = "type")]
        kind: String,
        #[serde(alias = "status_code")]
        status: Option<u16>,
        #[serde(borrow)]
        error: Option<&'a RawValue>,
        #[serde(default)]
        headers: Option<Map<String, Value>>,
    }
    let event = serde_json::from_slice::<Event<'_>>(message).ok()?;
    let status = event.status.filter(|status| (400..600).contains(status))?;
    if event.kind != "error" {
        return None;
    }
    let body = match event.error {
        Some(error) => Bytes::from(format!(r#"{{"error":{}}}"#, error.get())),
        None => Bytes::copy_from_slice(message),
    };
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    };
    let headers = event.headers.unwrap_or_default().into_iter();
    let headers = headers.filter_map(|(name, value)| Some((name, text(value)?))).collect();
    Some(Refusal { status, headers, body })
}

/// Writes a message as an event of a stream. JSON may have line ends, of which a stream knows three:
/// each line is a line of data.
#[must_use]
pub fn event(message: &[u8]) -> Bytes {
    let mut event = BytesMut::with_capacity(message.len() + 8);
    let lines = message.split(|byte| matches!(byte, b'\n' | b'\r'));
    for line in lines.filter(|line| !line.is_empty()) {
        event.put_slice(b"data: ");
        event.put_slice(line);
        event.put_u8(b'\n');
    }
    event.put_u8(b'\n');
    event.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::responses::socket::{Create, EventReader};

    fn written(before: Option<&[&'static str]>, items: &'static str) -> Written {
        let before = before.map(|items| {
            let items = items.iter().map(|item| Bytes::from(*item)).collect();
            Arc::new(Before { id: "resp_1".to_owned(), items })
        });
        Written { before, items: items.into() }
    }

    #[test]
    fn a_body_becomes_a_message_and_back() {
        let body = br#"{"model":"m","input":[1],"stream":true,"n":1.50}"#;
        let message = create(body, None, None).unwrap().message;
        assert_eq!(
            message,
            r#"{"type":"response.create","model":"m","input":[1],"stream":true,"n":1.50}"#
        );
        assert_eq!(Create::read(&message).unwrap().body(None, None).as_ref(), body);
        assert_eq!(create(b"[]", None, None), None);
    }

    #[test]
    fn who_remembers_is_told_what_is_new() {
        let written = written(Some(&["1,2"]), "3");
        let body = br#"{"model":"m","input":[1,2,3],"stream":true}"#;
        let created = create(body, Some(&written), Some("resp_1")).unwrap();
        assert!(created.as_written && created.is_delta);
        assert_eq!(
            created.message,
            r#"{"type":"response.create","previous_response_id":"resp_1","input":[3],"model":"m","stream":true}"#
        );
        for remembers in [None, Some("resp_2")] {
            let created = create(body, Some(&written), remembers).unwrap();
            assert!(created.as_written && !created.is_delta);
            assert!(created.message.ends_with(br#""input":[1,2,3],"stream":true}"#));
        }
    }

    #[test]
    fn the_input_of_a_first_turn_is_as_written_however_it_is_written() {
        for input in [r#"[ {"a":1}, 2 ]"#, r#""hi""#, "[]"] {
            let message = format!(r#"{{"type":"response.create","input":{input}}}"#);
            let items = Create::read(message.as_bytes()).unwrap().items();
            let written = Written { before: None, items };
            let as_written =
                |body: &str| create(body.as_bytes(), Some(&written), None).unwrap().as_written;
            assert!(as_written(&format!(r#"{{"input":{input}}}"#)), "{input}");
            assert!(!as_written(r#"{"input":["other"]}"#), "{input}");
        }
    }

    #[test]
    fn an_input_that_was_changed_on_its_way_goes_out_whole() {
        let written = written(Some(&["1", "2"]), "3");
        let create = |body: &str| create(body.as_bytes(), Some(&written), Some("resp_1")).unwrap();
        for input in ["[1,2,4]", "[1,9,3]", "[1,2,3,4]", "[1,2]", "[1,2,3 ]", "[]", "\"x\""] {
            let created = create(&format!(r#"{{"input":{input}}}"#));
            assert!(!created.as_written && !created.is_delta);
            assert_eq!(created.message, format!(r#"{{"type":"response.create","input":{input}}}"#));
        }
        let created = create(r#"{"input":[1,2,3],"input":[4]}"#);
        assert!(!created.as_written);
        assert_eq!(created.message, r#"{"type":"response.create","input":[1,2,3],"input":[4]}"#);
    }

    #[test]
    fn a_message_is_an_event_whatever_its_lines() {
        let texts = [
            r#"{"type":"response.completed","response":{"id":"r"}}"#,
            "{\r\n \"a\":\n1}",
            "{\"a\":\r1,\r\r\"b\":2}\n",
        ];
        for text in texts {
            let mut reader = EventReader::new(1 << 10);
            let read = reader.push(&event(text.as_bytes())).unwrap();
            let [read] = read.as_slice() else { panic!("{text:?}: {read:?}") };
            let value = |text: &[u8]| serde_json::from_slice::<Value>(text).unwrap();
            assert_eq!(value(read), value(text.as_bytes()));
        }
    }

    #[test]
    fn an_error_with_a_status_is_a_refusal() {
        let event = r#"{"type":"error","status":429,"error":{"code" : "busy"},
            "headers":{"Retry-After":"3","x-codex-used":12.5,"x-b":true,"x-odd":{"a":1}}}"#;
        let read = refusal(event.as_bytes()).unwrap();
        assert_eq!(
            (read.status, read.body.as_ref()),
            (429, br#"{"error":{"code" : "busy"}}"#.as_slice())
        );
        let expected = [("Retry-After", "3"), ("x-b", "true"), ("x-codex-used", "12.5")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut headers = read.headers;
        headers.sort();
        assert_eq!(headers, expected);
        let bare = br#"{"type":"error","status_code":503}"#;
        assert_eq!(
            refusal(bare).map(|it| (it.status, it.body)),
            Some((503, Bytes::from_static(bare)))
        );
        for other in [
            r#"{"type":"error","error":{"code":"busy"}}"#,
            r#"{"type":"error","status":200}"#,
            r#"{"type":"response.failed","status":500}"#,
            "?",
        ] {
            assert_eq!(refusal(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn what_is_said_beside_an_answer_is_told_apart() {
        assert!(is_beside_the_answer(br#"{"type":"codex.rate_limits"}"#));
        assert!(!is_beside_the_answer(br#"{"type":"response.created"}"#));
        assert!(!is_beside_the_answer(b"codex."));
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
