//! Strict clients of each dialect: what they take for a whole tool call, for the end of a message and
//! for an error. Nothing that a specification does not allow is forgiven.

use std::collections::BTreeMap;

use serde_json::Value;
use switchyard_actors::domain::dialect::Dialect;

/// What a client has understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Understood {
    /// Tool calls that it would run now, with their arguments.
    pub calls: Vec<String>,
    /// The message has ended as it should.
    pub finished: bool,
    /// It was told of an error.
    pub error: bool,
    /// Something was not what the dialect sends.
    pub garbage: bool,
    open: BTreeMap<u64, (String, String)>,
}

/// Reads an event stream as its specification says: an event without its blank line is none.
pub fn events(dialect: Dialect, bytes: &[u8]) -> Understood {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    let mut understood = Understood::default();
    let whole = text.rfind("\n\n").map_or("", |end| &text[..end]);
    for event in whole.split("\n\n") {
        understood.event(dialect, event);
    }
    understood
}

/// Reads a growing list once it is there; one that was cut is an error to its client.
pub fn list(dialect: Dialect, bytes: &[u8]) -> Understood {
    let mut understood = Understood::default();
    match serde_json::from_slice::<Vec<Value>>(bytes) {
        Ok(elements) => elements.iter().for_each(|one| understood.document(dialect, "", one)),
        Err(_) => understood.error = true,
    }
    understood
}

impl Understood {
    fn event(&mut self, dialect: Dialect, event: &str) {
        let (mut name, mut data) = ("", Vec::new());
        for line in event.lines() {
            match line.split_once(':') {
                Some(("event", value)) => name = value.trim_start(),
                Some(("data", value)) => data.push(value.strip_prefix(' ').unwrap_or(value)),
                _ => {}
            }
        }
        let data = data.join("\n");
        if data.is_empty() {
            return;
        }
        if data == "[DONE]" {
            self.finished = true;
            return;
        }
        match serde_json::from_str(&data) {
            Ok(document) => self.document(dialect, name, &document),
            Err(_) => self.garbage = true,
        }
    }

    fn document(&mut self, dialect: Dialect, name: &str, document: &Value) {
        // A client that has heard of an error reads nothing more.
        if self.error {
            self.garbage = true;
            return;
        }
        match dialect {
            Dialect::Anthropic => self.anthropic(name, document),
            Dialect::OpenaiChat => self.chat(document),
            Dialect::Responses => self.responses(document),
            Dialect::Gemini => self.gemini(document),
            Dialect::GeminiCli => self.gemini(document.get("response").unwrap_or(document)),
        }
    }

    /// The official clients go by the event's name.
    fn anthropic(&mut self, name: &str, document: &Value) {
        let index = document["index"].as_u64().unwrap_or_default();
        let (block, delta) = (&document["content_block"], &document["delta"]);
        self.garbage |= document["type"] != name;
        match name {
            "error" => self.error = true,
            "message_stop" => self.finished = true,
            "content_block_start" if block["type"] == "tool_use" => {
                self.open(index, &block["name"]);
            }
            "content_block_delta" => self.more(index, &delta["partial_json"]),
            "content_block_stop" => self.close(index),
            _ => {}
        }
    }

    fn chat(&mut self, document: &Value) {
        self.error |= document["error"].is_object();
        let choice = &document["choices"][0];
        for call in choice["delta"]["tool_calls"].as_array().into_iter().flatten() {
            let index = call["index"].as_u64().unwrap_or_default();
            if call["id"].is_string() {
                self.open(index, &call["function"]["name"]);
            }
            self.more(index, &call["function"]["arguments"]);
        }
        if choice["finish_reason"].is_string() {
            self.finished = true;
            for index in self.open.keys().copied().collect::<Vec<_>>() {
                self.close(index);
            }
        }
    }

    fn responses(&mut self, document: &Value) {
        let item = &document["item"];
        let is_call = item["type"].as_str().is_some_and(|kind| kind.ends_with("_call"));
        match document["type"].as_str().unwrap_or_default() {
            "error" | "response.failed" => self.error = true,
            "response.completed" | "response.incomplete" => self.finished = true,
            "response.output_item.done" if is_call => {
                self.calls.push(format!("{}{}{}", item["name"], item["arguments"], item["input"]));
            }
            _ => {}
        }
    }

    fn gemini(&mut self, document: &Value) {
        self.error |= document["error"].is_object();
        let candidate = &document["candidates"][0];
        for part in candidate["content"]["parts"].as_array().into_iter().flatten() {
            if part["functionCall"].is_object() {
                self.calls.push(part["functionCall"].to_string());
            }
        }
        self.finished |= candidate["finishReason"].is_string();
    }

    fn open(&mut self, index: u64, name: &Value) {
        self.open.insert(index, (name.to_string(), String::new()));
    }

    fn more(&mut self, index: u64, text: &Value) {
        if let (Some((_, arguments)), Some(text)) = (self.open.get_mut(&index), text.as_str()) {
            arguments.push_str(text);
        }
    }

    fn close(&mut self, index: u64) {
        if let Some((name, arguments)) = self.open.remove(&index) {
            self.calls.push(format!("{name}{arguments}"));
        }
    }
}
