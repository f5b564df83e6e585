//! What a client asks for in one message of a socket, and the body of the request it stands for.
//!
//! The body is the message without its envelope: `type`, `generate` and `background` go, `stream` is
//! always on. All other values keep their bytes and their order.

use bytes::{BufMut as _, Bytes, BytesMut};
use serde_json::value::RawValue;

use crate::wire::responses::members::Members;

/// The only type of message that asks for something.
const CREATE: &str = "response.create";
/// Members that belong to the envelope or make no sense on a socket.
const OF_THE_ENVELOPE: [&str; 3] = ["type", "generate", "background"];

/// Why a message asks for nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreateError {
    /// It is not JSON, or no object.
    #[error("the message is not a JSON object: {0}")]
    NotAnObject(String),
    /// It has another type.
    #[error("messages of the type {0:?} are not served here: send response.create")]
    OtherType(String),
}

/// A message of type `response.create`.
#[derive(Debug)]
pub struct Create<'a> {
    members: Vec<(String, &'a RawValue)>,
}

/// The conversation that a `previous_response_id` stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Before {
    /// The id of the last response.
    pub id: String,
    /// Everything up to and with that response, as lists of input items without their brackets.
    pub items: Vec<Bytes>,
}

impl Before {
    /// Returns the bytes that it holds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.items.iter().map(Bytes::len).sum()
    }
}

impl<'a> Create<'a> {
    /// Reads a message.
    ///
    /// # Errors
    /// It is not JSON, or nothing that asks for a response.
    pub fn read(text: &'a [u8]) -> Result<Self, CreateError> {
        let not_an_object = |error: serde_json::Error| CreateError::NotAnObject(error.to_string());
        let Members(members) = serde_json::from_slice(text).map_err(not_an_object)?;
        let create = Self { members };
        match create.text("type") {
            Some(kind) if kind == CREATE => Ok(create),
            other => Err(CreateError::OtherType(other.unwrap_or_default())),
        }
    }

    /// Tells whether the client only warms its socket up: nothing is to be generated.
    #[must_use]
    pub fn is_warm_up(&self) -> bool {
        self.raw("generate").is_some_and(|value| value.get() == "false")
    }

    /// Returns the model that is asked for.
    #[must_use]
    pub fn model(&self) -> Option<String> {
        self.text("model")
    }

    /// Returns the response that this one goes on from.
    #[must_use]
    pub fn previous(&self) -> Option<String> {
        self.text("previous_response_id")
    }

    /// Tells whether the request goes on from something that is kept elsewhere: a conversation, or a
    /// response other than that of `before`. What came before it is not known here then.
    #[must_use]
    pub fn leans_elsewhere(&self, before: Option<&Before>) -> bool {
        let is_known = |value: &RawValue| {
            let id = serde_json::from_str::<String>(value.get()).ok();
            before.is_some_and(|before| id.as_deref() == Some(&before.id))
        };
        self.members.iter().any(|(name, value)| match name.as_str() {
            "conversation" => value.get() != "null",
            "previous_response_id" => value.get() != "null" && !is_known(value),
            _ => false,
        })
    }

    /// Returns the input as a list of items without its brackets; empty when there is none. It is a
    /// copy: a part of the message would keep all of it for as long as the conversation is held.
    #[must_use]
    pub fn items(&self) -> Bytes {
        self.raw("input").map(|input| items_of(input.get())).unwrap_or_default()
    }

    /// Writes the body of the request. `model` is taken where the message names none; with `before`,
    /// what came before stands in the input instead of its id.
    #[must_use]
    pub fn body(&self, model: Option<&str>, before: Option<&Before>) -> Bytes {
        let before = before.filter(|before| self.previous().as_deref() == Some(&before.id));
        let mut body = Body::new();
        if let Some(model) = model.filter(|_| self.raw("model").is_none()) {
            body.member("model", quoted(model).as_bytes());
        }
        for (name, value) in &self.members {
            match name.as_str() {
                name if OF_THE_ENVELOPE.contains(&name) => {}
                "stream" => body.once_streaming(),
                "input" if before.is_some() => {}
                "previous_response_id" => match before {
                    Some(before) => body.member("input", &self.whole_input(before)),
                    None => body.member("previous_response_id", value.get().as_bytes()),
                },
                name => body.member(name, value.get().as_bytes()),
            }
        }
        body.once_streaming();
        body.end()
    }

    /// Returns the list of what came before and what comes now.
    fn whole_input(&self, before: &Before) -> Vec<u8> {
        let own = self.items();
        let parts = before.items.iter().chain([&own]).filter(|part| !part.is_empty());
        let mut list = Vec::with_capacity(before.bytes() + own.len() + 16);
        list.push(b'[');
        for part in parts {
            if list.len() > 1 {
                list.push(b',');
            }
            list.extend_from_slice(part);
        }
        list.push(b']');
        list
    }

    fn raw(&self, name: &str) -> Option<&'a RawValue> {
        self.members.iter().find(|(own, _)| own == name).map(|(_, value)| *value)
    }

    fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(self.raw(name)?.get()).ok()
    }
}

/// An object that is being written.
struct Body {
    bytes: BytesMut,
    streams: bool,
}

impl Body {
    fn new() -> Self {
        let mut bytes = BytesMut::new();
        bytes.put_u8(b'{');
        Self { bytes, streams: false }
    }

    fn member(&mut self, name: &str, value: &[u8]) {
        if self.bytes.len() > 1 {
            self.bytes.put_u8(b',');
        }
        self.bytes.put_slice(quoted(name).as_bytes());
        self.bytes.put_u8(b':');
        self.bytes.put_slice(value);
    }

    fn once_streaming(&mut self) {
        if !std::mem::replace(&mut self.streams, true) {
            self.member("stream", b"true");
        }
    }

    fn end(mut self) -> Bytes {
        self.bytes.put_u8(b'}');
        self.bytes.freeze()
    }
}

/// Returns an input as a list of items without its brackets, as a copy.
pub(super) fn items_of(input: &str) -> Bytes {
    let part = |text: &str| Bytes::copy_from_slice(text.as_bytes());
    if let Some(list) = input.strip_prefix('[').and_then(|list| list.strip_suffix(']')) {
        return part(list.trim());
    }
    match input {
        "" | "null" => Bytes::new(),
        said if said.starts_with('"') => {
            let item = format!(r#"{{"type":"message","role":"user","content":{said}}}"#);
            Bytes::from(item)
        }
        item => part(item),
    }
}

/// Writes a text as JSON.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn body(message: &str, model: Option<&str>, before: Option<&Before>) -> String {
        let create = Create::read(message.as_bytes()).unwrap();
        String::from_utf8(create.body(model, before).to_vec()).unwrap()
    }

    #[test]
    fn the_envelope_goes_and_everything_else_keeps_its_bytes_and_its_order() {
        let message = r#"{ "type":"response.create", "model": "m", "x": 1.50, "stream": false,
            "background":true, "generate":true, "input": [ {"a": "\u00e9"} ], "store" : false}"#;
        assert_eq!(
            body(message, Some("other"), None),
            r#"{"model":"m","x":1.50,"stream":true,"input":[ {"a": "\u00e9"} ],"store":false}"#
        );
    }

    #[test]
    fn a_missing_model_is_the_one_of_the_address() {
        let message = r#"{"type":"response.create","input":"hi"}"#;
        assert_eq!(
            body(message, Some("m\""), None),
            r#"{"model":"m\"","input":"hi","stream":true}"#
        );
        assert_eq!(body(message, None, None), r#"{"input":"hi","stream":true}"#);
    }

    #[test]
    fn what_came_before_stands_in_for_its_id_and_for_no_other() {
        let before = Before {
            id: "resp_1".to_owned(),
            items: vec![Bytes::from_static(b"{\"a\":1}"), Bytes::new(), Bytes::from_static(b"2")],
        };
        let message = r#"{"type":"response.create","previous_response_id":"resp_1","input":[3]}"#;
        assert_eq!(body(message, None, Some(&before)), r#"{"input":[{"a":1},2,3],"stream":true}"#);
        let spoken =
            r#"{"input":"go on","type":"response.create","previous_response_id":"resp_1"}"#;
        assert_eq!(
            body(spoken, None, Some(&before)),
            r#"{"input":[{"a":1},2,{"type":"message","role":"user","content":"go on"}],"stream":true}"#
        );
        let silent = r#"{"type":"response.create","previous_response_id":"resp_1"}"#;
        assert_eq!(body(silent, None, Some(&before)), r#"{"input":[{"a":1},2],"stream":true}"#);
        let other = message.replace("resp_1", "resp_2");
        assert_eq!(
            body(&other, None, Some(&before)),
            r#"{"previous_response_id":"resp_2","input":[3],"stream":true}"#
        );
    }

    #[test]
    fn what_is_kept_elsewhere_is_told_apart() {
        let before = Before { id: "resp_1".to_owned(), items: Vec::new() };
        let leans = |member: &str, before: Option<&Before>| {
            let message = format!(r#"{{"type":"response.create",{member}}}"#);
            Create::read(message.as_bytes()).unwrap().leans_elsewhere(before)
        };
        assert!(!leans(r#""input":[]"#, None));
        assert!(!leans(r#""previous_response_id":null,"conversation":null"#, None));
        assert!(!leans(r#""previous_response_id":"resp_1""#, Some(&before)));
        assert!(leans(r#""previous_response_id":"resp_1""#, None));
        assert!(leans(r#""previous_response_id":"resp_2""#, Some(&before)));
        assert!(leans(r#""conversation":{"id":"conv_1"}"#, None));
        assert!(leans(r#""previous_response_id":"resp_1","conversation":"c""#, Some(&before)));
    }

    #[test]
    fn what_asks_for_nothing_is_told_apart() {
        let read = |text: &str| Create::read(text.as_bytes()).map(|_| ()).unwrap_err();
        for text in ["", "{", "[]", "\"response.create\"", "{\"type\":\"response.create\"} x"] {
            assert!(matches!(read(text), CreateError::NotAnObject(_)), "{text}");
        }
        assert_eq!(read("{}"), CreateError::OtherType(String::new()));
        assert_eq!(
            read(r#"{"type":"response.cancel"}"#),
            CreateError::OtherType("response.cancel".to_owned())
        );
        assert_eq!(read(r#"{"type":1}"#), CreateError::OtherType(String::new()));
    }

    #[test]
    fn a_warm_up_generates_nothing() {
        let read = |text: &'static str| Create::read(text.as_bytes()).unwrap().is_warm_up();
        assert!(read(r#"{"type":"response.create","generate":false}"#));
        assert!(!read(r#"{"type":"response.create","generate":true}"#));
        assert!(!read(r#"{"type":"response.create"}"#));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[a-z_]{1,6}", inner, 0..4)
                    .prop_map(|map| json!(map)),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_body_says_what_the_message_said(
            members in proptest::collection::btree_map("[a-z_]{1,12}", any_json(), 0..6),
        ) {
            let mut message = json!(members);
            message["type"] = json!("response.create");
            let text = message.to_string();
            let written = Create::read(text.as_bytes()).unwrap().body(None, None);
            let mut expected = message;
            let map = expected.as_object_mut().unwrap();
            for name in OF_THE_ENVELOPE {
                map.remove(name);
            }
            map.insert("stream".to_owned(), json!(true));
            prop_assert_eq!(serde_json::from_slice::<Value>(&written).unwrap(), expected);
        }

        #[test]
        fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(create) = Create::read(&bytes) {
                let _ = create.body(Some("m"), None);
            }
        }
    }
}
