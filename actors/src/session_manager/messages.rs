//! What one may ask the `SessionManager`.

use std::sync::Arc;

use actix::prelude::Message;

use super::actor::SessionManagerView;
use crate::domain::caller::Caller;
use crate::domain::ids::{ProviderId, RequestId, SessionId};
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
    /// The arrival.
    pub now: Micros,
    /// The request's id, which names a session of its own when nothing else does.
    pub fallback: RequestId,
}

/// The session of a request.
#[derive(Clone, Debug, PartialEq, Eq, actix::MessageResponse)]
pub struct Resolved {
    /// The session.
    pub session: SessionId,
    /// The provider that served it last, if it is bound.
    pub bound: Option<ProviderId>,
    /// It was not known before.
    pub fresh: bool,
}

/// Asks for the tallies.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "SessionManagerView")]
pub struct Observe;
