//! Who looks at a page. A handler that takes a [`Visitor`] is for people who are logged in; one that
//! takes an [`Admin`] is for admins.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CACHE_CONTROL, ContentType, LOCATION, SET_COOKIE};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, HttpResponse};
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use switchyard_actors::domain::secret::Secret;

use super::error::PageError;
use super::flash::Flash;
use super::form::console;
use super::fragments::Fragments;
use super::page::Page;
use super::state::Console;
use super::stranger::Stranger;
use crate::app::{Actor, AppContext};
use crate::web::api;

/// Somebody who is logged in.
#[derive(Clone)]
pub struct Visitor {
    /// Who they are.
    pub actor: Actor,
    /// The token of their login.
    pub(super) token: String,
    /// How they want pages: language, look.
    pub(super) looks: Stranger,
}

impl Visitor {
    /// Finds out who asks.
    ///
    /// # Errors
    /// Nobody is logged in, or that cannot be found out.
    pub async fn of(request: &HttpRequest) -> Result<Self, PageError> {
        if let Some(known) = request.extensions().get::<Self>() {
            return Ok(known.clone());
        }
        let looks = Stranger::of(request)?;
        let Some(token) = api::token(request) else { return Err(stranger(request)) };
        let actor = match api::visitor(&looks.console.api, request).await {
            Ok(actor) => actor,
            Err(api::Unknown::Store(error)) => return Err(error.into()),
            Err(_) => return Err(stranger(request)),
        };
        let visitor = Self { actor, token, looks };
        request.extensions_mut().insert(visitor.clone());
        Ok(visitor)
    }

    /// Takes somebody who has logged in with this very request.
    #[must_use]
    pub fn entered(looks: Stranger, actor: Actor, token: &Secret) -> Self {
        Self { actor, token: token.reveal().to_owned(), looks }
    }

    /// Returns what use cases work with.
    #[must_use]
    pub fn app(&self) -> &AppContext {
        &self.looks.console.api.app
    }

    /// Returns the console's state.
    #[must_use]
    pub fn console(&self) -> &Data<Console> {
        &self.looks.console
    }

    /// Returns the address that a person reached us at, to be shown to them.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.looks.origin.address
    }

    /// Tells whether they manage everything.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.actor.is_admin()
    }

    /// Shows a page.
    ///
    /// # Errors
    /// The page cannot be made.
    pub fn show<P: Page>(&self, page: &P) -> Result<HttpResponse, PageError> {
        self.answer(StatusCode::OK, page)
    }

    /// Shows a form again, with what is wrong.
    ///
    /// # Errors
    /// The page cannot be made.
    pub fn show_again<P: Page>(&self, page: &P) -> Result<HttpResponse, PageError> {
        self.answer(StatusCode::UNPROCESSABLE_ENTITY, page)
    }

    /// Makes a part of a page, for scripts that put it into one that is shown.
    ///
    /// # Errors
    /// The template cannot be made.
    pub fn fragment(
        &self,
        template: &str,
        page: &(impl Serialize + ?Sized),
    ) -> Result<String, PageError> {
        self.fragments().make(template, page)
    }

    /// Returns what makes many parts of pages, one after another.
    #[must_use]
    pub fn fragments(&self) -> Fragments {
        let mut shell = self.looks.view(Some(&self.actor), self.csrf());
        shell.flash = None;
        Fragments { console: self.console().clone(), shell }
    }

    /// Answers with a part of a page.
    ///
    /// # Errors
    /// The template cannot be made.
    pub fn show_fragment(
        &self,
        template: &str,
        page: &(impl Serialize + ?Sized),
    ) -> Result<HttpResponse, PageError> {
        Ok(html(StatusCode::OK).body(self.fragment(template, page)?))
    }

    /// Sends the browser on after a form did what it was for.
    #[must_use]
    pub fn redirect(&self, to: &str, flash: &Flash) -> HttpResponse {
        HttpResponse::SeeOther()
            .insert_header((LOCATION, to))
            .insert_header((SET_COOKIE, self.looks.flash_cookie(flash)))
            .insert_header((CACHE_CONTROL, "no-store"))
            .finish()
    }

    /// Makes the answer that is a page.
    pub(super) fn answer<P: Page>(
        &self,
        status: StatusCode,
        page: &P,
    ) -> Result<HttpResponse, PageError> {
        self.looks.answer(status, page, Some(&self.actor), self.csrf())
    }

    fn csrf(&self) -> String {
        self.console().seal.mark("form", &self.token)
    }
}

impl FromRequest for Visitor {
    type Error = PageError;
    type Future = LocalBoxFuture<'static, Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::of(&request).await })
    }
}

/// An admin.
#[derive(Clone)]
pub struct Admin(pub Visitor);

impl FromRequest for Admin {
    type Error = PageError;
    type Future = LocalBoxFuture<'static, Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let visitor = Visitor::of(&request).await?;
            if visitor.is_admin() { Ok(Self(visitor)) } else { Err(PageError::Forbidden) }
        })
    }
}

/// Begins an answer that is a page: never kept by anybody between.
pub(super) fn html(status: StatusCode) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer.insert_header(ContentType::html()).insert_header((CACHE_CONTROL, "no-store"));
    answer
}

/// Sends somebody who is not known to the login, and back afterwards if they only looked.
fn stranger(request: &HttpRequest) -> PageError {
    let accepts = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    if console(request).is_err() || accepts.is_some_and(|kinds| kinds.contains("event-stream")) {
        return PageError::Unknown;
    }
    if request.headers().contains_key("x-fragment") {
        return PageError::Unknown;
    }
    let looked = request.method() == actix_web::http::Method::GET;
    let from = request.uri().path_and_query().map(ToString::to_string);
    PageError::Login { from: from.filter(|_| looked).unwrap_or_default() }
}
