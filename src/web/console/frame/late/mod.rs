//! A form that came too late: its login had ended, or its page was made for an earlier login. What
//! was typed is sealed into the answer, where nobody can read it, and goes on its way once somebody
//! is logged in and says so.

mod kept;
mod page;

use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse};

use self::kept::{Browser, Kept};
pub use self::page::{EndedPage, SendPage};
use super::csrf;
use super::error::PageError;
use super::form::{Form, LIMIT, console, unread};
use super::state::Console;
use super::stranger::Stranger;
use super::visitor::Visitor;
use crate::web::cookies;
use crate::web::login::{Refused, free_to_try};
use crate::web::origin::is_known_to_be_from_our_page;

/// The field of a form that carries an earlier one, sealed.
pub const FIELD: &str = "kept_form";
/// What fits into the form of a login, with a key beside it.
const FITS_LOGIN: usize = 14_500;
/// What fits into the form of somebody who is logged in.
const FITS_FORM: usize = 230_000;
/// Whose forms are not worth keeping, or must not be.
const NEVER_KEPT: [&str; 3] = ["/login", "/logout", "/preferences"];

/// A form that can be sent again, and the cookie that binds it to the browser.
#[derive(Debug)]
pub struct Again {
    /// The page that offers it.
    pub page: SendPage,
    /// The cookie.
    pub cookie: String,
}

/// Answers a form whose login has ended; `None` lets any other request go on.
pub async fn ended(request: &mut ServiceRequest) -> Option<Result<HttpResponse, PageError>> {
    if !is_form_of_ours(request.request()) {
        return None;
    }
    let Err(PageError::Login { .. }) = Visitor::of(request.request()).await else { return None };
    let payload = request.take_payload();
    Some(keep_of_stranger(request.request(), payload).await)
}

async fn keep_of_stranger(
    request: &HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, PageError> {
    let looks = Stranger::of(request)?;
    let api = &looks.console.api;
    if let Err(Refused::TooOften(seconds)) = free_to_try(api, request) {
        return Err(PageError::TooOften(seconds));
    }
    let body = api.uploads.read_of_stranger(payload, LIMIT).await.map_err(unread)?;
    let browser = Browser::of_or_new(request)?;
    let sealed = sealed(&looks.console, request, &browser, &body)?;
    let sealed = sealed.map(|(_, sealed)| sealed).filter(|sealed| sealed.len() <= FITS_LOGIN);
    let mut answer = looks.show(StatusCode::UNAUTHORIZED, &EndedPage::new(&looks, sealed))?;
    cookies::set(&mut answer, &browser.cookie(&looks));
    Ok(answer)
}

/// Says what to do with a form whose token is not this login's: offers to send it again where a page
/// of ours sent it, which then is a page of an earlier login.
pub fn stale(request: &HttpRequest, visitor: &Visitor, form: &Form, body: &[u8]) -> PageError {
    if form.opt(csrf::FIELD).is_none() || !is_form_of_ours(request) {
        return PageError::Forged;
    }
    again(request, visitor, body).map_or_else(|error| error, PageError::Stale)
}

fn again(request: &HttpRequest, visitor: &Visitor, body: &[u8]) -> Result<Box<Again>, PageError> {
    let browser = Browser::of_or_new(request)?;
    let sealed = sealed(visitor.console(), request, &browser, body)?;
    let (to, sealed) = sealed.ok_or(PageError::Forged)?;
    if sealed.len() > FITS_FORM {
        return Err(PageError::TooLongToKeep);
    }
    let cookie = browser.cookie(&visitor.looks);
    Ok(Box::new(Again { page: SendPage::of_earlier_login(to, sealed), cookie }))
}

/// Seals a body for where it was sent to; what is sealed already, and came too late again, stays as
/// it is.
fn sealed(
    console: &Console,
    request: &HttpRequest,
    browser: &Browser,
    body: &[u8],
) -> Result<Option<(String, String)>, PageError> {
    if let Some(sealed) = Form::parse(body).opt(FIELD) {
        let kept = opened(console, request, sealed).ok_or(PageError::Over)?;
        return Ok(Some((kept.to, sealed.to_owned())));
    }
    let Some(kept) = Kept::new(&place(request), body) else { return Ok(None) };
    let app = &console.api.app;
    let sealed = kept.seal(&app.cipher, browser, app.clock.now())?;
    Ok(Some((kept.to, sealed)))
}

/// Puts a form that was kept in the place of the one that carries it.
pub fn unfolded(request: &HttpRequest, visitor: &Visitor, form: Form) -> Result<Form, PageError> {
    let Some(sealed) = form.opt(FIELD) else { return Ok(form) };
    let kept = opened(visitor.console(), request, sealed);
    let kept = kept.filter(|kept| kept.to == place(request)).ok_or(PageError::Over)?;
    Ok(kept.form())
}

/// Tells whether something may be kept for the browser that asks.
#[must_use]
pub fn is_kept_for(request: &HttpRequest) -> bool {
    Browser::of(request).is_some()
}

/// Returns the page that offers to send what was kept while nobody was logged in; `None` when it is
/// not of this browser, or too old.
#[must_use]
pub fn offered(console: &Console, request: &HttpRequest, sealed: &str) -> Option<SendPage> {
    let kept = opened(console, request, sealed)?;
    Some(SendPage::of_ended_login(kept.to, sealed.to_owned()))
}

fn opened(console: &Console, request: &HttpRequest, sealed: &str) -> Option<Kept> {
    let app = &console.api.app;
    Kept::opened(&app.cipher, &Browser::of(request)?, app.clock.now(), sealed)
}

/// Where a form was sent to.
fn place(request: &HttpRequest) -> String {
    request.uri().path_and_query().map(ToString::to_string).unwrap_or_default()
}

/// Tells whether a page of ours sent a form that a person would miss. Scripts ask on their own
/// account and tell the person themselves.
fn is_form_of_ours(request: &HttpRequest) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_form = kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let Ok(console) = console(request) else { return false };
    request.method() == Method::POST
        && is_form
        && !request.headers().contains_key("x-fragment")
        && !NEVER_KEPT.contains(&request.path())
        && is_known_to_be_from_our_page(request, console.public_url.as_deref())
}
