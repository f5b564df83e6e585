//! What is wrong with a body, in the form that clients of the original know.

use serde_json::{Map, Value, json};

/// What is wrong with a value that is of the right kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The message of the console that says it.
    pub id: &'static str,
    /// The same in the words of the contract.
    pub text: &'static str,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The kind: `invalid_type`, `too_small`, ...
    pub code: &'static str,
    /// Where: names and indexes from the outside in.
    pub path: Vec<Value>,
    /// In words; never the value itself.
    pub message: String,
    /// What else there is to say: `expected`, `minimum`, ...
    pub more: Map<String, Value>,
    /// The message of the console that says it, where the kind alone does not.
    pub about: Option<&'static str>,
}

impl Issue {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, path: Vec::new(), message: message.into(), more: Map::new(), about: None }
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    pub(super) fn at(mut self, step: impl Into<Value>) -> Self {
        self.path.insert(0, step.into());
        self
    }

    /// Says that a value is not there.
    pub(super) fn none() -> Self {
        Self::new("invalid_union", "Invalid input")
    }

    pub(super) fn wrong_type(expected: &str, found: &str) -> Self {
        let message = format!("Invalid input: expected {expected}, received {found}");
        Self::new("invalid_type", message).with("expected", expected)
    }

    pub(super) fn too_small(origin: &str, least: impl Into<Value>) -> Self {
        let least = least.into();
        let message = format!("Too small: expected {origin} to be at least {least}");
        Self::new("too_small", message)
            .with("origin", origin)
            .with("minimum", least)
            .with("inclusive", true)
    }

    pub(super) fn too_big(origin: &str, most: impl Into<Value>) -> Self {
        let most = most.into();
        let message = format!("Too big: expected {origin} to be at most {most}");
        Self::new("too_big", message)
            .with("origin", origin)
            .with("maximum", most)
            .with("inclusive", true)
    }

    pub(super) fn format(format: &str, message: &str) -> Self {
        Self::new("invalid_format", message).with("format", format)
    }

    /// Makes an issue of a rule that no kind of value can state.
    #[must_use]
    pub fn custom(fault: Fault) -> Self {
        Self { about: Some(fault.id), ..Self::new("custom", fault.text) }
    }

    /// Says what of several it is about, in its words and beside them.
    #[must_use]
    pub fn naming(self, what: &str, name: &str) -> Self {
        let message = format!("{name}: {}", self.message);
        Self { message, ..self }.with(what, name)
    }

    /// Returns the issue as a JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = json!({ "code": self.code, "path": self.path, "message": self.message });
        if let Some(object) = object.as_object_mut() {
            object.extend(self.more.clone());
        }
        object
    }

    /// Prints issues as the JSON text that stands for them in an error.
    #[must_use]
    pub fn print(issues: &[Self]) -> String {
        let list: Vec<Value> = issues.iter().map(Self::to_json).collect();
        serde_json::to_string_pretty(&list).unwrap_or_default()
    }
}
