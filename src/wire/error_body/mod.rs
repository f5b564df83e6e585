//! The one place that knows the shape of the errors Switchyard itself answers with, per dialect.
//!
//! Every body carries the request's id; none carries a provider's name, address or key: the caller
//! sees to the message, this file to the envelope.

mod kind;
mod limit;
#[cfg(test)]
mod tests;
mod told;
mod upgrade;

use bytes::Bytes;
use serde::Serialize;
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::ids::RequestId;
use switchyard_actors::domain::limits::Refusal;

pub use kind::ErrorKind;
use limit::LimitFields;
pub use upgrade::Upgrade;

use super::gemini::list::ListPlace;
use super::usage::TapReport;

/// The content type of every error body.
pub const CONTENT_TYPE: &str = "application/json; charset=utf-8";

/// An error for a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientError {
    /// The HTTP status (of an error inside a stream: the one it would have had).
    pub status: u16,
    /// What went wrong, in the words every dialect has its own for.
    pub kind: ErrorKind,
    /// A code more exact than the kind's own, as the upstream gave it.
    pub code: Option<String>,
    /// What the client is told.
    pub message: String,
    /// The request's id.
    pub request_id: RequestId,
    /// The limit that refused the request.
    pub limit: Option<Refusal>,
    /// The version that the client lacks.
    pub upgrade: Option<Upgrade>,
    /// After how many seconds another try makes sense; Gemini's clients read it in the body.
    pub retry_after_s: Option<u64>,
}

/// How far a stream had come when the error struck: what Responses repeats in its last event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamPosition {
    /// The id the stream gave the response.
    pub response_id: Option<String>,
    /// The model the stream named.
    pub model: Option<String>,
    /// The last sequence number that was sent.
    pub sequence_number: Option<u64>,
    /// When the response was created, in seconds since 1970.
    pub created_at: Option<u64>,
}

impl From<&TapReport> for StreamPosition {
    fn from(report: &TapReport) -> Self {
        Self {
            response_id: report.response_id.clone(),
            model: report.model.clone(),
            sequence_number: report.sequence_number,
            created_at: report.created_at,
        }
    }
}

impl ClientError {
    /// Makes an error of a kind with the kind's own status.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>, request_id: RequestId) -> Self {
        let message = message.into();
        let (status, code) = (kind.status(), None);
        let (limit, upgrade, retry_after_s) = (None, None, None);
        Self { status, kind, code, message, request_id, limit, upgrade, retry_after_s }
    }

    /// Makes the error of a limit that refused: 402 for money, 429 for rates.
    #[must_use]
    pub fn refused(refusal: Refusal, message: impl Into<String>, request_id: RequestId) -> Self {
        let status = if refusal.kind.is_money() { 402 } else { 429 };
        let retry_after_s = refusal.retry_after_s;
        let limit = Some(refusal);
        Self {
            status,
            limit,
            retry_after_s,
            ..Self::new(ErrorKind::RateLimit, message, request_id)
        }
    }

    /// Writes the body of an HTTP answer; its content type is [`CONTENT_TYPE`].
    #[must_use]
    pub fn body(&self, dialect: Dialect) -> Bytes {
        let id = self.request_id.to_string();
        match dialect {
            Dialect::Anthropic => json(&Anthropic {
                r#type: "error",
                error: self.named(self.anthropic_type(), self.anthropic_code()),
                request_id: &id,
            }),
            Dialect::OpenaiChat | Dialect::Responses => {
                let error = Named {
                    param: Some(Null),
                    ..self.named(self.openai_type(), Some(self.openai_code()))
                };
                json(&OpenAi { error, request_id: &id })
            }
            Dialect::Gemini | Dialect::GeminiCli => json(&Gemini { error: self.gemini(&id) }),
        }
    }

    /// Writes the last event of a stream that broke after it had begun. Nothing follows it: neither
    /// `[DONE]` nor `message_stop`.
    #[must_use]
    pub fn stream_event(&self, dialect: Dialect, position: &StreamPosition) -> Bytes {
        match dialect {
            Dialect::Anthropic => event("event: error\ndata: ", &self.body(dialect)),
            Dialect::Responses => {
                event("event: response.failed\ndata: ", &self.response_failed(position))
            }
            // Google's clients cut at `data: ` alone: no event line, no comment.
            Dialect::OpenaiChat | Dialect::Gemini | Dialect::GeminiCli => {
                event("data: ", &self.body(dialect))
            }
        }
    }

    /// Writes the last element of a Gemini list that broke at the place; `None` where the list has
    /// no room for one.
    #[must_use]
    pub fn array_end(&self, dialect: Dialect, place: ListPlace) -> Option<Bytes> {
        let joint = place.before_next()?.as_bytes();
        Some(Bytes::from([joint, &self.body(dialect), b"]\n"].concat()))
    }

    /// Gathers the fields that all but Gemini name alike.
    fn named<'a>(&'a self, r#type: &'a str, code: Option<String>) -> Named<'a> {
        let (limit, upgrade) = (self.limit_fields(), self.upgrade.as_ref());
        Named { r#type, code, param: None, message: &self.message, limit, upgrade }
    }

    fn limit_fields(&self) -> Option<LimitFields> {
        self.limit.as_ref().map(LimitFields::of)
    }

    fn anthropic_type(&self) -> &'static str {
        if self.upgrade.is_some() { upgrade::TYPE } else { self.kind.anthropic() }
    }

    fn anthropic_code(&self) -> Option<String> {
        let of_limit = || self.limit.as_ref().map(|_| "rate_limit_exceeded".to_owned());
        self.code.clone().or_else(of_limit)
    }

    /// A refusal keeps its type at 402 too, as the original has it.
    fn openai_type(&self) -> &'static str {
        match (&self.limit, &self.upgrade) {
            (Some(_), _) => "rate_limit_error",
            (None, Some(_)) => upgrade::TYPE,
            (None, None) => kind::openai_type(self.status),
        }
    }

    fn openai_code(&self) -> String {
        if let Some(code) = &self.code {
            return code.clone();
        }
        let r#type = self.openai_type();
        match self.kind.openai_code() {
            Some(code) => code.to_owned(),
            None if r#type == "api_error" => format!("http_{}", self.status),
            None => r#type.to_owned(),
        }
    }

    fn gemini(&self, id: &str) -> GeminiError<'_> {
        let of_limit = || self.limit.as_ref().map(|_| "rate_limit_exceeded");
        let of_upgrade = || self.upgrade.as_ref().map(|_| upgrade::TYPE);
        let reason = of_limit().or_else(of_upgrade).map(str::to_owned);
        let mut details = Vec::new();
        if let Some(reason) = self.code.clone().or(reason) {
            details.push(Detail::Error { reason, domain: "switchyard" });
        }
        if let Some(seconds) = self.retry_after_s {
            details.push(Detail::Retry { retry_delay: format!("{seconds}s") });
        }
        details.push(Detail::Request { request_id: id.to_owned() });
        GeminiError {
            code: self.status,
            message: &self.message,
            status: self.kind.gemini(self.status),
            limit: self.limit_fields(),
            upgrade: self.upgrade.as_ref(),
            details,
        }
    }

    fn response_failed(&self, position: &StreamPosition) -> Bytes {
        let id = self.request_id.to_string();
        let minted_at = u64::try_from(self.request_id.millis() / 1_000).unwrap_or(0);
        json(&ResponseFailed {
            r#type: "response.failed",
            sequence_number: position.sequence_number.map_or(0, |last| last.saturating_add(1)),
            response: FailedResponse {
                id: position.response_id.clone().unwrap_or_else(|| format!("resp_{id}")),
                object: "response",
                created_at: position.created_at.unwrap_or(minted_at),
                status: "failed",
                model: position.model.as_deref().unwrap_or_default(),
                output: [],
                parallel_tool_calls: true,
                tool_choice: "auto",
                tools: [],
                error: self.named(self.openai_type(), Some(self.openai_code())),
                incomplete_details: None,
                usage: None,
            },
            request_id: &id,
        })
    }
}

#[derive(Serialize)]
struct Named<'a> {
    message: &'a str,
    r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// `OpenAI`'s bodies always have it, as null when no parameter is at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<Null>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    limit: Option<LimitFields>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    upgrade: Option<&'a Upgrade>,
}

/// A member that is there and null.
#[derive(Serialize)]
struct Null;

#[derive(Serialize)]
struct Anthropic<'a> {
    r#type: &'static str,
    error: Named<'a>,
    request_id: &'a str,
}

#[derive(Serialize)]
struct OpenAi<'a> {
    error: Named<'a>,
    request_id: &'a str,
}

#[derive(Serialize)]
struct Gemini<'a> {
    error: GeminiError<'a>,
}

#[derive(Serialize)]
struct GeminiError<'a> {
    code: u16,
    message: &'a str,
    status: &'static str,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    limit: Option<LimitFields>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    upgrade: Option<&'a Upgrade>,
    details: Vec<Detail>,
}

#[derive(Serialize)]
#[serde(tag = "@type")]
enum Detail {
    #[serde(rename = "type.googleapis.com/google.rpc.ErrorInfo")]
    Error { reason: String, domain: &'static str },
    #[serde(rename = "type.googleapis.com/google.rpc.RetryInfo")]
    Retry {
        #[serde(rename = "retryDelay")]
        retry_delay: String,
    },
    #[serde(rename = "type.googleapis.com/google.rpc.RequestInfo")]
    Request {
        #[serde(rename = "requestId")]
        request_id: String,
    },
}

#[derive(Serialize)]
struct ResponseFailed<'a> {
    r#type: &'static str,
    sequence_number: u64,
    response: FailedResponse<'a>,
    request_id: &'a str,
}

#[derive(Serialize)]
struct FailedResponse<'a> {
    id: String,
    object: &'static str,
    created_at: u64,
    status: &'static str,
    model: &'a str,
    output: [(); 0],
    /// What repeats the request is as if it had said nothing, as where an answer begins.
    parallel_tool_calls: bool,
    tool_choice: &'static str,
    tools: [(); 0],
    error: Named<'a>,
    incomplete_details: Option<()>,
    usage: Option<()>,
}

/// Structs of text and numbers always have a JSON form.
fn json(value: &impl Serialize) -> Bytes {
    serde_json::to_vec(value).unwrap_or_default().into()
}

fn event(head: &str, body: &[u8]) -> Bytes {
    Bytes::from([head.as_bytes(), body, b"\n\n"].concat())
}
