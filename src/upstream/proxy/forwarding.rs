//! Addresses without TLS are not tunnelled by HTTP proxies: most of them allow `CONNECT` to port 443
//! alone. The proxy gets the whole address in the request's first line and forwards the request.

use actix_web::http::Uri;
use actix_web::http::uri::PathAndQuery;
use awc::http::header::{HeaderMap, HeaderName, HeaderValue};
use switchyard_actors::domain::proxy::Proxy;

use super::connect;
use super::fault::{ProxyCause, ProxyFault};

/// Changes a request so that the proxy forwards it.
///
/// # Errors
/// The address cannot be written that way.
pub fn prepare(proxy: &Proxy, uri: Uri, headers: &mut HeaderMap) -> Result<Uri, String> {
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

/// Tells an answer of the proxy's own from one that it passed on. Only 407 is certain by itself;
/// others name their maker.
#[must_use]
pub fn fault(proxy: &Proxy, status: u16, headers: &HeaderMap) -> Option<ProxyFault> {
    let cause = match status {
        407 => connect::refused(proxy.user.as_ref()),
        401 if is_own(headers) => connect::refused(proxy.user.as_ref()),
        403 | 500.. if is_own(headers) => ProxyCause::Answered(status),
        _ => return None,
    };
    Some(ProxyFault::new(proxy, cause))
}

fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let server = text("server").unwrap_or_default().to_ascii_lowercase();
    headers.contains_key("x-squid-error")
        || text("proxy-status").is_some_and(|status| status.contains("error="))
        || ["squid", "tinyproxy"].iter().any(|name| server.starts_with(name))
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
            headers("server", "tinyproxy/1.11.1"),
            headers("proxy-status", "p.example; error=destination_unavailable"),
        ] {
            assert_eq!(cause(503, headers), Some(ProxyCause::Answered(503)));
        }
    }
}
