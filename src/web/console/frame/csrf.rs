//! Marks of ours that nobody else can make: the token that a login's forms carry, and the mark on
//! what travels in a cookie. And whether a post came from one of our own pages.

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderMap, ORIGIN};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::hmac;

/// The field of a form that carries the token.
pub const FIELD: &str = "csrf";

/// Makes and checks marks.
#[derive(Clone)]
pub struct Seal(hmac::Key);

impl Seal {
    /// Takes a secret of any length.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// Marks a text for one purpose.
    #[must_use]
    pub fn mark(&self, purpose: &str, text: &str) -> String {
        BASE64.encode(hmac::sign(&self.0, joined(purpose, text).as_bytes()))
    }

    /// Tells in constant time whether a mark is ours.
    #[must_use]
    pub fn is_mark(&self, purpose: &str, text: &str, mark: &str) -> bool {
        let Ok(mark) = BASE64.decode(mark) else { return false };
        hmac::verify(&self.0, joined(purpose, text).as_bytes(), &mark).is_ok()
    }
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(..)")
    }
}

fn joined(purpose: &str, text: &str) -> String {
    format!("{purpose}\0{text}")
}

/// Tells whether a post came from a page of ours. Browsers say so in `Sec-Fetch-Site`; older ones
/// send `Origin`. What sends neither is no browser, and no page can make it send our cookies.
#[must_use]
pub fn is_from_our_page(request: &HttpRequest, public_url: Option<&str>) -> bool {
    let headers = request.headers();
    if let Some(site) = text(headers, "sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = text(headers, ORIGIN.as_str()) else { return true };
    let Some((_, place)) = origin.split_once("://") else { return false };
    let said = public_url.and_then(|url| url.split_once("://")).map(|(_, rest)| rest);
    let said = said.map(|rest| rest.split('/').next().unwrap_or_default());
    text(headers, HOST.as_str()) == Some(place) || said == Some(place)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_mark_is_good_for_its_purpose_and_text_alone() {
        let seal = Seal::new(b"secret");
        let mark = seal.mark("form", "token");
        assert!(seal.is_mark("form", "token", &mark));
        assert!(!seal.is_mark("flash", "token", &mark));
        assert!(!seal.is_mark("form", "other", &mark));
        assert!(!Seal::new(b"other").is_mark("form", "token", &mark));
        assert!(!seal.is_mark("form", "token", "nonsense"));
    }

    #[test]
    fn a_post_from_a_page_of_somebody_else_is_known() {
        let of = |pairs: &[(&'static str, &'static str)]| {
            let mut request = TestRequest::post();
            for pair in pairs {
                request = request.insert_header(*pair);
            }
            is_from_our_page(&request.to_http_request(), Some("https://ai.test/x"))
        };
        assert!(of(&[("sec-fetch-site", "same-origin")]));
        assert!(!of(&[("sec-fetch-site", "cross-site")]));
        assert!(!of(&[("sec-fetch-site", "same-site"), ("origin", "http://a.test")]));
        assert!(of(&[("host", "a.test:1"), ("origin", "http://a.test:1")]));
        assert!(of(&[("host", "10.0.0.1"), ("origin", "https://ai.test")]));
        assert!(!of(&[("host", "a.test:1"), ("origin", "http://b.test:1")]));
        assert!(!of(&[("host", "a.test:1"), ("origin", "null")]));
        assert!(of(&[("host", "a.test:1")]));
    }
}
