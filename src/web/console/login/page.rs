//! What the login page shows.

use serde::Serialize;

use crate::web::console::frame::{FormView, Page, Room, Stranger, Text, address};
use crate::web::origin::Origin;

/// The login page.
#[derive(Clone, Debug, Serialize)]
pub struct LoginPage {
    /// What was typed is not sent back: it is a key.
    pub form: FormView,
    /// Where to go afterwards.
    pub from: String,
    /// What was typed before the last login ended, sealed; mostly nothing.
    pub kept: String,
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
            kept: String::new(),
            trouble: trouble(secure_cookies, Way::of(&looks.origin, peer), tried),
            demo_key: looks.demo_key(),
        }
    }
}

/// The way a browser came.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Way {
    /// Over HTTPS, or to this machine, which browsers trust alike.
    Trusted,
    /// Through a proxy that says HTTPS, and that nobody told us to trust.
    Proxy(String),
    /// To this machine, without HTTPS; most browsers trust that.
    Local,
    /// Over plain HTTP from elsewhere.
    Plain,
}

impl Way {
    fn of(origin: &Origin, proxy: Option<String>) -> Self {
        match proxy {
            _ if origin.secure => Self::Trusted,
            Some(proxy) => Self::Proxy(proxy),
            None if origin.local => Self::Local,
            None => Self::Plain,
        }
    }
}

/// Finds why a browser would not send the cookie back. `tried` means that a login has just gone
/// well and the cookie did not come.
fn trouble(secure_cookies: bool, way: Way, tried: bool) -> Option<Trouble> {
    let off = || "ENABLE_SECURE_COOKIES=false".to_owned();
    let (what, line, instead) = match (way, tried) {
        (Way::Plain, false) if secure_cookies => ("login-cookie-http", off(), "login-cookie-https"),
        (_, false) => return None,
        (Way::Plain | Way::Local, true) if secure_cookies => {
            ("login-cookie-lost-http", off(), "login-cookie-https")
        }
        // The browser does speak HTTPS, so it is not the cookie's mark that is in the way.
        (Way::Proxy(proxy), true) if secure_cookies => {
            ("login-cookie-lost", format!("TRUSTED_PROXIES={proxy}"), "login-cookie-allow")
        }
        (_, true) => ("login-cookie-lost", off(), "login-cookie-allow"),
    };
    Some(Trouble { what: Text::of(what), line, instead: Text::of(instead) })
}

impl Page for LoginPage {
    const TEMPLATE: &'static str = "pages/login.html";
    const ROOM: Room = Room::None;

    fn title(&self) -> Text {
        Text::of("login-title")
    }

    /// What was typed before would be lost on the way.
    fn here(&self) -> Option<String> {
        let own = || address("/login", &[("from", &self.from)], None);
        Some(if self.kept.is_empty() { own() } else { String::new() })
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let page = |trouble| Self {
            form: FormView::default(),
            from: "/requests?status=500".to_owned(),
            kept: String::new(),
            trouble,
            demo_key: None,
        };
        let wrong = FormView::default().with_issue("key", Text::of("login-wrong"));
        vec![
            ("typical", page(None)),
            ("wrong", Self { form: wrong.clone(), ..page(None) }),
            ("kept", Self { form: wrong, kept: "v1.sealed".to_owned(), ..page(None) }),
            ("plain-http", page(trouble(true, Way::Plain, false))),
            ("lost", page(trouble(true, Way::Trusted, true))),
            ("demo", Self { demo_key: Some("demo"), ..page(None) }),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_to_change_is_named_where_a_cookie_cannot_come_back() {
        let line = |cookies, way: &Way, tried| {
            trouble(cookies, way.clone(), tried).map(|found| found.line)
        };
        let off = Some("ENABLE_SECURE_COOKIES=false".to_owned());
        let proxy = Way::Proxy("10.0.0.1".to_owned());
        // A plain address on the network: said before anybody types.
        assert_eq!(line(true, &Way::Plain, false), off);
        // What works is not warned of.
        for way in [&Way::Trusted, &Way::Local, &proxy] {
            assert_eq!(line(true, way, false), None, "{way:?}");
        }
        assert_eq!(line(false, &Way::Plain, false), None);
        // A browser that is stricter than others: said after the first try.
        assert_eq!(line(true, &Way::Local, true), off);
        assert_eq!(line(true, &proxy, true), Some("TRUSTED_PROXIES=10.0.0.1".to_owned()));
        assert_eq!(line(false, &Way::Plain, true), off);
    }
}
