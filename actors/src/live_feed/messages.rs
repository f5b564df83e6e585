//! What one may ask the live feed's actor.

use actix::prelude::Message;
use serde::Serialize;

use crate::shared::feed::FeedView;

/// Asks for the figures.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "LiveFeedView")]
pub struct Observe;

/// The figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LiveFeedView {
    /// The feed itself.
    pub feed: FeedView,
    /// Rounds in which sessions were counted.
    pub counted: u64,
}
