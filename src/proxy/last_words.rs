//! How an answer that broke off after its beginning had gone out is ended, where its form has room
//! for an error: with one in the client's dialect, and without anything that looks like an end.

use bytes::Bytes;
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::ids::RequestId;

use crate::wire::error_body::{ClientError, ErrorKind, StreamPosition};
use crate::wire::gemini::list::ListPlace;
use crate::wire::usage::TapReport;

const MESSAGE: &str = "the upstream broke off its answer; what was sent is not complete";

/// Returns the last event of a stream of events.
#[must_use]
pub fn in_events(dialect: Dialect, id: RequestId, so_far: Option<&TapReport>) -> Bytes {
    error(id).stream_event(dialect, &so_far.map(StreamPosition::from).unwrap_or_default())
}

/// Returns the last element of a growing list; `None` in the middle of an element.
#[must_use]
pub fn in_list(dialect: Dialect, id: RequestId, place: ListPlace) -> Option<Bytes> {
    error(id).array_end(dialect, place)
}

/// Returns the error that says so.
#[must_use]
pub fn error(id: RequestId) -> ClientError {
    ClientError::new(ErrorKind::Upstream, MESSAGE, id)
}
