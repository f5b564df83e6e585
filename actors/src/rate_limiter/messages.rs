//! What one may ask the `RateLimiter`.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::Message;
use rust_decimal::Decimal;
use serde::Serialize;

use super::estimate::Size;
use super::reservation::Reservation;
use crate::domain::caller::Caller;
use crate::domain::catalogue::Catalogue;
use crate::domain::ids::{RequestId, SessionId};
use crate::domain::instant::Micros;
use crate::domain::limits::Refusal;
use crate::domain::price::ModelPrice;

/// May this request go on? If so, its place is held.
#[derive(Clone, Debug, Message)]
#[rtype(result = "Result<Reservation, Refusal>")]
pub struct Reserve {
    /// The request.
    pub request: RequestId,
    /// Who asks.
    pub caller: Arc<Caller>,
    /// The session the request belongs to.
    pub session: SessionId,
    /// What it will need.
    pub ask: Ask,
    /// The catalogue: the limits of groups and tags, and the zone of calendar windows.
    pub catalogue: Arc<Catalogue>,
    /// How long the client may be kept waiting for a place, whatever the line allows.
    pub patience: Duration,
    /// The arrival.
    pub now: Micros,
}

/// What a request will need, as far as one can tell before it runs.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The model asked for.
    pub model: Option<Arc<str>>,
    /// Bytes of the body.
    pub body_bytes: u64,
    /// The most output the client wants.
    pub max_output: Option<u64>,
    /// How many answers it asks for.
    pub choices: u64,
    /// It may be billed at the priority tier.
    pub priority: bool,
    /// The model's price.
    pub price: Option<Arc<ModelPrice>>,
    /// The group's factor times the highest provider factor the caller may reach.
    pub factor: Decimal,
    /// It costs money and takes a seat; `false` for token counts and lists.
    pub counts: bool,
}

impl Ask {
    /// Returns what an estimate is made from, at a factor.
    pub(super) const fn size(&self, factor: Decimal) -> Size {
        let Self { body_bytes, max_output, choices, priority, .. } = *self;
        Size { body_bytes, max_output, choices, priority, factor }
    }
}

/// Asks for the tallies.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "RateLimiterView")]
pub struct Observe;

/// What one worker's limiter has done since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RateLimiterView {
    /// Requests let in.
    pub admitted: u64,
    /// Requests refused.
    pub refused: u64,
}
