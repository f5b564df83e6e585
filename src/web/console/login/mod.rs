//! `/login` and `/logout`: one field, and a word on what stands in the way before anybody types.

mod page;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION, RETRY_AFTER, SET_COOKIE};
use actix_web::web::{Payload, Query, ServiceConfig, get, post};
use actix_web::{FromRequest as _, HttpRequest, HttpResponse};
use serde::Deserialize;
use switchyard_actors::domain::secret::Secret;

use self::page::LoginPage;
use super::frame::{
    Flash, Form, FormView, PageError, Stranger, StrangersForm, Text, Visitor, address,
    is_safe_return, late,
};
use crate::app::login;
use crate::web::login::{Refused, Welcome, cookie, enter, free_to_try};
use crate::web::{api, cookies};

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
        return Ok(go(from, []));
    }
    looks.show(StatusCode::OK, &LoginPage::new(&looks, from, asked.tried.is_some()))
}

async fn log_in(request: HttpRequest, payload: Payload) -> Result<HttpResponse, PageError> {
    let looks = Stranger::of(&request)?;
    let api = looks.console.api.clone();
    // Whoever is shut out is not listened to, but where that would lose what they typed before.
    if let Err(refused) = free_to_try(&api, &request)
        && !late::is_kept_for(&request)
    {
        return again(&looks, &Form::default(), &refused);
    }
    let StrangersForm(form) =
        StrangersForm::from_request(&request, &mut payload.into_inner()).await?;
    let entered = match form.opt("key") {
        Some(key) => enter(&api, &request, &Secret::new(key), Welcome::may_enter).await,
        None => Err(Refused::NoKey),
    };
    match entered {
        Ok((welcome, token)) => welcomed(&request, looks, &form, &welcome, &token),
        Err(refused) => again(&looks, &form, &refused),
    }
}

/// Goes on to where they wanted to go, or to what they typed before the last login ended.
fn welcomed(
    request: &HttpRequest,
    looks: Stranger,
    form: &Form,
    welcome: &Welcome,
    token: &Secret,
) -> Result<HttpResponse, PageError> {
    let console = looks.console.clone();
    let cookie = cookie(Some(token), console.api.secure_cookies);
    let kept = form.opt(late::FIELD);
    if let Some(page) = kept.and_then(|sealed| late::offered(&console, request, sealed)) {
        let mut answer = Visitor::entered(looks, welcome.actor(), token).show(&page)?;
        cookies::set(&mut answer, &cookie);
        return Ok(answer);
    }
    // Looked at once more on the way, so that a cookie that was not kept is noticed.
    let next = address("/login", &[("from", safe(form.text("from"))), ("tried", "1")], None);
    let over = kept.map(|_| looks.flash_cookie(&Flash::bad(Text::of("late-over"))));
    Ok(go(&next, [Some(cookie), over].into_iter().flatten()))
}

/// Shows the page again with why; what was typed before goes along.
fn again(looks: &Stranger, form: &Form, refused: &Refused) -> Result<HttpResponse, PageError> {
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
    let mut page = LoginPage::new(looks, safe(form.text("from")), false);
    form.text(late::FIELD).clone_into(&mut page.kept);
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
    go("/login", [cookie(None, visitor.console().api.secure_cookies)])
}

fn safe(from: &str) -> &str {
    Some(from).filter(|path| is_safe_return(path) && *path != "/").unwrap_or(HOME)
}

fn go(to: &str, cookies: impl IntoIterator<Item = String>) -> HttpResponse {
    let mut answer = HttpResponse::SeeOther();
    answer.insert_header((LOCATION, to)).insert_header((CACHE_CONTROL, "no-store"));
    for cookie in cookies {
        answer.append_header((SET_COOKIE, cookie));
    }
    answer.finish()
}
