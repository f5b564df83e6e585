//! How others speak to the `SessionManager`.

use std::sync::Arc;

use actix::prelude::{Actor, Addr};

use super::actor::{SessionManager, resolve};
use super::binding::{self, Change, Turn, Verdict};
use super::identity::{Owner, place_of};
use super::messages::{Observe, Resolve, Resolved, SessionManagerView};
use crate::ask::{AskError, ask};
use crate::domain::counters::{Binding, Bond, SeatView};
use crate::domain::ids::{KeyId, ProviderId, SessionId, UserId};
use crate::domain::instant::Micros;
use crate::domain::sharing::{Happened, Rebound, SharedBinding};
use crate::shared::counters::Counters;

/// A request of a session, at its end.
#[derive(Clone, Copy, Debug)]
pub struct RequestOf<'a> {
    /// Whose it is.
    pub owner: Owner,
    /// Its session.
    pub session: &'a SessionId,
    /// The model asked for, when one was named.
    pub model: Option<&'a str>,
    /// When it came.
    pub arrived: Micros,
    /// The present.
    pub now: Micros,
}

/// A binding of before the start, from the last rows of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoredBinding {
    /// The user.
    pub user: UserId,
    /// The key.
    pub key: KeyId,
    /// The session.
    pub session: SessionId,
    /// The provider that served it.
    pub provider: ProviderId,
    /// The model asked for.
    pub model: Option<Arc<str>>,
    /// When that request came.
    pub arrived: Micros,
    /// Its end.
    pub last_seen: Micros,
}

/// The door to one worker's session manager, and to the sessions of all.
#[derive(Clone)]
pub struct SessionManagerHandle {
    addr: Addr<SessionManager>,
    counters: Arc<Counters>,
}

impl SessionManagerHandle {
    /// Starts a session manager on the present thread's arbiter.
    #[must_use]
    pub fn start(counters: Arc<Counters>) -> Self {
        Self { addr: SessionManager::new(Arc::clone(&counters)).start(), counters }
    }

    /// Asks which session a request belongs to. There is always an answer.
    pub async fn resolve(&self, question: Resolve) -> Resolved {
        match ask(&self.addr, question.clone(), None).await {
            Ok(resolved) => resolved,
            // The actor has ended and the process is about to: requests in flight go on.
            Err(AskError::Gone | AskError::Silent) => resolve(&self.counters, &question),
        }
    }

    /// Asks for the tallies.
    pub async fn observe(&self) -> Result<SessionManagerView, AskError> {
        ask(&self.addr, Observe, None).await
    }

    /// Returns the address, for the watch over actors.
    #[must_use]
    pub const fn addr(&self) -> &Addr<SessionManager> {
        &self.addr
    }

    /// Binds, keeps, moves or frees a session by what became of one request of it. What was ended
    /// since the request came is not bound again.
    pub fn settle(&self, request: &RequestOf<'_>, turn: &Turn) -> Verdict {
        let nothing = Verdict { dropped: None, change: Change::Nothing };
        let RequestOf { owner, session, model, arrived, now } = *request;
        let forbidden = |provider| {
            let bond = Bond { user: owner.user, key: owner.key, session, provider, arrived };
            self.counters.has_ended(&bond)
        };
        let settle = || {
            self.counters.known(owner.user, |tenant| {
                // Under the lock: an end is noted first and takes bindings away then, so that either
                // it is known here, or it finds what is bound here.
                if turn.server.is_some_and(|server| forbidden(server.provider)) {
                    return nothing;
                }
                let verdict = binding::decide(turn, tenant.sessions.binding(session, model));
                if verdict != nothing {
                    tenant.sessions.rebind(session, now, |all| {
                        binding::apply(all, model, turn, verdict);
                    });
                }
                verdict
            })
        };
        let settled =
            self.counters.telling(settle, |verdict| (*verdict).and_then(|it| news(request, it)));
        settled.unwrap_or(nothing)
    }

    /// Returns the sessions that live, of everybody, the latest first. Those restored after a start
    /// appear with their first request.
    #[must_use]
    pub fn sessions(&self, now: Micros) -> Vec<(UserId, SeatView)> {
        self.counters.sessions(None, now)
    }
}

/// Says what other nodes should know of a verdict. That a session stays although another provider has
/// served a turn is for the node that counts those turns.
fn news(request: &RequestOf<'_>, verdict: Verdict) -> Option<Happened> {
    let RequestOf { owner, session, model, arrived, now } = *request;
    let change = match verdict.change {
        Change::Bind(provider) => Rebound::Bound(provider),
        Change::Free => Rebound::Freed,
        Change::Nothing | Change::Stay(_) => Rebound::Kept,
    };
    (change != Rebound::Kept || verdict.dropped.is_some()).then(|| {
        Happened::Bound(SharedBinding {
            user: owner.user,
            key: owner.key,
            session: session.clone(),
            model: model.map(Arc::from),
            dropped: verdict.dropped,
            change,
            place: place_of(session),
            arrived,
            at: now,
        })
    })
}

/// Brings bindings back at the start, in any order. What has outlived its time is left out, and so
/// is what was ended (which must have been told to the counters before).
pub fn restore(counters: &Counters, mut bindings: Vec<RestoredBinding>, now: Micros) {
    let ttl = counters.lifetimes().session_ttl;
    bindings.retain(|binding| now < binding.last_seen.plus(ttl));
    bindings.sort_by_key(|binding| binding.last_seen);
    for binding in bindings {
        let RestoredBinding { user, key, session, provider, model, arrived, last_seen } = binding;
        let bond = Bond { user, key, session: &session, provider, arrived };
        counters.tenant(user, |tenant| {
            if counters.has_ended(&bond) {
                return;
            }
            if !tenant.sessions.lives(&session, last_seen, ttl) {
                tenant.sessions.register(&session, key, place_of(&session), last_seen);
            }
            tenant.sessions.bind(&session, Binding::new(model, provider), last_seen);
        });
    }
}
