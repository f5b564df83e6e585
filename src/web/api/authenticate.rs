//! Who calls: the admin token, a key that may log in, or the token of a login; sent as a bearer
//! token or in the cookie that a login sets.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, USER_AGENT};
use switchyard_actors::domain::caller::Role;
use switchyard_actors::domain::ids::UserId;
use switchyard_actors::domain::instant::Micros;

use super::state::Api;
use crate::app::{Actor, ActorKind, login};
use crate::store::{LoginKey, SessionOwner, StoreError, hash_key};
use crate::web::cookies;
use crate::web::origin::is_from_our_page;
use crate::wire::percent;

/// The cookie that a login sets.
pub const COOKIE_NAME: &str = "auth-token";

/// The name of whoever has the admin token.
pub const ADMIN_NAME: &str = "Admin Token";

/// Why nobody is known.
#[derive(Debug, thiserror::Error)]
pub enum Unknown {
    /// No token was sent.
    #[error("no token was sent")]
    Missing,
    /// The token opened something once or is a key that opens other things.
    #[error("the token is not valid")]
    Invalid,
    /// The token is nobody's: it may be a guess.
    #[error("the token is not known")]
    Wrong,
    /// The token is nobody's, and too many such came from this address; for so long.
    #[error("too many tokens that are not known came from this address")]
    TooOften(Duration),
    /// The database could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Somebody who is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// By which door.
    pub kind: ActorKind,
    /// What they may do.
    pub role: Role,
    /// Their name.
    pub name: String,
}

impl Known {
    fn admin() -> Self {
        Self { kind: ActorKind::Admin, role: Role::Admin, name: ADMIN_NAME.to_owned() }
    }

    fn user(id: UserId, role: Role, name: &str) -> Self {
        Self { kind: ActorKind::User(id), role, name: name.to_owned() }
    }
}

/// Finds who calls.
///
/// # Errors
/// Says why nobody is known.
pub async fn authenticate(api: &Api, request: &HttpRequest) -> Result<Actor, Unknown> {
    let token = token(request).ok_or(Unknown::Missing)?;
    if !has_bearer(request) && !is_from_our_page(request, api.public_url.as_deref()) {
        // A browser sends the cookie along whoever wrote the page.
        return Err(Unknown::Invalid);
    }
    let known = known(api, &token).await.map_err(|why| counted(api, request, why))?;
    Ok(actor(api, request, known))
}

/// Finds who looks at a page: whoever has a login. The admin token and keys themselves open no page,
/// so that nobody can try them there past the login's throttle.
///
/// # Errors
/// Says why nobody is known.
pub async fn visitor(api: &Api, request: &HttpRequest) -> Result<Actor, Unknown> {
    let token = token(request).ok_or(Unknown::Missing)?;
    if !token.starts_with(login::PREFIX) {
        return Err(Unknown::Invalid);
    }
    let known = of_session(api, &token, api.app.clock.now(), LoginKey::may_enter).await?;
    Ok(actor(api, request, known))
}

/// Makes the actor of somebody who is known.
fn actor(api: &Api, request: &HttpRequest, known: Known) -> Actor {
    let (client_ip, user_agent) = origin(api, request);
    Actor { kind: known.kind, role: known.role, name: known.name, client_ip, user_agent }
}

/// Counts a guess by its address. What is right always passes: many may share an address, and one
/// of them must not be able to shut the others out.
fn counted(api: &Api, request: &HttpRequest, why: Unknown) -> Unknown {
    let Unknown::Wrong = why else { return why };
    let Some(address) = (api.client_ip)(request) else { return why };
    api.guesses.guessed(address, api.app.clock.now()).map_or(why, Unknown::TooOften)
}

/// Returns the client's address and its name for itself.
#[must_use]
pub fn origin(api: &Api, request: &HttpRequest) -> (Option<String>, Option<String>) {
    let agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
    ((api.client_ip)(request).map(|ip| ip.to_string()), agent.map(str::to_owned))
}

/// Returns the token of a request; a bearer token comes before the cookie.
#[must_use]
pub fn token(request: &HttpRequest) -> Option<String> {
    bearer(request).map(str::to_owned).or_else(|| cookie_token(request))
}

/// Returns the token of a request's cookie.
#[must_use]
pub fn cookie_token(request: &HttpRequest) -> Option<String> {
    let value = cookies::read(request, COOKIE_NAME)?;
    let token = percent::decode(value.trim_matches('"'))?.into_owned();
    (!token.is_empty()).then_some(token)
}

fn has_bearer(request: &HttpRequest) -> bool {
    bearer(request).is_some()
}

fn bearer(request: &HttpRequest) -> Option<&str> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    header.and_then(bearer_of)
}

fn bearer_of(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

async fn known(api: &Api, token: &str) -> Result<Known, Unknown> {
    if (api.is_admin)(token) {
        return Ok(Known::admin());
    }
    let now = api.app.clock.now();
    if token.starts_with(login::PREFIX) {
        return of_session(api, token, now, LoginKey::may_log_in).await;
    }
    if let Some(known) = in_catalogue(api, token, now) {
        return Ok(known);
    }
    let key = api.app.store.login_key(hash_key(token)).await?.ok_or(Unknown::Wrong)?;
    if !key.may_log_in(now) {
        return Err(Unknown::Invalid);
    }
    Ok(Known::user(key.user, key.role, &key.user_name))
}

/// Looks into the published catalogue; a key that is not there may still be new.
fn in_catalogue(api: &Api, token: &str, now: Micros) -> Option<Known> {
    let catalogue = api.catalogue.as_ref()?.load();
    let caller = catalogue.callers.get(&hash_key(token))?;
    let over = caller.key_expires_at.is_some_and(|end| end <= now);
    let may = caller.key_enabled && caller.can_login && !over;
    may.then(|| Known::user(caller.user, caller.role, &caller.user_name))
}

/// Looks for a login. It is worth what its owner is worth now: a key that was switched off since
/// opens nothing. A login that is over is no guess: a page left open asks again and again.
async fn of_session(
    api: &Api,
    token: &str,
    now: Micros,
    may: fn(&LoginKey, Micros) -> bool,
) -> Result<Known, Unknown> {
    let session = api.app.store.session(hash_key(token), now).await?.ok_or(Unknown::Invalid)?;
    let id = match session.owner {
        SessionOwner::Admin(mark) if mark == (api.admin_mark)() => return Ok(Known::admin()),
        // The token that opened it was changed or rotated since.
        SessionOwner::Admin(_) => return Err(Unknown::Invalid),
        SessionOwner::Key(id) => id,
    };
    let key = api.app.store.login_key_by_id(id).await?.ok_or(Unknown::Invalid)?;
    if !may(&key, now) {
        return Err(Unknown::Invalid);
    }
    Ok(Known::user(key.user, key.role, &key.user_name))
}
