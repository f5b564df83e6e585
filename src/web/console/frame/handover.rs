//! A secret that a form made, on its way to the page that shows it: once. It travels sealed in a
//! cookie of that page alone, opens only within the login that made it, and is taken out of the
//! browser by the look that shows it. So the page may be looked at again without making anything
//! twice, and nobody is shown the secret by its address.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse};
use switchyard_actors::domain::secret::Secret;

use super::error::PageError;
use super::flash::Flash;
use super::sealed;
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
        let app = self.app();
        let until = app.clock.now().plus(Duration::from_secs(AGE_SECONDS.into()));
        let sealed = sealed::seal(&app.cipher, &self.purpose(to), until, secret.reveal())?;
        let mut answer = self.redirect(to, flash);
        self.set_cookie(&mut answer, to, &sealed, AGE_SECONDS);
        Ok(answer)
    }

    /// Returns the secret that was handed over to the page that is asked for.
    #[must_use]
    pub fn handed_over(&self, request: &HttpRequest) -> Option<Secret> {
        let sealed = cookies::read(request, COOKIE)?;
        let app = self.app();
        sealed::open(&app.cipher, &self.purpose(request.path()), app.clock.now(), &sealed)
    }

    /// Takes what was handed over out of the browser, by the answer that shows it.
    pub fn take_back(&self, request: &HttpRequest, answer: &mut HttpResponse) {
        self.set_cookie(answer, request.path(), "", 0);
    }

    fn set_cookie(&self, answer: &mut HttpResponse, path: &str, value: &str, age_seconds: u32) {
        let secure = self.console().api.secure_cookies;
        cookies::set(answer, &cookies::write_below(path, COOKIE, value, age_seconds, secure));
    }

    /// It opens for one page and one login.
    fn purpose(&self, path: &str) -> String {
        format!("handover {path} {}", self.token)
    }
}
