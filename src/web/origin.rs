//! The address a person reached us at, to be shown to them.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderMap, ORIGIN};

use super::Shell;

/// An address to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Scheme, host and port, without a slash at the end.
    pub address: String,
    /// The person came over HTTPS.
    pub secure: bool,
    /// The person sits at this machine, which browsers trust like HTTPS.
    pub local: bool,
}

/// Finds it: `APP_URL` when set, else what the request says.
#[must_use]
pub fn of(request: &HttpRequest, shell: &Shell) -> Origin {
    let peer = request.peer_addr().map(|peer| peer.ip());
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let secure =
        shell.trusts(peer) && header("x-forwarded-proto").is_some_and(|proto| proto == "https");
    let host = header(HOST.as_str()).filter(|host| is_host(host));
    let host =
        host.map_or_else(|| format!("localhost:{}", shell.settings.server.port), str::to_owned);
    let scheme = if secure { "https" } else { "http" };
    let said = shell.settings.server.public_url.as_deref().map(|url| url.trim_end_matches('/'));
    let address = said.map_or_else(|| format!("{scheme}://{host}"), str::to_owned);
    Origin { address, secure, local: is_local(&host) }
}

/// A host with an optional port, and nothing that could be taken for more.
fn is_host(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte);
    !text.is_empty() && text.len() <= 255 && text.bytes().all(legal)
}

pub(in crate::web) fn is_local(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host }
    });
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name == "localhost" || name.ends_with(".localhost") || address.is_ok_and(|ip| ip.is_loopback())
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

/// Tells whether a browser says that a post came from a page of ours. What says nothing may be
/// anything, and is not believed here.
#[must_use]
pub fn is_known_to_be_from_our_page(request: &HttpRequest, public_url: Option<&str>) -> bool {
    let headers = request.headers();
    let says = match text(headers, "sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => headers.contains_key(ORIGIN),
    };
    says && is_from_our_page(request, public_url)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn this_machine_is_known_by_its_names() {
        for host in ["localhost", "localhost:23000", "127.0.0.1:1", "[::1]:23000", "sw.localhost"] {
            assert!(is_local(host), "{host}");
        }
        for host in ["192.168.1.4:23000", "localhost.example.com", "example.com"] {
            assert!(!is_local(host), "{host}");
        }
    }

    #[test]
    fn a_host_holds_nothing_but_a_host() {
        assert!(is_host("example.com:8080") && is_host("[::1]:80"));
        for text in ["", "a b", "a/b", "a\"b", "<x>", "a@b"] {
            assert!(!is_host(text), "{text}");
        }
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

    #[test]
    fn only_what_a_browser_says_is_known_to_be_from_a_page_of_ours() {
        for (name, value, is_known) in [
            ("sec-fetch-site", "same-origin", true),
            ("sec-fetch-site", "none", false),
            ("sec-fetch-site", "same-site", false),
            ("origin", "http://a.test", true),
            ("origin", "http://b.test", false),
            ("x-none", "", false),
        ] {
            let request = TestRequest::post().insert_header(("host", "a.test"));
            let request = request.insert_header((name, value)).to_http_request();
            assert_eq!(is_known_to_be_from_our_page(&request, None), is_known, "{name}: {value}");
        }
    }
}
