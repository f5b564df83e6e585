//! Everything that can go wrong for a client, in one place, and how it is said in its dialect.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::ids::RequestId;
use switchyard_actors::domain::limits::Refusal;
use switchyard_actors::domain::words::Found;

pub use super::attempt_failure::{AttemptFailure, UpstreamAnswer};
use super::exhausted::Exhausted;
use super::versions::TooOld;
use crate::metrics::{Metrics, Shed};
use crate::wire::convert::Refused;
use crate::wire::error_body::{CONTENT_TYPE, ClientError, ErrorKind};
use crate::wire::usage::TapReport;

/// What is said of a model's call that cannot be read.
pub const BAD_CALL: &str = "the model wrote a call of a tool that cannot be read";

/// What is said of an answer that is longer than what is held of one.
pub const TOO_LONG: &str = "the answer is longer than what switchyard holds of one";
/// The code of a request that no memory of ours can convert, which is 413.
pub const TOO_LARGE: &str = "request_too_large";

/// What is said of an answer that there is no memory for.
pub const NO_ROOM: &str = "switchyard is at its limit of memory and could not hold the answer, \
    which the provider has given and may bill; ask again when less is going on";

/// What is said of a request that was still running when the grace of a stop was over.
pub const STOPPED: &str = "switchyard is stopping and could not wait for the answer; ask again";

/// After so many seconds another try makes sense: another node is there, or this one again.
const RESTART_S: u64 = 5;

/// The code of what we end ourselves because we stop.
pub const STOPPING: &str = "server_stopping";

/// Why a request is refused or given up.
#[derive(Clone, Debug)]
pub enum Failure {
    /// Too much is going on here, or the journal cannot take rows: serving would lose money.
    Shed(Shed),
    /// The credential is missing, unknown, conflicting or may not be used.
    Unauthorized {
        /// The contract's code.
        code: &'static str,
        /// What to do.
        message: String,
    },
    /// No such route.
    UnknownRoute,
    /// The client asked for a WebSocket.
    UpgradeRequired,
    /// The request itself is wrong.
    BadRequest {
        /// 400, 408, 413 or 415.
        status: u16,
        /// What and where.
        message: String,
    },
    /// The caller says a word that may not be sent.
    Word(Found),
    /// It cannot be converted for any provider that is there.
    Unfit(Refused),
    /// A limit refused.
    Limited(Refusal),
    /// The key has tokens counted too often: after how long the next one is free.
    CountsTooOften(Duration),
    /// The model has no price and unpriced ones are refused.
    Unpriced(String),
    /// Nobody can serve it.
    NoProvider {
        /// All who could are cooling down: after how long the first one is back.
        cooling: Option<Duration>,
    },
    /// The client is too old.
    OldClient(Box<TooOld>),
    /// All who have the model keep this client out: what they say.
    ClientNotServed(String),
    /// Everybody asked failed.
    Exhausted(Box<Exhausted>),
    /// The upstream says that the client is wrong.
    ClientFault(AttemptFailure),
    /// The model wrote a call of a tool that nobody can read, which is no provider's fault and may be
    /// billed: what the answer used.
    BadCall(Box<TapReport>),
    /// The answer is longer than what we hold of one, which is no provider's fault: what it used. Another one
    /// would be as long.
    TooLong(Box<TapReport>),
    /// We have no memory left for the answer, which is no provider's fault: what it used.
    NoRoom(Box<TapReport>),
    /// The grace of a stop is over.
    Stopping,
    /// Switchyard itself failed.
    Internal,
}

impl Failure {
    /// Returns the status the client gets.
    #[must_use]
    pub fn status(&self, dialect: Dialect) -> u16 {
        if let Some(status) = self.rewording().and_then(|rule| rule.told_status) {
            return status;
        }
        match self {
            Self::Shed(Shed::InFlight | Shed::Bytes | Shed::Uploads | Shed::Patterns) => {
                overloaded_status(dialect)
            }
            Self::Unauthorized { .. } => 401,
            Self::UnknownRoute => 404,
            Self::UpgradeRequired => 426,
            Self::BadRequest { status, .. } => *status,
            Self::Limited(refusal) => {
                if refusal.kind.is_money() {
                    402
                } else {
                    429
                }
            }
            Self::Unfit(refused) if refused.code == TOO_LARGE => 413,
            Self::Unpriced(_)
            | Self::Unfit(_)
            | Self::Word(_)
            | Self::OldClient(_)
            | Self::ClientNotServed(_) => 400,
            Self::NoProvider { cooling: Some(_) } | Self::CountsTooOften(_) => 429,
            Self::Shed(Shed::Journal) | Self::NoProvider { .. } | Self::Stopping => 503,
            Self::Exhausted(sum) => sum.status(dialect),
            Self::ClientFault(last) if is_overflow(last, dialect) => 400,
            Self::ClientFault(last) => last.status.unwrap_or(400),
            Self::BadCall(_) | Self::TooLong(_) | Self::NoRoom(_) => 502,
            Self::Internal => 500,
        }
    }

    /// Returns after how many seconds another try makes sense.
    #[must_use]
    pub fn retry_after_s(&self) -> Option<u64> {
        let seconds =
            |span: Duration| span.as_secs().saturating_add(u64::from(span.subsec_nanos() > 0));
        match self {
            Self::Shed(_) => Some(1),
            Self::Stopping => Some(RESTART_S),
            Self::Limited(refusal) => refusal.retry_after_s,
            Self::NoProvider { cooling } => cooling.map(seconds),
            Self::CountsTooOften(wait) => Some(seconds(*wait)),
            Self::Exhausted(sum) => sum.retry_after.map(seconds),
            _ => None,
        }
    }

    /// Returns the sentence for the client: no provider names, no keys.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Shed(Shed::InFlight) => {
                "switchyard is at its limit of requests, try again shortly".to_owned()
            }
            Self::Shed(Shed::Bytes) => {
                "switchyard is at its limit of memory for request bodies, try again shortly"
                    .to_owned()
            }
            Self::Shed(Shed::Uploads) => {
                "as many of your uploads are under way here as may be at once, try again shortly"
                    .to_owned()
            }
            Self::Shed(Shed::Journal) => {
                "switchyard cannot record requests at the moment and does not serve unrecorded ones"
                    .to_owned()
            }
            Self::Shed(Shed::Patterns) => {
                "too many of your requests wait here to be looked through, or it takes too long for this one: try again shortly"
                    .to_owned()
            }
            Self::Unauthorized { message, .. }
            | Self::BadRequest { message, .. }
            | Self::ClientNotServed(message) => message.clone(),
            Self::UnknownRoute => "no such route; the relay serves /v1 and /v1beta".to_owned(),
            Self::UpgradeRequired => {
                "WebSocket is not served here, use POST on the same path".to_owned()
            }
            Self::Word(Found { word, kind }) => {
                format!("the request contains \"{word}\" ({kind}), which may not be sent here")
            }
            Self::Unfit(refused) => refused.message.clone(),
            Self::Limited(refusal) => super::limit::sentence(refusal),
            Self::OldClient(old) => old.to_string(),
            Self::CountsTooOften(_) => {
                "this key has tokens counted too often, try again shortly".to_owned()
            }
            Self::Unpriced(model) => {
                format!("model {model} has no price, and requests without a price are refused here")
            }
            Self::NoProvider { cooling: Some(_) } => {
                "No provider available: all providers of this model are cooling down".to_owned()
            }
            Self::NoProvider { .. } => "No provider available for this request".to_owned(),
            Self::Exhausted(sum) => sum.message(),
            Self::ClientFault(last) => last
                .message
                .as_deref()
                .unwrap_or("the upstream refused the request as invalid")
                .to_owned(),
            Self::BadCall(_) => BAD_CALL.to_owned(),
            Self::TooLong(_) => TOO_LONG.to_owned(),
            Self::NoRoom(_) => NO_ROOM.to_owned(),
            Self::Stopping => STOPPED.to_owned(),
            Self::Internal => "switchyard failed internally; the log has the reason".to_owned(),
        }
    }

    /// Says in one word why a request was turned away at the door.
    #[must_use]
    pub const fn door_code(&self) -> &'static str {
        match self {
            Self::Unauthorized { code, .. } => code,
            Self::UnknownRoute => "unknown_route",
            Self::UpgradeRequired => "websocket",
            Self::BadRequest { status: 413, .. } => "too_large",
            Self::BadRequest { status: 408, .. } => "slow_upload",
            Self::BadRequest { status: 415, .. } => "encoding",
            Self::BadRequest { .. } => "broken_upload",
            Self::Shed(Shed::InFlight) => "requests_full",
            Self::Shed(Shed::Bytes) => "memory_full",
            Self::Shed(Shed::Uploads) => "uploads_full",
            Self::Shed(Shed::Journal) => "journal",
            Self::Shed(Shed::Patterns) => "patterns_full",
            Self::Stopping => STOPPING,
            _ => "other",
        }
    }

    /// Counts a request that was turned away, or given up, for want of room.
    pub fn count(&self, metrics: &Metrics) {
        match self {
            Self::Shed(why) => metrics.shed(*why),
            Self::NoRoom(_) => metrics.shed(Shed::Bytes),
            _ => {}
        }
    }

    fn kind(&self, dialect: Dialect) -> ErrorKind {
        match self {
            Self::NoProvider { cooling: None } | Self::Shed(Shed::Journal) => ErrorKind::Overloaded,
            Self::ClientFault(last) if last.foreign && last.is_context_length() => {
                ErrorKind::ContextLength
            }
            other => ErrorKind::of_status(other.status(dialect)),
        }
    }

    fn code(&self) -> Option<String> {
        match self {
            Self::Unauthorized { code, .. } => Some((*code).to_owned()),
            Self::NoProvider { cooling: None } => Some("no_available_providers".to_owned()),
            Self::Word(_) => Some("sensitive_word".to_owned()),
            Self::Stopping => Some(STOPPING.to_owned()),
            Self::Exhausted(sum) => sum.code().map(str::to_owned),
            Self::Unfit(refused) => {
                Some(refused.code).filter(|code| !code.is_empty()).map(str::to_owned)
            }
            Self::ClientFault(last) => last.own_code().map(str::to_owned),
            _ => None,
        }
    }

    /// Returns the failure as the client's dialect has it.
    #[must_use]
    pub fn client_error(&self, dialect: Dialect, id: RequestId) -> ClientError {
        if let Self::Limited(refusal) = self {
            return ClientError::refused(refusal.clone(), self.message(), id);
        }
        let upgrade = match self {
            Self::OldClient(old) => Some(old.upgrade()),
            _ => None,
        };
        ClientError {
            status: self.status(dialect),
            upgrade,
            code: self.code(),
            retry_after_s: self.retry_after_s(),
            ..ClientError::new(self.kind(dialect), self.message_in(dialect), id)
        }
    }

    /// Returns the sentence, in words that the clients of a dialect look for.
    fn message_in(&self, dialect: Dialect) -> String {
        let message = self.message();
        let lacks = || !message.to_ascii_lowercase().contains(OVERFLOW);
        match self {
            Self::ClientFault(last) if is_overflow(last, dialect) && lacks() => {
                format!("{OVERFLOW}: {message}")
            }
            _ => message,
        }
    }

    /// Returns the whole answer.
    #[must_use]
    pub fn respond(&self, dialect: Dialect, id: RequestId) -> HttpResponse {
        let status = self.status(dialect);
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
        let mut answer = HttpResponse::build(status);
        answer.insert_header(("x-switchyard-request-id", id.to_string()));
        answer.insert_header(("content-type", CONTENT_TYPE));
        if let Some(seconds) = self.retry_after_s() {
            answer.insert_header(("retry-after", seconds.to_string()));
        }
        if let Self::Limited(refusal) = self {
            for (name, value) in super::limit::headers(refusal) {
                answer.insert_header((name, value));
            }
        }
        if matches!(self, Self::TooLong(_) | Self::NoRoom(_)) {
            // SDKs of OpenAI and Anthropic would buy it again at once, to no avail.
            answer.insert_header(("x-should-retry", "false"));
        }
        if matches!(self, Self::UpgradeRequired) {
            answer.insert_header(("upgrade", "HTTP/1.1"));
        }
        answer.body(self.body(dialect, id))
    }
}

/// How Anthropic says that a conversation is too long: Claude Code looks for these words, and compacts.
const OVERFLOW: &str = "prompt is too long";

/// Tells whether a provider of another format says that the conversation of one of Anthropic's clients is
/// too long.
fn is_overflow(last: &AttemptFailure, dialect: Dialect) -> bool {
    dialect == Dialect::Anthropic && last.foreign && last.is_context_length()
}

/// Anthropic clients know 529, all others 503.
pub(super) const fn overloaded_status(dialect: Dialect) -> u16 {
    match dialect {
        Dialect::Anthropic => 529,
        _ => 503,
    }
}
