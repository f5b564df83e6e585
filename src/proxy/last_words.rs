//! How an answer that broke off after its beginning had gone out is ended, where its form has room
//! for an error: with one in the client's dialect, and without anything that looks like an end.

use bytes::Bytes;
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::ids::RequestId;

use super::failure::STOPPING;
use crate::wire::error_body::{ClientError, ErrorKind, StreamPosition};
use crate::wire::gemini::list::ListPlace;
use crate::wire::usage::TapReport;

/// Who ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaker {
    /// The upstream.
    Upstream,
    /// We, since the grace of a stop is over.
    Stop,
}

impl Breaker {
    /// Returns the error that says so.
    #[must_use]
    pub fn error(self, id: RequestId) -> ClientError {
        match self {
            Self::Upstream => {
                let text = "the upstream broke off its answer; what was sent is not complete";
                ClientError::new(ErrorKind::Upstream, text, id)
            }
            Self::Stop => {
                let text = "switchyard is stopping; what was sent of the answer is not complete";
                let code = Some(STOPPING.to_owned());
                ClientError { code, ..ClientError::new(ErrorKind::Internal, text, id) }
            }
        }
    }
}

/// Returns the last event of a stream of events.
#[must_use]
pub fn in_events(dialect: Dialect, error: &ClientError, so_far: Option<&TapReport>) -> Bytes {
    error.stream_event(dialect, &so_far.map(StreamPosition::from).unwrap_or_default())
}

/// Returns the last element of a growing list; `None` in the middle of an element.
#[must_use]
pub fn in_list(dialect: Dialect, error: &ClientError, place: ListPlace) -> Option<Bytes> {
    error.array_end(dialect, place)
}
