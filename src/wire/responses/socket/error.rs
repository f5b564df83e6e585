//! Errors as messages of a socket: the error of an HTTP answer, with its status beside it.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// An error of the socket itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketError {
    /// A message is not a JSON object.
    InvalidJson,
    /// A message asks for something that sockets do not do.
    UnsupportedType,
    /// A message goes on from a response that is not known here.
    UnknownResponse,
    /// A message is not text.
    Binary,
    /// More messages wait than may.
    TooMany,
    /// There is no memory left for what waits.
    NoMemory,
    /// An event of the answer is too long to be a message.
    EventTooLong,
    /// The answer broke off where HTTP would cut the connection.
    Cut,
    /// Switchyard itself failed.
    Internal,
}

impl SocketError {
    /// Returns the status that an answer would have.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidJson | Self::UnsupportedType | Self::UnknownResponse | Self::Binary => 400,
            Self::TooMany => 429,
            Self::EventTooLong | Self::Cut => 502,
            Self::NoMemory => 503,
            Self::Internal => 500,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::InvalidJson => "invalid_json",
            Self::UnsupportedType => "unsupported_event_type",
            Self::UnknownResponse => "previous_response_not_found",
            Self::Binary => "unsupported_data",
            Self::TooMany => "too_many_requests",
            Self::NoMemory => "server_is_overloaded",
            Self::Internal => "internal_server_error",
            Self::EventTooLong | Self::Cut => "bad_gateway",
        }
    }

    const fn kind(self) -> &'static str {
        match self.status() {
            400 => "invalid_request_error",
            429 => "rate_limit_error",
            _ => "server_error",
        }
    }

    /// Writes the message.
    #[must_use]
    pub fn message(self, text: &str) -> Bytes {
        let error = Named { r#type: self.kind(), code: self.code(), message: text, param: None };
        let error = serde_json::value::to_raw_value(&error).ok();
        write(self.status(), error.as_deref(), None)
    }
}

#[derive(Serialize)]
struct Named<'a> {
    r#type: &'a str,
    code: &'a str,
    message: &'a str,
    param: Option<()>,
}

/// The body of an error.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    error: &'a RawValue,
}

#[derive(Serialize)]
struct Message<'a> {
    r#type: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<&'a Map<String, Value>>,
}

/// The headers of an answer by their names.
#[must_use]
pub fn headers_of<'a>(all: impl IntoIterator<Item = (&'a str, &'a str)>) -> Map<String, Value> {
    let mut headers = Map::new();
    for (name, value) in all {
        match headers.get_mut(name) {
            // As RFC 9110 joins the lines of one header.
            Some(Value::String(line)) => {
                line.push_str(", ");
                line.push_str(value);
            }
            _ => drop(headers.insert(name.to_owned(), value.into())),
        }
    }
    headers
}

/// Makes a message of an answer with a status that is not good: its `error` as it is written.
#[must_use]
pub fn of_answer(status: u16, headers: &Map<String, Value>, body: &[u8]) -> Bytes {
    if let Ok(Body { error }) = serde_json::from_slice(body) {
        return write(status, Some(error), Some(headers));
    }
    let error = Named {
        r#type: "server_error",
        code: "bad_gateway",
        message: "the upstream refused the request without saying why",
        param: None,
    };
    let error = serde_json::value::to_raw_value(&error).ok();
    write(status, error.as_deref(), Some(headers))
}

fn write(status: u16, error: Option<&RawValue>, headers: Option<&Map<String, Value>>) -> Bytes {
    let headers = headers.filter(|headers| !headers.is_empty());
    let message = Message { r#type: "error", status, error, headers };
    serde_json::to_vec(&message).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &Bytes) -> &str {
        std::str::from_utf8(bytes).unwrap()
    }

    #[test]
    fn an_error_of_the_socket_names_its_code() {
        assert_eq!(
            text(&SocketError::InvalidJson.message("no")),
            r#"{"type":"error","status":400,"error":{"type":"invalid_request_error","code":"invalid_json","message":"no","param":null}}"#
        );
        assert!(text(&SocketError::TooMany.message("")).contains("too_many_requests"));
    }

    #[test]
    fn the_error_of_an_answer_keeps_its_bytes() {
        let body = br#"{"request_id":"1","error": {"code" :  null}}"#;
        assert_eq!(
            text(&of_answer(
                429,
                &headers_of([("retry-after", "3"), ("a", "1"), ("a", "2")]),
                body
            )),
            r#"{"type":"error","status":429,"error":{"code" :  null},"headers":{"a":"1, 2","retry-after":"3"}}"#
        );
        let odd = of_answer(500, &Map::new(), b"<html>");
        assert!(text(&odd).starts_with(r#"{"type":"error","status":500,"error":{"#), "{odd:?}");
    }
}
