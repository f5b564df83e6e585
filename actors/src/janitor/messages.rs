//! What one may ask the janitor.

use actix::prelude::Message;
use serde::Serialize;

/// Asks for the figures.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "JanitorView")]
pub struct Observe;

/// The figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JanitorView {
    /// Rounds since the start.
    pub rounds: u64,
    /// The catalogue whose providers the breakers know.
    pub catalogue: i64,
}
