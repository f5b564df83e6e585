//! Addresses without TLS are not tunnelled by HTTP proxies: most of them allow `CONNECT` to port 443
//! alone. The proxy gets the whole address in the request's first line and forwards the request.

use actix_web::http::Uri;
use actix_web::http::uri::PathAndQuery;
use awc::ClientResponse;
use awc::http::header::{HeaderMap, HeaderName, HeaderValue};
use switchyard_actors::domain::proxy::Proxy;

use super::connect;
use super::fault::{ProxyCause, ProxyFault};

/// Changes a request so that the proxy forwards it, where one does.
///
/// # Errors
/// The address cannot be written that way.
pub fn address(
    forwarder: Option<&Proxy>,
    uri: Uri,
    headers: &mut HeaderMap,
) -> Result<Uri, String> {
    match forwarder {
        None => Ok(uri),
        Some(proxy) => prepare(proxy, uri, headers),
    }
}

fn prepare(proxy: &Proxy, uri: Uri, headers: &mut HeaderMap) -> Result<Uri, String> {
    if let Some(user) = &proxy.user {
        let value = HeaderValue::from_str(&connect::authorization(user));
        let value = value.map_err(|error| error.to_string())?;
        headers.insert(HeaderName::from_static("proxy-authorization"), value);
    }
    // What is written in a first line is the path of the URI: here the whole address takes its place.
    let (host, path) = (uri.host().unwrap_or_default(), uri.path_and_query());
    let path = path.map_or("/", PathAndQuery::as_str);
    let whole = match uri.port_u16() {
        None => format!("http://{host}{path}"),
        Some(port) => format!("http://{host}:{port}{path}"),
    };
    let whole = PathAndQuery::try_from(whole).map_err(|error| error.to_string())?;
    let mut parts = uri.into_parts();
    parts.path_and_query = Some(whole);
    Uri::from_parts(parts).map_err(|error| error.to_string())
}

/// What squid says when nothing of a request has left it.
const SQUID_UNSENT: [&str; 3] = ["ERR_CONNECT_FAIL", "ERR_DNS_FAIL", "ERR_CANNOT_FORWARD"];
/// What `Proxy-Status` says then (RFC 9209, 2.3).
const STATUS_UNSENT: [&str; 8] = [
    "error=dns_timeout",
    "error=dns_error",
    "error=destination_not_found",
    "error=destination_unavailable",
    "error=destination_ip_prohibited",
    "error=destination_ip_unroutable",
    "error=connection_refused",
    "error=connection_timeout",
];

/// Tells an answer of the proxy's own, made before anything was sent on, from every other one. Only
/// 407 is certain by itself; others name their maker. An error that came after the request had left
/// the proxy is like the provider's own: it may have been served.
#[must_use]
pub fn own_fault<S>(forwarder: Option<&Proxy>, answer: &ClientResponse<S>) -> Option<ProxyFault> {
    fault(forwarder?, answer.status().as_u16(), answer.headers())
}

fn fault(proxy: &Proxy, status: u16, headers: &HeaderMap) -> Option<ProxyFault> {
    let cause = match status {
        407 => connect::refused(proxy.user.as_ref()),
        401 if is_own(headers) => connect::refused(proxy.user.as_ref()),
        403 if is_own(headers) => ProxyCause::Answered(status),
        500.. if is_unsent(status, headers) => ProxyCause::Answered(status),
        _ => return None,
    };
    Some(ProxyFault::new(proxy, cause))
}

fn is_own(headers: &HeaderMap) -> bool {
    let server = server(headers);
    headers.contains_key("x-squid-error")
        || text(headers, "proxy-status").contains("error=")
        || ["squid", "tinyproxy"].iter().any(|name| server.starts_with(name))
}

fn is_unsent(status: u16, headers: &HeaderMap) -> bool {
    let squid = text(headers, "x-squid-error");
    let said = text(headers, "proxy-status");
    SQUID_UNSENT.iter().any(|error| squid.starts_with(error))
        || STATUS_UNSENT.iter().any(|error| said.contains(error))
        // tinyproxy's 500 is "unable to connect"; its other errors come later.
        || (status == 500 && server(headers).starts_with("tinyproxy"))
}

fn server(headers: &HeaderMap) -> String {
    text(headers, "server").to_ascii_lowercase()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(text: &str) -> Proxy {
        Proxy::parse(text).unwrap()
    }

    #[test]
    fn the_first_line_has_the_whole_address() {
        let mut headers = HeaderMap::new();
        let uri: Uri = "http://vendor.example:8080/v1/messages?beta=true".parse().unwrap();
        let asked = prepare(&proxy("http://u:p@p"), uri, &mut headers).unwrap();
        let line = asked.path_and_query().unwrap().as_str();
        assert_eq!(line, "http://vendor.example:8080/v1/messages?beta=true");
        assert_eq!((asked.host(), asked.port_u16()), (Some("vendor.example"), Some(8_080)));
        assert_eq!(headers.get("proxy-authorization").unwrap(), "Basic dTpw");
    }

    #[test]
    fn a_vendors_own_error_is_not_the_proxys() {
        let proxy = proxy("http://p");
        let headers = |name: &'static str, value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            headers
        };
        let nginx = headers("server", "nginx");
        assert_eq!(fault(&proxy, 502, &nginx), None);
        assert_eq!(fault(&proxy, 200, &headers("server", "squid/5.7")), None);
        let cause = |status, headers| fault(&proxy, status, &headers).map(|fault| fault.cause);
        assert_eq!(cause(401, nginx.clone()), None, "the vendor's key");
        assert_eq!(cause(407, nginx), Some(ProxyCause::NoCredentials));
        let tinyproxy = headers("server", "tinyproxy/1.11.1");
        assert_eq!(cause(401, tinyproxy), Some(ProxyCause::NoCredentials));
        for headers in [
            headers("x-squid-error", "ERR_CONNECT_FAIL 111"),
            headers("proxy-status", "p.example; error=destination_unavailable"),
        ] {
            assert_eq!(cause(503, headers), Some(ProxyCause::Answered(503)));
        }
        let tinyproxy = || headers("server", "tinyproxy/1.11.1");
        assert_eq!(cause(500, tinyproxy()), Some(ProxyCause::Answered(500)));
        assert_eq!(cause(403, tinyproxy()), Some(ProxyCause::Answered(403)));
        for headers in [
            tinyproxy(),
            headers("x-squid-error", "ERR_READ_TIMEOUT 110"),
            headers("proxy-status", "cdn.example; error=http_response_timeout"),
        ] {
            assert_eq!(cause(504, headers), None, "the vendor may have got it");
        }
    }
}
