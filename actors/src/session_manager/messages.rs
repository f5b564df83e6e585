//! What one may ask the `SessionManager`.

use std::sync::Arc;

use actix::prelude::Message;
use serde::Serialize;

pub use super::affinity::Resolved;
use crate::domain::caller::Caller;
use crate::domain::ids::RequestId;
use crate::domain::instant::Micros;
use crate::domain::session::SessionHints;

/// Which session does this request belong to?
#[derive(Clone, Debug, Message)]
#[rtype(result = "Resolved")]
pub struct Resolve {
    /// Who asks.
    pub caller: Arc<Caller>,
    /// What the request says about its session.
    pub hints: SessionHints,
    /// The model asked for, when one is named.
    pub model: Option<Arc<str>>,
    /// The arrival.
    pub now: Micros,
    /// The request's id, which names a session of its own when nothing else does.
    pub fallback: RequestId,
}

/// Asks for the tallies.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "SessionManagerView")]
pub struct Observe;

/// What one worker's session manager has done since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SessionManagerView {
    /// Requests whose session was known.
    pub known: u64,
    /// Requests that began a session.
    pub fresh: u64,
    /// Requests whose session was bound to a provider.
    pub bound: u64,
}
