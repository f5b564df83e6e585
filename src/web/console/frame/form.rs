//! What a form sent: read within bounds, its token checked, its fields at hand.

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use url::form_urlencoded;

use super::csrf::FIELD;
use super::error::PageError;
use super::late;
use super::state::Console;
use super::visitor::Visitor;
use crate::web::api::{Api, Unread};
use crate::web::origin::is_from_our_page;

/// Forms are larger than a login and smaller than a price table.
pub(super) const LIMIT: usize = 256 * 1024;

/// What a form sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// Makes one of pairs.
    #[cfg(test)]
    pub fn of<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// Returns a field without space around it; empty when it is absent.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
    }

    /// Returns a field that holds something.
    #[must_use]
    pub fn opt(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Returns every value of a field.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<&str> {
        let own = self.0.iter().filter(|(field, _)| field == name);
        own.map(|(_, value)| value.trim()).filter(|value| !value.is_empty()).collect()
    }

    /// Tells whether a box is ticked.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.text(name), "on" | "true" | "1")
    }

    /// Tells whether the field was sent at all.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(field, _)| field == name)
    }

    /// Returns every pair, the token left out.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = self.0.iter().filter(|(name, _)| name != FIELD);
        own.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A form of somebody who is logged in; it carries the token of their login.
impl FromRequest for Form {
    type Error = PageError;
    type Future = LocalBoxFuture<'static, Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let visitor = Visitor::of(&request).await?;
            let console = console(&request)?;
            if !is_from_our_page(&request, console.public_url.as_deref()) {
                return Err(PageError::Forged);
            }
            let body = console.api.uploads.read(payload, LIMIT).await.map_err(unread)?;
            let form = Self::parse(&body);
            if !console.seal.is_mark("form", &visitor.token, form.text(FIELD)) {
                return Err(late::stale(&request, &visitor, &form, &body));
            }
            late::unfolded(&request, &visitor, form)
        })
    }
}

/// A form of somebody who is not known yet: where it came from is all that can be checked.
#[derive(Clone, Debug)]
pub struct StrangersForm(pub Form);

impl FromRequest for StrangersForm {
    type Error = PageError;
    type Future = LocalBoxFuture<'static, Result<Self, PageError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let console = console(&request)?;
            if !is_from_our_page(&request, console.public_url.as_deref()) {
                return Err(PageError::Forged);
            }
            let api: &Data<Api> = &console.api;
            let read = api.uploads.read_of_stranger(payload, LIMIT / 16).await;
            read.map(|bytes| Self(Form::parse(&bytes))).map_err(unread)
        })
    }
}

/// Returns the console's state.
pub(super) fn console(request: &HttpRequest) -> Result<Data<Console>, PageError> {
    request.app_data::<Data<Console>>().cloned().ok_or(PageError::Unmounted)
}

pub(super) fn unread(why: Unread) -> PageError {
    match why {
        Unread::Large => PageError::TooLarge,
        Unread::Full => PageError::Busy,
        Unread::Slow | Unread::Broken => PageError::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_trimmed_and_by_kind() {
        let form = Form::parse(b"name=+a%20b+&model=x&model=&model=y&enabled=on&csrf=t&none=");
        assert_eq!(form.text("name"), "a b");
        assert_eq!(form.list("model"), ["x", "y"]);
        assert!(form.flag("enabled") && !form.flag("absent"));
        assert_eq!((form.opt("none"), form.has("none"), form.has("absent")), (None, true, false));
        assert!(form.pairs().all(|(name, _)| name != "csrf"));
    }
}
