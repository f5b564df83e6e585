//! `POST /api/auth/login` and `/api/auth/logout`, with the original's answers; the cookie holds an
//! opaque token that can be taken back, never the key itself.

mod throttle;

use std::net::IpAddr;

use actix_web::http::StatusCode;
use actix_web::http::header::{RETRY_AFTER, SET_COOKIE};
use actix_web::web::{Data, Payload, ServiceConfig, post};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};
use switchyard_actors::domain::caller::Role;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::secret::Secret;

pub use throttle::Throttle;

use super::api::{ADMIN_NAME, Api, COOKIE_NAME, Unread, cookie_token, origin, token};
use crate::app::{Actor, ActorKind, AppError, login};
use crate::store::{LoginKey, SessionOwner, TokenMark};
use crate::web::origin::is_from_our_page;

/// A login is a short text.
const BODY_LIMIT: usize = 16 * 1024;

/// Adds the routes. `web::Data<Api>` must be in the application's data.
pub fn mount(config: &mut ServiceConfig) {
    config
        .route("/api/auth/login", post().to(log_in))
        .route("/api/auth/logout", post().to(log_out));
}

/// Somebody who has proved who they are.
pub struct Welcome {
    owner: SessionOwner,
    kind: ActorKind,
    id: i64,
    name: String,
    description: String,
    role: Role,
    may_manage: bool,
    may_enter: bool,
}

impl Welcome {
    /// Returns whoever it is, as the console shows them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor {
            kind: self.kind,
            role: self.role,
            name: self.name.clone(),
            client_ip: None,
            user_agent: None,
        }
    }

    /// Tells whether the console lets them in.
    #[must_use]
    pub const fn may_enter(&self) -> bool {
        self.may_enter
    }

    fn admin(mark: TokenMark) -> Self {
        Self {
            owner: SessionOwner::Admin(mark),
            kind: ActorKind::Admin,
            id: -1,
            name: ADMIN_NAME.to_owned(),
            description: "Environment admin session".to_owned(),
            role: Role::Admin,
            may_manage: true,
            may_enter: true,
        }
    }

    fn key(key: LoginKey, now: Micros) -> Self {
        Self {
            may_enter: key.may_enter(now),
            owner: SessionOwner::Key(key.id),
            kind: ActorKind::User(key.user),
            id: key.user.0,
            name: key.user_name,
            description: key.user_note.unwrap_or_default(),
            role: key.role,
            may_manage: key.can_login,
        }
    }

    fn body(&self) -> Value {
        let is_manager = self.may_manage || self.role == Role::Admin;
        json!({
            "ok": true,
            "user": {
                "id": self.id,
                "name": self.name,
                "description": self.description,
                "role": if self.role == Role::Admin { "admin" } else { "user" },
            },
            "redirectTo": if is_manager { "/dashboard" } else { "/my-usage" },
            "loginType": login::kind(self.role, self.may_manage),
        })
    }
}

/// Why a login is refused.
pub enum Refused {
    /// The body is no JSON document.
    Malformed,
    /// The body was not read.
    Unread(Unread),
    /// There is no key in it.
    NoKey,
    /// The key opens nothing.
    Wrong,
    /// The key is right, and opens other things.
    NotAllowed,
    /// Too many failed from this address; for so many seconds.
    TooOften(u64),
    /// It could not be done.
    Failed(AppError),
}

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        Self::Failed(error)
    }
}

async fn log_in(request: HttpRequest, payload: Payload, api: Data<Api>) -> HttpResponse {
    match admit(&request, payload, &api).await {
        Ok((welcome, token)) => {
            let cookie = (SET_COOKIE, cookie(Some(&token), api.secure_cookies));
            HttpResponse::Ok().insert_header(cookie).json(welcome.body())
        }
        Err(refused) => answer(&refused),
    }
}

async fn log_out(request: HttpRequest, api: Data<Api>) -> HttpResponse {
    if let Some(token) = token(&request)
        && let Err(error) = login::close(&api.app, &token).await
    {
        // The cookie goes in any case; the token ends by itself later.
        tracing::error!(%error, "a login could not be ended in the database");
    }
    let gone = (SET_COOKIE, cookie(None, api.secure_cookies));
    HttpResponse::Ok().insert_header(gone).json(json!({ "ok": true }))
}

async fn admit(
    request: &HttpRequest,
    payload: Payload,
    api: &Api,
) -> Result<(Welcome, Secret), Refused> {
    if !is_from_our_page(request, api.public_url.as_deref()) {
        return Err(Refused::NotAllowed);
    }
    // Whoever is shut out is not listened to.
    free_to_try(api, request)?;
    let text = submitted(api, payload).await?;
    enter(api, request, &text, |_| true).await
}

/// Tells whether an address may try.
///
/// # Errors
/// It is shut out for a while.
pub fn free_to_try(api: &Api, request: &HttpRequest) -> Result<(), Refused> {
    let now = api.app.clock.now();
    let wait = (api.client_ip)(request).and_then(|address| api.throttle.wait(address, now));
    wait.map_or(Ok(()), |wait| Err(Refused::TooOften(wait.as_secs().max(1))))
}

/// Opens a login for whoever has this key, if `may` lets them in; returns who they are and the
/// login's token.
///
/// # Errors
/// Says why not; a failure is noted and counted by address.
pub async fn enter(
    api: &Api,
    request: &HttpRequest,
    text: &Secret,
    may: fn(&Welcome) -> bool,
) -> Result<(Welcome, Secret), Refused> {
    free_to_try(api, request)?;
    let address = (api.client_ip)(request);
    // Counted before the database is asked, so that many guesses at once are not one.
    address.inspect(|address| api.throttle.failed(*address, api.app.clock.now()));
    let mut actor = stranger(api, request);
    let Some(welcome) = welcome(api, text.reveal()).await? else {
        return Err(refuse(api, &actor, address).await?);
    };
    if !may(&welcome) {
        address.inspect(|address| api.throttle.succeeded(*address));
        return Err(Refused::NotAllowed);
    }
    actor.name.clone_from(&welcome.name);
    (actor.kind, actor.role) = (welcome.kind, welcome.role);
    let token = login::open(&api.app, &actor, welcome.owner).await?;
    address.inspect(|address| api.throttle.succeeded(*address));
    end_former(api, request).await;
    Ok((welcome, token))
}

/// Ends the login that the browser had before: its cookie is about to be overwritten, and nobody
/// could end it any more.
async fn end_former(api: &Api, request: &HttpRequest) {
    if let Some(former) = cookie_token(request)
        && let Err(error) = login::close(&api.app, &former).await
    {
        // The new login is good all the same; the old one ends by itself later.
        tracing::error!(%error, "a login could not be ended in the database");
    }
}

async fn submitted(api: &Api, payload: Payload) -> Result<Secret, Refused> {
    let bytes = api.uploads.read_of_stranger(payload, BODY_LIMIT).await.map_err(Refused::Unread)?;
    let body: Value = serde_json::from_slice(&bytes).map_err(|_| Refused::Malformed)?;
    let key = body.get("key").and_then(Value::as_str).filter(|key| !key.is_empty());
    key.map(Secret::new).ok_or(Refused::NoKey)
}

async fn welcome(api: &Api, text: &str) -> Result<Option<Welcome>, AppError> {
    // Marked before it is compared: should the token change in between, the session is the old
    // token's, which opens nothing, and never the new one's.
    let mark = (api.admin_mark)();
    if (api.is_admin)(text) {
        return Ok(Some(Welcome::admin(mark)));
    }
    let now = api.app.clock.now();
    Ok(login::key(&api.app, text).await?.map(|key| Welcome::key(key, now)))
}

/// Notes a wrong key; the one that shuts the address out is noted apart.
async fn refuse(api: &Api, actor: &Actor, address: Option<IpAddr>) -> Result<Refused, AppError> {
    login::refused(&api.app, actor, "invalid_key").await?;
    let Some(address) = address else { return Ok(Refused::Wrong) };
    if api.throttle.wait(address, api.app.clock.now()).is_some() {
        login::refused(&api.app, actor, "rate_limited").await?;
    }
    Ok(Refused::Wrong)
}

/// Makes the actor of somebody who has proved nothing yet.
fn stranger(api: &Api, request: &HttpRequest) -> Actor {
    let (client_ip, user_agent) = origin(api, request);
    let name = "unknown".to_owned();
    Actor { kind: ActorKind::System, role: Role::User, name, client_ip, user_agent }
}

/// Writes the cookie of a token, which has no character that needs escaping; of none, the cookie
/// that removes it.
#[must_use]
pub fn cookie(token: Option<&Secret>, secure: bool) -> String {
    let value = token.map_or("", Secret::reveal);
    let age = token.map_or(0, |_| login::LIFETIME.as_secs());
    let expires = if token.is_none() { "; Expires=Thu, 01 Jan 1970 00:00:00 GMT" } else { "" };
    let secure = if secure { "; Secure" } else { "" };
    format!("{COOKIE_NAME}={value}; Path=/; Max-Age={age}{expires}; HttpOnly{secure}; SameSite=lax")
}

fn answer(refused: &Refused) -> HttpResponse {
    let (status, text) = match refused {
        Refused::NoKey => (StatusCode::BAD_REQUEST, "请提供 API Key"),
        Refused::Wrong | Refused::NotAllowed => (StatusCode::UNAUTHORIZED, "API Key 无效或已过期"),
        Refused::TooOften(_) => (StatusCode::TOO_MANY_REQUESTS, "登录尝试过多，请稍后再试"),
        Refused::Unread(Unread::Slow) => (StatusCode::REQUEST_TIMEOUT, "登录请求上传超时"),
        Refused::Unread(Unread::Full) => {
            (StatusCode::SERVICE_UNAVAILABLE, "登录请求过多，请稍后再试")
        }
        Refused::Malformed | Refused::Unread(_) => {
            (StatusCode::INTERNAL_SERVER_ERROR, "登录失败，请稍后重试")
        }
        Refused::Failed(error) => {
            tracing::error!(%error, "a login failed");
            (StatusCode::INTERNAL_SERVER_ERROR, "登录失败，请稍后重试")
        }
    };
    let mut response = HttpResponse::build(status);
    let mut body = json!({ "error": text });
    if let (Refused::TooOften(seconds), Some(object)) = (refused, body.as_object_mut()) {
        response.insert_header((RETRY_AFTER, seconds.to_string()));
        object.insert("errorCode".to_owned(), json!("RATE_LIMITED"));
    }
    if let Refused::Unread(why) = refused {
        // The rest of the body may still be on the connection.
        response.force_close();
        if *why == Unread::Full {
            response.insert_header((RETRY_AFTER, "1"));
        }
    }
    response.json(body)
}
