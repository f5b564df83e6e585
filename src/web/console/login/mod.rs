//! `/login` and `/logout`: one field, and a word on what stands in the way before anybody types.

mod page;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION, RETRY_AFTER, SET_COOKIE};
use actix_web::web::{Query, ServiceConfig, get, post};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use switchyard_actors::domain::secret::Secret;

use self::page::LoginPage;
use super::frame::{
    Form, FormView, PageError, Stranger, StrangersForm, Text, Visitor, address, is_safe_return,
};
use crate::app::login;
use crate::web::api;
use crate::web::login::{Refused, Welcome, cookie, enter};

/// Where people go when they did not want to go anywhere in particular.
const HOME: &str = "/dashboard";

/// Adds the login.
pub fn configure(routes: &mut ServiceConfig) {
    routes.route("", get().to(show)).route("", post().to(log_in));
}

/// Adds the way out.
pub fn configure_logout(routes: &mut ServiceConfig) {
    routes.route("", post().to(log_out));
}

/// Returns the samples of the login page.
#[cfg(test)]
pub fn samples() -> Vec<super::frame::catalogue::Sample> {
    super::frame::catalogue::page::<LoginPage>()
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    from: String,
    /// A login went well just now.
    #[serde(default)]
    tried: Option<String>,
}

async fn show(request: HttpRequest, asked: Query<Asked>) -> Result<HttpResponse, PageError> {
    let looks = Stranger::of(&request)?;
    let from = safe(&asked.from);
    if Visitor::of(&request).await.is_ok() {
        return Ok(go(from, None));
    }
    looks.show(StatusCode::OK, &LoginPage::new(&looks, from, asked.tried.is_some()))
}

async fn log_in(
    request: HttpRequest,
    StrangersForm(form): StrangersForm,
) -> Result<HttpResponse, PageError> {
    let looks = Stranger::of(&request)?;
    let from = safe(form.text("from"));
    let api = &looks.console.api;
    let entered = match form.opt("key") {
        Some(key) => enter(api, &request, &Secret::new(key), Welcome::may_enter).await,
        None => Err(Refused::NoKey),
    };
    let (_, token) = match entered {
        Ok(entered) => entered,
        Err(refused) => return again(&looks, from, &refused),
    };
    // Looked at once more on the way, so that a cookie that was not kept is noticed.
    let next = address("/login", &[("from", from), ("tried", "1")], None);
    Ok(go(&next, Some(cookie(Some(&token), api.secure_cookies))))
}

/// Shows the page again with why.
fn again(looks: &Stranger, from: &str, refused: &Refused) -> Result<HttpResponse, PageError> {
    let (status, text) = match refused {
        Refused::NoKey => (StatusCode::UNPROCESSABLE_ENTITY, Text::of("wrong-missing")),
        Refused::NotAllowed => (StatusCode::FORBIDDEN, Text::of("login-not-allowed")),
        Refused::TooOften(seconds) => {
            let minutes = seconds.div_ceil(60);
            (StatusCode::TOO_MANY_REQUESTS, Text::of("login-too-often").with("minutes", minutes))
        }
        Refused::Failed(_) => (StatusCode::SERVICE_UNAVAILABLE, Text::of("wrong-store")),
        _ => (StatusCode::UNAUTHORIZED, Text::of("login-wrong")),
    };
    if let Refused::Failed(error) = refused {
        tracing::error!(%error, "a login failed");
    }
    let mut page = LoginPage::new(looks, from, false);
    page.form = FormView::default().with_issue("key", text);
    let mut answer = looks.show(status, &page)?;
    if let Refused::TooOften(seconds) = refused
        && let Ok(seconds) = seconds.to_string().parse()
    {
        answer.headers_mut().insert(RETRY_AFTER, seconds);
    }
    Ok(answer)
}

async fn log_out(request: HttpRequest, visitor: Visitor, _form: Form) -> HttpResponse {
    if let Some(token) = api::token(&request)
        && let Err(error) = login::close(visitor.app(), &token).await
    {
        // The cookie goes in any case; the token ends by itself later.
        tracing::error!(%error, "a login could not be ended in the database");
    }
    go("/login", Some(cookie(None, visitor.console().api.secure_cookies)))
}

fn safe(from: &str) -> &str {
    Some(from).filter(|path| is_safe_return(path) && *path != "/").unwrap_or(HOME)
}

fn go(to: &str, cookie: Option<String>) -> HttpResponse {
    let mut answer = HttpResponse::SeeOther();
    answer.insert_header((LOCATION, to)).insert_header((CACHE_CONTROL, "no-store"));
    if let Some(cookie) = cookie {
        answer.insert_header((SET_COOKIE, cookie));
    }
    answer.finish()
}
