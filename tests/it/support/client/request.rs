//! A request as bytes.

use bytes::{Bytes, BytesMut};
use switchyard_actors::domain::dialect::Dialect;

use crate::support::upstream::answers;

/// One request; nothing is added but `Host` (unless it is given), `Connection` and the length.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub target: String,
    headers: Vec<(String, String)>,
    body: Bytes,
    framed: bool,
}

impl Request {
    /// A request without a body.
    pub fn get(target: &str) -> Self {
        Self {
            method: "GET".to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Bytes::new(),
            framed: true,
        }
    }

    /// A JSON request.
    pub fn post(target: &str, body: impl Into<Bytes>) -> Self {
        let mut request = Self::get(target).header("content-type", "application/json");
        "POST".clone_into(&mut request.method);
        request.body = body.into();
        request
    }

    /// A model call in the dialect, with the key where its own clients put it.
    pub fn model(dialect: Dialect, key: &str, model: &str, stream: bool) -> Self {
        Self::saying(dialect, key, model, stream, "Say hello.")
    }

    /// A model call with the given user text.
    pub fn saying(dialect: Dialect, key: &str, model: &str, stream: bool, text: &str) -> Self {
        let target = answers::target(dialect, model, stream);
        let request = Self::post(&target, answers::request(dialect, model, stream, text));
        match dialect {
            Dialect::Anthropic => {
                request.header("x-api-key", key).header("anthropic-version", "2023-06-01")
            }
            Dialect::Gemini => request.header("x-goog-api-key", key),
            _ => request.bearer(key),
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds the key as a bearer token.
    #[must_use]
    pub fn bearer(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    /// Leaves the length (and chunking) to the headers given.
    #[must_use]
    pub fn unframed(mut self) -> Self {
        self.framed = false;
        self
    }

    /// Replaces the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Tells whether a header was added.
    pub fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(own, _)| own == name)
    }

    /// Returns the body.
    pub fn body_bytes(&self) -> &Bytes {
        &self.body
    }

    /// Returns what goes over the wire.
    pub fn bytes(&self) -> BytesMut {
        let mut out = BytesMut::with_capacity(self.body.len() + 512);
        out.extend_from_slice(format!("{} {} HTTP/1.1\r\n", self.method, self.target).as_bytes());
        if !self.has("host") {
            out.extend_from_slice(b"Host: switchyard.test\r\n");
        }
        out.extend_from_slice(b"Connection: close\r\n");
        for (name, value) in &self.headers {
            out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        if self.framed {
            out.extend_from_slice(format!("Content-Length: {}\r\n", self.body.len()).as_bytes());
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(&self.body);
        out
    }
}
