//! The root page: what runs here, and what to do next, with commands that can be copied as they
//! stand. Claude Code asks for it with HEAD before it begins.

use actix_web::http::header::{CACHE_CONTROL, ContentType};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::health::VERSION;
use super::origin::{self, Origin};
use super::{Facts, Shell};

/// The template.
const TEMPLATE: &str = "pages/root.html";

/// Adds the routes.
pub fn configure(routes: &mut ServiceConfig) {
    routes.service(web::resource("/").route(web::get().to(page)).route(web::head().to(head)));
}

/// What the template shows; finished words, nothing to compute.
#[derive(Debug, Serialize)]
struct RootPage {
    version: &'static str,
    engine: String,
    ready: bool,
    reasons: Vec<&'static str>,
    providers: usize,
    users: usize,
    keys: usize,
    address: String,
    /// Set when a browser would not send the console's cookie back.
    cookie_warning: bool,
}

impl RootPage {
    fn new(shell: &Shell, facts: Facts, origin: Origin) -> Self {
        let plain = !origin.secure && !origin.local;
        Self {
            version: VERSION,
            engine: facts.engine,
            ready: shell.readiness.is_ready(),
            reasons: shell.readiness.reasons().into_iter().map(|reason| reason.text).collect(),
            providers: facts.providers,
            users: facts.users,
            keys: facts.keys,
            address: origin.address,
            cookie_warning: plain && shell.settings.access.secure_cookies,
        }
    }
}

async fn page(request: HttpRequest, shell: Data<Shell>) -> HttpResponse {
    let page = RootPage::new(&shell, (shell.facts)(), origin::of(&request, &shell));
    match shell.pages.render(TEMPLATE, &page) {
        Ok(html) => HttpResponse::Ok()
            .insert_header(ContentType::html())
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(html),
        Err(error) => {
            tracing::error!(error = %error, "the root page cannot be made");
            HttpResponse::InternalServerError().body("the page cannot be made; see the log\n")
        }
    }
}

async fn head() -> HttpResponse {
    HttpResponse::Ok().insert_header(ContentType::html()).finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::Pages;

    fn sample(providers: usize, keys: usize) -> RootPage {
        RootPage {
            version: "1.2.3",
            engine: "SQLite".into(),
            ready: true,
            reasons: Vec::new(),
            providers,
            users: keys,
            keys,
            address: "http://relay.test:23000".into(),
            cookie_warning: false,
        }
    }

    fn shown(page: &RootPage) -> String {
        Pages::new().unwrap().render(TEMPLATE, page).unwrap()
    }

    #[test]
    fn a_fresh_relay_says_how_to_add_a_provider_and_a_key() {
        let html = shown(&sample(0, 0));
        for text in ["1.2.3", "SQLite", "switchyard provider add", "switchyard user add"] {
            assert!(html.contains(text), "{text} is missing");
        }
    }

    #[test]
    fn every_client_is_pointed_at_this_address() {
        let html = shown(&sample(1, 1));
        for text in [
            "ANTHROPIC_BASE_URL=http://relay.test:23000",
            "base_url = &quot;http://relay.test:23000/v1&quot;",
            "GOOGLE_GEMINI_BASE_URL=http://relay.test:23000",
            "curl http://relay.test:23000/v1/chat/completions",
        ] {
            assert!(html.contains(text), "{text} is missing in {html}");
        }
    }

    #[test]
    fn nothing_is_inline_and_nothing_comes_from_outside() {
        let html = shown(&sample(1, 1));
        for text in ["<script", "<style", "style=", "onclick", "https://fonts", "src=\"http"] {
            assert!(!html.contains(text), "{text}");
        }
    }

    #[test]
    fn a_lan_address_without_https_is_told_which_setting_to_change() {
        let warned = RootPage { cookie_warning: true, ..sample(1, 1) };
        assert!(shown(&warned).contains("ENABLE_SECURE_COOKIES=false"));
        assert!(!shown(&sample(1, 1)).contains("ENABLE_SECURE_COOKIES"));
    }

    #[test]
    fn what_is_wrong_is_said_and_escaped() {
        let broken = RootPage { ready: false, reasons: vec!["<b>journal</b>"], ..sample(0, 0) };
        assert!(shown(&broken).contains("&lt;b&gt;journal"));
    }
}
