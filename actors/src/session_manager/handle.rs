//! How others speak to the `SessionManager`.

use std::sync::Arc;

use actix::prelude::{Actor, Addr};

use super::actor::{SessionManager, resolve};
use super::identity::place_of;
use super::messages::{Observe, Resolve, Resolved, SessionManagerView};
use crate::ask::{AskError, ask};
use crate::domain::counters::{Binding, SeatView};
use crate::domain::ids::{KeyId, ProviderId, SessionId, UserId};
use crate::domain::instant::Micros;
use crate::shared::counters::Counters;

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
    /// The end of that request.
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

    /// Binds a session (one model of it) to the provider that served it well.
    pub fn bind(
        &self,
        user: UserId,
        session: &SessionId,
        provider: ProviderId,
        model: Option<&str>,
        now: Micros,
    ) {
        let binding = Binding { model: model.map(Arc::from), provider };
        self.counters.known(user, |tenant| tenant.sessions.bind(session, binding, now));
    }

    /// Frees a session from a provider, if it is bound to that one.
    pub fn unbind(&self, user: UserId, session: &SessionId, if_bound_to: ProviderId) {
        self.counters.known(user, |tenant| tenant.sessions.unbind(session, if_bound_to));
    }

    /// Frees all sessions from a provider that was edited or removed.
    pub fn unbind_provider(&self, provider: ProviderId) {
        self.counters.unbind_provider(provider);
    }

    /// Returns the provider of one model of a session, where [`Resolved::bound`] is the latest of any.
    #[must_use]
    pub fn bound_for(&self, user: UserId, session: &SessionId, model: &str) -> Option<ProviderId> {
        self.counters.known(user, |tenant| tenant.sessions.bound(session, Some(model))).flatten()
    }

    /// Returns the sessions that live, of everybody, the latest first. Those restored after a start
    /// appear with their first request.
    #[must_use]
    pub fn sessions(&self, now: Micros) -> Vec<(UserId, SeatView)> {
        self.counters.sessions(None, now)
    }
}

/// Brings bindings back at the start, in any order. What has outlived its time is left out.
pub fn restore(counters: &Counters, mut bindings: Vec<RestoredBinding>, now: Micros) {
    let ttl = counters.lifetimes().session_ttl;
    bindings.retain(|binding| now < binding.last_seen.plus(ttl));
    bindings.sort_by_key(|binding| binding.last_seen);
    for RestoredBinding { user, key, session, provider, model, last_seen } in bindings {
        counters.tenant(user, |tenant| {
            if !tenant.sessions.lives(&session, last_seen, ttl) {
                tenant.sessions.register(&session, key, place_of(&session), last_seen);
            }
            tenant.sessions.bind(&session, Binding { model, provider }, last_seen);
        });
    }
}
