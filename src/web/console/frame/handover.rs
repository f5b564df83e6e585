//! A secret that a form made, on its way to the page that shows it: once. It travels sealed in a
//! cookie of that page alone, opens only within the login that made it, and is taken out of the
//! browser by the look that shows it. So the page may be looked at again without making anything
//! twice, and nobody is shown the secret by its address.

use std::time::Duration;

use actix_web::http::header::{HeaderValue, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::secret::Secret;

use super::error::PageError;
use super::flash::Flash;
use super::visitor::Visitor;
use crate::web::cookies;

/// The cookie.
const COOKIE: &str = "handover";
/// A browser follows at once.
const AGE_SECONDS: u32 = 60;

impl Visitor {
    /// Sends the browser on to a page that is to show a secret once.
    ///
    /// # Errors
    /// It cannot be sealed.
    pub fn hand_over(
        &self,
        to: &str,
        flash: &Flash,
        secret: &Secret,
    ) -> Result<HttpResponse, PageError> {
        let dated = format!("{} {}", self.app().clock.now().0, secret.reveal());
        let sealed = self.app().cipher.seal(&self.purpose(to), &dated)?;
        let mut answer = self.redirect(to, flash);
        self.set_cookie(&mut answer, to, &sealed, AGE_SECONDS);
        Ok(answer)
    }

    /// Returns the secret that was handed over to the page that is asked for.
    #[must_use]
    pub fn handed_over(&self, request: &HttpRequest) -> Option<Secret> {
        let sealed = cookies::read(request, COOKIE)?;
        let dated = self.app().cipher.open_sealed(&self.purpose(request.path()), &sealed)?;
        let (made, secret) = dated.reveal().split_once(' ')?;
        let oldest = self.app().clock.now().minus(Duration::from_secs(AGE_SECONDS.into()));
        let is_fresh = Micros(made.parse().ok()?) >= oldest;
        is_fresh.then(|| Secret::new(secret))
    }

    /// Takes what was handed over out of the browser, by the answer that shows it.
    pub fn take_back(&self, request: &HttpRequest, answer: &mut HttpResponse) {
        self.set_cookie(answer, request.path(), "", 0);
    }

    fn set_cookie(&self, answer: &mut HttpResponse, path: &str, value: &str, age_seconds: u32) {
        let secure = self.console().api.secure_cookies;
        let cookie = cookies::write_below(path, COOKIE, value, age_seconds, secure);
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            answer.headers_mut().append(SET_COOKIE, cookie);
        }
    }

    /// It opens for one page and one login.
    fn purpose(&self, path: &str) -> String {
        format!("handover {path} {}", self.token)
    }
}
