//! What one may ask the `Replicator`.

use actix::prelude::Message;
use serde::Serialize;

/// Asks for the figures.
#[derive(Message, Clone, Copy, Debug)]
#[rtype(result = "ReplicatorView")]
pub struct Observe;

/// The figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReplicatorView {
    /// The common counter answers.
    pub there: bool,
    /// Nodes that use it, this one among them, as last known.
    pub nodes: u32,
    /// Things that have happened here and were not told yet.
    pub waiting: usize,
    /// Those that were given up because too many waited.
    pub lost: u64,
    /// Things that other nodes have told.
    pub heard: u64,
}
