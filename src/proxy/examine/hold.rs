//! Holds whole answers, until it is known what they are.

use bytes::{Bytes, BytesMut};
use tokio::time::{Instant, timeout_at};

use super::{broken, late};
use crate::proxy::failure::{AttemptFailure, Failure};
use crate::proxy::flight::Flight;
use crate::proxy::forward::Stop;
use crate::proxy::held::AnswerHold;
use crate::proxy::inbound::{Inbound, Piece};
use crate::wire::usage::{Form, TapReport, UsageTap};

/// So many bytes of an answer are read at most where they are not kept.
pub const READ_MAX: usize = 512 << 20;

/// As much of an answer as was held.
pub enum Held {
    /// The whole.
    All(Bytes),
    /// More than was to be held.
    Part(Vec<Bytes>),
}

/// How much of an answer is held.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    /// So many bytes.
    pub bytes: usize,
    /// So many of them are not counted under the budget of bodies.
    pub uncounted: usize,
}

/// Holds an answer of up to `limit` bytes.
///
/// # Errors
/// It broke off, or was late.
pub async fn whole(
    inbound: &mut Inbound,
    deadline: Instant,
    limit: usize,
) -> Result<Held, AttemptFailure> {
    let mut parts: Vec<Bytes> = Vec::new();
    let mut length = 0;
    while let Some(bytes) = next(inbound, deadline).await? {
        length += bytes.len();
        parts.push(bytes);
        if length > limit {
            return Ok(Held::Part(parts));
        }
    }
    Ok(Held::All(join(parts, length)))
}

/// Holds an answer that may be large, under the budget of bodies, for as long as it is needed.
///
/// # Errors
/// It broke off, or was late; or there is no room for it, or it is longer than what is held of one: then it is read on
/// for what it used.
pub async fn counted(
    flight: &Flight,
    inbound: &mut Inbound,
    deadline: Instant,
    most: Most,
) -> Result<Bytes, Stop> {
    let mut parts: Vec<Bytes> = Vec::new();
    let mut length = 0;
    let mut held = AnswerHold::default();
    while let Some(bytes) = next(inbound, deadline).await? {
        length += bytes.len();
        parts.push(bytes);
        let give_up: fn(Box<TapReport>) -> Failure = if length > most.bytes {
            Failure::TooLong
        } else if held.set(flight, length, most.uncounted).is_err() {
            Failure::NoRoom
        } else {
            continue;
        };
        drop(held);
        let mut tap = UsageTap::new(flight.upstream_dialect(), Form::Json);
        for part in parts {
            tap.push(&part);
        }
        let report = read_on(inbound, deadline, tap, length).await;
        return Err(give_up(Box::new(report)).into());
    }
    Ok(held.around(join(parts, length)))
}

/// Reads on in an answer of which nothing more is kept, for what it used: to its end, or until all of it, with the
/// `length` that was read before, is longer than any answer.
pub(super) async fn read_on(
    inbound: &mut Inbound,
    deadline: Instant,
    mut tap: UsageTap,
    mut length: usize,
) -> TapReport {
    while length <= READ_MAX {
        let Ok(Some(bytes)) = next(inbound, deadline).await else { break };
        length += bytes.len();
        tap.push(&bytes);
    }
    tap.finish()
}

/// Returns an answer's next piece; `None` at its end.
///
/// # Errors
/// It broke off, or was late.
pub(super) async fn next(
    inbound: &mut Inbound,
    deadline: Instant,
) -> Result<Option<Bytes>, AttemptFailure> {
    match timeout_at(deadline, inbound.next()).await {
        Err(_) => Err(late("the answer was not complete in time")),
        Ok(Piece::Broken(text)) => Err(broken(text)),
        Ok(Piece::End) => Ok(None),
        Ok(Piece::Bytes(bytes)) => Ok(Some(bytes)),
    }
}

fn join(mut parts: Vec<Bytes>, length: usize) -> Bytes {
    if parts.len() == 1 {
        return parts.pop().unwrap_or_default();
    }
    let mut whole = BytesMut::with_capacity(length);
    for part in parts {
        whole.extend_from_slice(&part);
    }
    whole.freeze()
}
