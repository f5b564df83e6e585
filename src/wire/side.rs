//! Side requests of Anthropic's clients that a gateway can answer by itself: what they are, and what
//! they are answered.

use bytes::Bytes;
use serde_json::{Value, json};

use super::tree::{Member, Node};

/// A side request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It fills a cache before the conversation begins.
    Warmup,
    /// It counts the tokens of one word, to see whether anybody answers.
    Probe,
}

impl Side {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Warmup, Self::Probe];

    /// Returns the name in figures and on the row.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warmup => "warmup",
            Self::Probe => "probe",
        }
    }
}

/// An answer of our own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its content type.
    pub content_type: &'static str,
    /// Its body.
    pub body: Bytes,
}

/// The words of a probe.
const PROBES: [&str; 2] = ["foo", "count"];
/// What a warm-up is answered.
const READY: &str = "Ready.";

/// Tells whether a body is a warm-up: one message of the user, of one text, which is `warmup` and bears
/// a cache mark.
#[must_use]
pub fn is_warmup(body: &[u8]) -> bool {
    let Some(message) = only_message(body) else { return false };
    let mut blocks = message.get("content").into_iter().flat_map(|content| content.elements());
    let (Some(block), None) = (blocks.next(), blocks.next()) else { return false };
    let is_ephemeral = block.find(&["cache_control", "type"]).is_some_and(|it| it.is("ephemeral"));
    is_ephemeral && block.get("text").is_some_and(|text| says(text, &["warmup"]))
}

/// Tells whether a body is a probe: one message of the user whose content is one of the words, and
/// neither instructions nor tools, whose tokens somebody may want to know.
#[must_use]
pub fn is_probe(body: &[u8]) -> bool {
    let Some(root) = Node::root(body) else { return false };
    let is_beside = |member: Member<'_>| {
        let is_nothing = |value: Node<'_>| {
            value.elements().next().is_none()
                && (value.is_list() || matches!(value.raw(), b"null" | b"\"\""))
        };
        (member.key.is("system") || member.key.is("tools")) && !is_nothing(member.value)
    };
    if root.members().any(is_beside) {
        return false;
    }
    let content = only_message(body).and_then(|message| message.get("content"));
    content.is_some_and(|text| says(text, &PROBES))
}

fn only_message(body: &[u8]) -> Option<Node<'_>> {
    let mut messages = Node::root(body)?.get("messages")?.elements();
    let message = messages.next().filter(|_| messages.next().is_none())?;
    message.get("role").is_some_and(|role| role.is("user")).then_some(message)
}

fn says(text: Node<'_>, words: &[&str]) -> bool {
    let said = text.text();
    said.is_some_and(|said| words.iter().any(|word| said.trim().eq_ignore_ascii_case(word)))
}

/// Answers a side request as Anthropic would, with nothing used.
#[must_use]
pub fn answer(side: Side, model: &str, stream: bool, id: &str) -> Answer {
    let whole = |value: &Value| Answer {
        content_type: "application/json",
        body: Bytes::from(value.to_string()),
    };
    match side {
        Side::Probe => whole(&json!({ "input_tokens": 0 })),
        Side::Warmup if stream => {
            Answer { content_type: "text/event-stream", body: Bytes::from(streamed(model, id)) }
        }
        Side::Warmup => {
            let content = json!([{ "type": "text", "text": READY }]);
            whole(&message(model, id, &content, &json!("end_turn")))
        }
    }
}

fn message(model: &str, id: &str, content: &Value, stop_reason: &Value) -> Value {
    json!({
        "id": format!("msg_{}", id.replace('-', "")),
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": null,
        "usage": {
            "input_tokens": 0,
            "output_tokens": 0,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
        },
    })
}

fn streamed(model: &str, id: &str) -> String {
    let events = [
        json!({ "type": "message_start", "message": message(model, id, &json!([]), &Value::Null) }),
        json!({ "type": "content_block_start", "index": 0,
            "content_block": { "type": "text", "text": "" } }),
        json!({ "type": "content_block_delta", "index": 0,
            "delta": { "type": "text_delta", "text": READY } }),
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({ "type": "message_delta",
            "delta": { "stop_reason": "end_turn", "stop_sequence": null },
            "usage": { "output_tokens": 0 } }),
        json!({ "type": "message_stop" }),
    ];
    let frame = |event: &Value| {
        format!(
            "event: {}\ndata: {event}\n\n",
            event.get("type").and_then(Value::as_str).unwrap_or_default()
        )
    };
    events.iter().map(frame).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(content: &Value) -> Vec<u8> {
        let body = json!({ "model": "m", "messages": [{ "role": "user", "content": content }] });
        serde_json::to_vec_pretty(&body).unwrap()
    }

    #[test]
    fn only_a_marked_word_alone_is_a_warmup() {
        let mark = json!({ "type": "ephemeral" });
        let block = |text: &str| json!([{ "type": "text", "text": text, "cache_control": mark }]);
        assert!(is_warmup(&body(&block("Warmup"))) && is_warmup(&body(&block(" warmup\n"))));
        assert!(!is_warmup(&body(&block("warmup please"))));
        assert!(!is_warmup(&body(&json!([{ "type": "text", "text": "warmup" }]))));
        assert!(!is_warmup(&body(&json!("warmup"))));
        let two = [block("warmup")[0].clone(), block("warmup")[0].clone()];
        assert!(!is_warmup(&body(&json!(two))));
        assert!(!is_warmup(b"{}") && !is_warmup(b"no"));
    }

    #[test]
    fn only_a_word_alone_is_a_probe() {
        assert!(is_probe(&body(&json!("foo"))) && is_probe(&body(&json!(" Count "))));
        assert!(!is_probe(&body(&json!("food"))));
        assert!(!is_probe(&body(&json!([{ "type": "text", "text": "foo" }]))));
        let two = json!({ "messages": [{ "role": "user", "content": "foo" },
            { "role": "user", "content": "foo" }] });
        assert!(!is_probe(two.to_string().as_bytes()));
        let with = |key: &str, value: Value| {
            let mut body: Value = serde_json::from_slice(&body(&json!("foo"))).unwrap();
            body[key] = value;
            is_probe(body.to_string().as_bytes())
        };
        for nothing in [json!(null), json!([]), json!("")] {
            assert!(with("system", nothing.clone()) && with("tools", nothing));
        }
        assert!(!with("tools", json!([{ "name": "f" }])) && !with("system", json!("You are.")));
    }

    #[test]
    fn a_streamed_answer_says_the_same_as_a_whole_one() {
        let id = "0192-ab";
        let whole = answer(Side::Warmup, "m", false, id);
        let whole: Value = serde_json::from_slice(&whole.body).unwrap();
        assert_eq!(
            (&whole["id"], &whole["content"][0]["text"]),
            (&json!("msg_0192ab"), &json!(READY))
        );
        let streamed = answer(Side::Warmup, "m", true, id);
        let text = String::from_utf8(streamed.body.to_vec()).unwrap();
        assert!(text.contains("msg_0192ab") && text.contains(READY), "{text}");
        assert!(text.ends_with("data: {\"type\":\"message_stop\"}\n\n"), "{text}");
        assert_eq!(answer(Side::Probe, "m", false, id).body, "{\"input_tokens\":0}");
    }
}
