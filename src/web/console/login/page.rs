//! What the login page shows.

use serde::Serialize;

use crate::web::console::frame::{FormView, Page, Room, Stranger, Text};

/// The login page.
#[derive(Clone, Debug, Serialize)]
pub struct LoginPage {
    /// What was typed is not sent back: it is a key.
    pub form: FormView,
    /// Where to go afterwards.
    pub from: String,
    /// Why a login cannot work at this address as things are set.
    pub trouble: Option<Trouble>,
    /// The relay holds samples only; this key opens it.
    pub demo_key: Option<&'static str>,
}

/// Why a browser would not keep, or has not kept, the cookie of a login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// What is in the way.
    pub what: Text,
    /// The line of the environment that ends it.
    pub line: String,
    /// The other way.
    pub instead: Text,
}

impl LoginPage {
    /// Makes the page for somebody.
    #[must_use]
    pub fn new(looks: &Stranger, from: &str, tried: bool) -> Self {
        let secure_cookies = looks.console.api.secure_cookies;
        let peer = looks.untrusted_proxy().map(|ip| ip.to_string());
        Self {
            form: FormView::default(),
            from: from.to_owned(),
            trouble: trouble(secure_cookies, looks.origin.secure, looks.origin.local, peer, tried),
            demo_key: looks.console.shell.demo.then_some("demo"),
        }
    }
}

/// Finds why a browser would not send the cookie back. `tried` means that a login has just gone
/// well and the cookie did not come; `proxy` is one that says HTTPS and that nobody told us to trust.
fn trouble(
    secure_cookies: bool,
    secure: bool,
    local: bool,
    proxy: Option<String>,
    tried: bool,
) -> Option<Trouble> {
    let off = || "ENABLE_SECURE_COOKIES=false".to_owned();
    if secure_cookies && !secure {
        if let Some(proxy) = proxy {
            // The browser does speak HTTPS, so the cookie comes back; only our links are wrong.
            return tried.then(|| Trouble {
                what: Text::of("login-cookie-lost"),
                line: format!("TRUSTED_PROXIES={proxy}"),
                instead: Text::of("login-cookie-allow"),
            });
        }
        if !local || tried {
            let what = if tried { "login-cookie-lost-http" } else { "login-cookie-http" };
            let instead = Text::of("login-cookie-https");
            return Some(Trouble { what: Text::of(what), line: off(), instead });
        }
    }
    tried.then(|| Trouble {
        what: Text::of("login-cookie-lost"),
        line: off(),
        instead: Text::of("login-cookie-allow"),
    })
}

impl Page for LoginPage {
    const TEMPLATE: &'static str = "pages/login.html";
    const ROOM: Room = Room::None;

    fn title(&self) -> Text {
        Text::of("login-title")
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let page = |trouble| Self {
            form: FormView::default(),
            from: "/requests?status=500".to_owned(),
            trouble,
            demo_key: None,
        };
        let wrong = FormView::default().with_issue("key", Text::of("login-wrong"));
        vec![
            ("typical", page(None)),
            ("wrong", Self { form: wrong, ..page(None) }),
            ("plain-http", page(trouble(true, false, false, None, false))),
            ("lost", page(trouble(true, true, false, None, true))),
            ("demo", Self { demo_key: Some("demo"), ..page(None) }),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_to_change_is_named_where_a_cookie_cannot_come_back() {
        let line = |cookies, secure, local, proxy: Option<&str>, tried| {
            let found = trouble(cookies, secure, local, proxy.map(str::to_owned), tried);
            found.map(|found| found.line)
        };
        let off = Some("ENABLE_SECURE_COOKIES=false".to_owned());
        // A plain address on the network: said before anybody types.
        assert_eq!(line(true, false, false, None, false), off);
        // What works is not warned of.
        assert_eq!(line(true, true, false, None, false), None);
        assert_eq!(line(true, false, true, None, false), None);
        assert_eq!(line(false, false, false, None, false), None);
        assert_eq!(line(true, false, false, Some("10.0.0.1"), false), None);
        // A browser that is stricter than others: said after the first try.
        assert_eq!(line(true, false, true, None, true), off);
        let proxy = Some("TRUSTED_PROXIES=10.0.0.1".to_owned());
        assert_eq!(line(true, false, false, Some("10.0.0.1"), true), proxy);
        assert_eq!(line(false, false, false, None, true), off);
    }
}
