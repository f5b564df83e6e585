//! Which session a claim leads to, on one user's sessions. Pure; run under the user's lock.

use std::time::Duration;

use super::identity::Claim;
use crate::domain::counters::Sessions;
use crate::domain::ids::{KeyId, ProviderId, SessionId};
use crate::domain::instant::Micros;

/// The session of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The session.
    pub session: SessionId,
    /// The provider that served it last, if it is bound.
    pub bound: Option<ProviderId>,
    /// It was not known before.
    pub fresh: bool,
}

/// Finds the session or begins it.
pub fn resolve(
    claim: &Claim,
    key: KeyId,
    sessions: &mut Sessions,
    ttl: Duration,
    now: Micros,
) -> Resolved {
    match claim {
        Claim::Named(session) if sessions.lives(session, now, ttl) => known(session, sessions, now),
        Claim::Named(session) => {
            sessions.register(session, key, None, now);
            begun(session)
        }
        Claim::Found { place, new } => {
            if let Some(session) = sessions.at(key, *place, now, ttl).cloned() {
                return known(&session, sessions, now);
            }
            sessions.register(new, key, Some(*place), now);
            begun(new)
        }
        Claim::Single(session) => begun(session),
    }
}

fn known(session: &SessionId, sessions: &mut Sessions, now: Micros) -> Resolved {
    sessions.touch(session, now);
    let bound = sessions.bound(session, None);
    Resolved { session: session.clone(), bound, fresh: false }
}

fn begun(session: &SessionId) -> Resolved {
    Resolved { session: session.clone(), bound: None, fresh: true }
}
