//! Ends conversations: they are bound to no provider any more, on no node and after no restart, and
//! their seat is free as soon as nothing of them runs. Requests that run go on to their end.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};
use switchyard_actors::domain::counters::{EndScope, SeatView, SessionEnd};
use switchyard_actors::domain::ids::{KeyId, ProviderId, SessionId, UserId};

use super::{own, unknown};
use crate::app::keys::{no_key, no_user};
use crate::app::providers::no_provider;
use crate::app::{Actor, AppContext, AppError};
use crate::store::AuditEntry;

/// What became of sessions that were to end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// They have ended.
    pub ended: Vec<SessionId>,
    /// They are not there, or not theirs to end.
    pub missing: Vec<SessionId>,
    /// Requests of them that go on.
    pub in_flight: u32,
}

/// All sessions of somebody or something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Of a user.
    User(UserId),
    /// Of a key.
    Key(KeyId),
    /// Kept on a provider: they live on and are bound anew with their next request.
    Provider(ProviderId),
}

/// What is known of a session that is to end.
#[derive(Clone, Copy, Debug)]
struct Known {
    user: UserId,
    key: KeyId,
    in_flight: u32,
}

/// Ends one session; returns how many requests of it go on.
///
/// # Errors
/// There is none, or it is not theirs: both are told alike.
pub async fn end(app: &AppContext, actor: &Actor, session: SessionId) -> Result<u32, AppError> {
    let done = end_many(app, actor, vec![session]).await?;
    if done.ended.is_empty() { Err(unknown()) } else { Ok(done.in_flight) }
}

/// Ends sessions; what is not there, or somebody else's, is told as missing.
///
/// # Errors
/// They may end nothing, or the database cannot be written: then none has ended.
pub async fn end_many(
    app: &AppContext,
    actor: &Actor,
    sessions: Vec<SessionId>,
) -> Result<Ended, AppError> {
    let sessions: BTreeSet<SessionId> = sessions.into_iter().collect();
    let known = known(app, actor, &sessions).await?;
    let at = app.clock.now();
    let mut done = Ended::default();
    let mut tx = app.store.begin().await?;
    for session in sessions {
        let Some(of) = known.get(&session) else {
            done.missing.push(session);
            continue;
        };
        tx.end_sessions(&SessionEnd { scope: EndScope::Session(session.clone()), at }).await?;
        let detail = json!({ "user": of.user, "key": of.key, "in_flight": of.in_flight });
        let entry = actor.did(at, "session.end", ("session", 0, &session.0), detail);
        tx.audit(&AuditEntry { target_id: None, ..entry }).await?;
        done.in_flight = done.in_flight.saturating_add(of.in_flight);
        done.ended.push(session);
    }
    tx.commit().await?;
    for session in &done.ended {
        app.live.end_sessions(&SessionEnd { scope: EndScope::Session(session.clone()), at });
    }
    Ok(done)
}

/// Ends all sessions of somebody, or frees all from a provider; returns how many this node knew.
///
/// # Errors
/// They are no admin, or there is no such user, key or provider.
pub async fn end_of(app: &AppContext, actor: &Actor, whose: Whose) -> Result<usize, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let (kind, id, name) = name(app, whose).await?;
    let scope = match whose {
        Whose::User(user) => EndScope::User(user),
        Whose::Key(key) => EndScope::Key(key),
        Whose::Provider(provider) => EndScope::Provider(provider),
    };
    let end = SessionEnd { scope, at: app.clock.now() };
    // Counted before it is written: who follows the ends of other nodes may be quicker to apply it.
    let before = app.live.seats(None, end.at).iter().filter(|seat| is_meant(whose, seat)).count();
    let mut tx = app.store.begin().await?;
    tx.end_sessions(&end).await?;
    let entry = actor.did(end.at, "session.end_all", (kind, id, &name), Value::Null);
    tx.audit(&entry).await?;
    tx.commit().await?;
    Ok(app.live.end_sessions(&end).max(before))
}

fn is_meant(whose: Whose, (user, seat): &(UserId, SeatView)) -> bool {
    match whose {
        Whose::User(one) => *user == one,
        Whose::Key(key) => seat.key == key,
        Whose::Provider(one) => seat.bindings.iter().any(|binding| binding.provider == one),
    }
}

/// Finds the sessions that somebody may end: those of this node, and by their rows those of others.
async fn known(
    app: &AppContext,
    actor: &Actor,
    sessions: &BTreeSet<SessionId>,
) -> Result<HashMap<SessionId, Known>, AppError> {
    let own = own(actor)?;
    let now = app.clock.now();
    let mut known = HashMap::new();
    for (user, seat) in app.live.seats(own, now) {
        if sessions.contains(&seat.session) {
            let of = Known { user, key: seat.key, in_flight: seat.open };
            known.insert(seat.session, of);
        }
    }
    let elsewhere: Vec<&SessionId> =
        sessions.iter().filter(|session| !known.contains_key(*session)).collect();
    let since = now.minus(app.live.lifetimes().session_span());
    for part in app.store.session_parts(&elsewhere, since).await? {
        if own.is_none_or(|user| part.user == user) {
            let of = Known { user: part.user, key: part.key, in_flight: 0 };
            known.insert(part.session, of);
        }
    }
    Ok(known)
}

async fn name(app: &AppContext, whose: Whose) -> Result<(&'static str, i64, String), AppError> {
    match whose {
        Whose::User(id) => {
            let user = app.store.user(id).await?;
            let user = user.ok_or_else(no_user)?;
            Ok(("user", id.0, user.fields.name))
        }
        Whose::Key(id) => {
            let key = app.store.user_key(id).await?;
            let key = key.ok_or_else(no_key)?;
            Ok(("key", id.0, key.fields.name))
        }
        Whose::Provider(id) => {
            let row = app.store.provider(id).await?;
            let row = row.ok_or_else(no_provider)?;
            Ok(("provider", id.0, row.text("name")?.to_owned()))
        }
    }
}
