//! What the upstream remembers: each request, how much of the answer was taken, how the peer left.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::time::Instant;

use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::Value;

use super::rules::Rule;

/// Everything the connections share with the handle.
#[derive(Default)]
pub struct Book {
    pub state: Mutex<State>,
    pub open: AtomicUsize,
    pub connections: AtomicU64,
    pub accepted: AtomicU64,
}

/// The part under the lock.
#[derive(Default)]
pub struct State {
    pub rules: Vec<Rule>,
    pub seen: BTreeMap<u64, Seen>,
    next: u64,
}

impl State {
    /// Files a request and returns its number.
    pub fn file(&mut self, mut seen: Seen) -> u64 {
        let id = self.next;
        self.next += 1;
        seen.id = id;
        self.seen.insert(id, seen);
        id
    }
}

/// How a peer closed its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// An orderly end.
    Fin,
    /// A reset, or a write that nobody wanted any more.
    Reset,
}

/// The peer's leaving.
#[derive(Clone, Copy, Debug)]
pub struct Left {
    pub how: How,
    pub at: Instant,
    /// The answer's script was not finished.
    pub during_answer: bool,
}

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    pub id: u64,
    pub connection: u64,
    pub method: String,
    /// Without the query.
    pub path: String,
    pub query: Option<String>,
    /// In order, with the case of the wire.
    pub headers: Vec<(String, String)>,
    /// The decoded body, as far as it was read.
    pub body: Bytes,
    pub at: Instant,
    /// Bytes of the answer that were accepted.
    pub bytes_accepted: u64,
    /// The script ran to its end.
    pub answered: bool,
    pub left: Option<Left>,
}

impl Seen {
    /// Returns a header's first value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// Returns the body as JSON; `Null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// Returns the model of the body, or of a Gemini path.
    pub fn model(&self) -> Option<String> {
        if let Some(model) = self.json().get("model").and_then(Value::as_str) {
            return Some(model.to_owned());
        }
        let (_, rest) = self.path.split_once("/models/")?;
        Some(rest.split(':').next().unwrap_or(rest).to_owned())
    }

    /// Returns the credential, wherever it stands.
    pub fn key(&self) -> Option<&str> {
        let bearer = self.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        let query = || self.query.as_deref()?.split('&').find_map(|pair| pair.strip_prefix("key="));
        bearer
            .or_else(|| self.header("x-api-key"))
            .or_else(|| self.header("x-goog-api-key"))
            .or_else(query)
    }

    /// Tells whether a stream was asked for, by body or by path.
    pub fn wants_stream(&self) -> bool {
        self.path.contains(":streamGenerateContent") || self.json()["stream"] == true
    }
}
