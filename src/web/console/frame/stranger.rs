//! What is known of anybody who looks at a page: language, look, address. And how a page is made for
//! them, logged in or not.

use std::net::IpAddr;

use actix_web::http::header::SET_COOKIE;
use actix_web::http::{Method, StatusCode};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::error::PageError;
use super::flash::{self, Flash};
use super::form::console;
use super::health::HealthView;
use super::locale::Locale;
use super::page::{Page, Room};
use super::shell::{ShellView, UserView};
use super::state::Console;
use super::text::Text;
use super::theme::Theme;
use super::visitor::html;
use crate::app::{Actor, overview};
use crate::web::cookies;
use crate::web::health::VERSION;
use crate::web::origin::{self, Origin};

/// Anybody who looks at a page.
#[derive(Clone)]
pub struct Stranger {
    /// The console's state.
    pub console: Data<Console>,
    /// The address they reached us at.
    pub origin: Origin,
    /// Their language.
    pub locale: Locale,
    /// Their look.
    pub theme: Theme,
    flash: Option<Flash>,
    has_flash: bool,
    here: String,
    live_since: String,
    untrusted_proxy: Option<IpAddr>,
}

impl Stranger {
    /// Reads what a request says.
    ///
    /// # Errors
    /// The console is not mounted.
    pub fn of(request: &HttpRequest) -> Result<Self, PageError> {
        let console = console(request)?;
        let sealed = cookies::read(request, flash::COOKIE);
        // What was posted to cannot be looked at again.
        let looked = matches!(*request.method(), Method::GET | Method::HEAD);
        let here = request.uri().path_and_query().filter(|_| looked);
        let here = here.map_or_else(|| "/".to_owned(), ToString::to_string);
        Ok(Self {
            origin: origin::of(request, &console.shell),
            locale: Locale::of(request),
            theme: Theme::of(request),
            has_flash: sealed.is_some(),
            flash: sealed.and_then(|value| Flash::opened(&value, &console.seal)),
            // Before the page is read from the database: what comes in between is told, too.
            live_since: console.api.app.live.place(),
            untrusted_proxy: untrusted_proxy(request, &console),
            console,
            here,
        })
    }

    /// Returns a proxy that says that the browser speaks HTTPS, and that nobody told us to trust.
    #[must_use]
    pub const fn untrusted_proxy(&self) -> Option<IpAddr> {
        self.untrusted_proxy
    }

    /// Writes a cookie that fits how they reached us.
    #[must_use]
    pub fn cookie(&self, name: &str, value: &str, age_seconds: u32) -> String {
        cookies::write(name, value, age_seconds, self.console.api.secure_cookies)
    }

    /// Returns the key that opens a relay which holds samples only.
    #[must_use]
    pub fn demo_key(&self) -> Option<&'static str> {
        self.console.shell.demo.then_some("demo")
    }

    /// Writes the cookie that has something said on the next page.
    #[must_use]
    pub fn flash_cookie(&self, flash: &Flash) -> String {
        self.cookie(flash::COOKIE, &flash.sealed(&self.console.seal), flash::AGE_SECONDS)
    }

    /// Shows a page to somebody who is not logged in.
    ///
    /// # Errors
    /// The page cannot be made.
    pub fn show<P: Page>(&self, status: StatusCode, page: &P) -> Result<HttpResponse, PageError> {
        self.answer(status, page, None, String::new())
    }

    /// Makes the answer that is a page.
    pub(super) fn answer<P: Page>(
        &self,
        status: StatusCode,
        page: &P,
        actor: Option<&Actor>,
        csrf: String,
    ) -> Result<HttpResponse, PageError> {
        let mut shell = self.view(actor, csrf);
        shell.title = page.title();
        shell.here = page.here().unwrap_or(shell.here);
        shell.room = P::ROOM;
        shell.rooms = actor.map_or_else(Vec::new, |actor| P::ROOM.links(actor.is_admin()));
        let text = self.console.templates().render(P::TEMPLATE, page, &shell)?;
        let mut answer = html(status);
        if self.has_flash {
            // It is said once.
            answer.insert_header((SET_COOKIE, self.cookie(flash::COOKIE, "", 0)));
        }
        Ok(answer.body(text))
    }

    /// Gathers what the frame shows.
    pub(super) fn view(&self, actor: Option<&Actor>, csrf: String) -> ShellView {
        let app = &self.console.api.app;
        ShellView {
            user: actor
                .map(|actor| UserView { name: actor.name.clone(), is_admin: actor.is_admin() }),
            rooms: Vec::new(),
            room: Room::None,
            title: Text::of("frame-name"),
            csrf,
            flash: self.flash.clone(),
            locale: self.locale,
            locales: ShellView::locales(self.locale),
            theme: self.theme,
            zone: (app.zone)().iana_name().unwrap_or("UTC").to_owned(),
            now: app.clock.now().0,
            demo: self.console.shell.demo,
            here: self.here.clone(),
            version: VERSION,
            health: self.health(actor.is_some_and(Actor::is_admin)),
            live_since: self.live_since.clone(),
        }
    }

    /// How the relay is; why, and which providers rest, is for admins.
    fn health(&self, is_admin: bool) -> HealthView {
        let app = &self.console.api.app;
        let reasons = self.console.readiness().reasons();
        let catalogue = self.console.relay.catalogue.load();
        let providers = catalogue.providers.iter().map(|one| (one.id, one.enabled));
        let trouble = overview::outlook(app, providers, app.clock.now());
        let health = HealthView::judge(&reasons, trouble.as_ref(), app.live.open_breakers());
        if is_admin { health } else { health.for_others() }
    }
}

fn untrusted_proxy(request: &HttpRequest, console: &Console) -> Option<IpAddr> {
    let peer = request.peer_addr().map(|peer| peer.ip());
    let said = request.headers().get("x-forwarded-proto")?.to_str().ok()?;
    peer.filter(|_| said == "https" && !console.shell.trusts(peer))
}

/// Tells whether a path may be gone back to: ours, and nobody else's.
#[must_use]
pub fn is_safe_return(path: &str) -> bool {
    let mut bytes = path.bytes();
    bytes.next() == Some(b'/')
        && !matches!(bytes.next(), Some(b'/' | b'\\'))
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_ours_are_gone_back_to() {
        for path in ["/", "/requests?status=500", "/users/3"] {
            assert!(is_safe_return(path), "{path}");
        }
        for path in ["", "//evil.test", "/\\evil.test", "https://evil.test", "/a b", "/a\r\nb", "x"]
        {
            assert!(!is_safe_return(path), "{path}");
        }
    }
}
