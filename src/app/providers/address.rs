//! Addresses of a provider: which are refused, and what follows from them.

use std::net::IpAddr;

use serde_json::Value;
use switchyard_actors::domain::proxy::{BadProxy, ProxyUse};
use url::{Host, Url};

use crate::app::AppError;
use crate::app::shape::Fault;
use crate::upstream::address::{is_private, literal};

/// First labels that say what a host serves, not whose it is.
const SERVICE_LABELS: [&str; 2] = ["www.", "api."];
const INSIDE: Fault =
    Fault { id: "wrong-inside", text: "The address leads to this machine or a private network" };

/// Refuses an address of a proxy that is none. It is looked at before anything else, because the
/// contract gives it words of its own.
pub(super) fn check_proxy(raw: &Value) -> Result<(), AppError> {
    let Some(text) = raw.get("proxy_url").and_then(Value::as_str) else { return Ok(()) };
    match ProxyUse::of(Some(text), false) {
        ProxyUse::None | ProxyUse::Through { .. } => Ok(()),
        ProxyUse::Unusable(why) => {
            let text = format!(
                "代理地址格式无效，支持格式: http://host:port, https://host:port, \
                 socks5://host:port, socks5h://host:port, socks4://host:port \
                 (the proxy's address cannot be used: {why})"
            );
            Err(AppError::refused(bad_proxy(why), text).at("proxy_url"))
        }
    }
}

/// Returns the console's message of a reason.
pub(super) const fn bad_proxy(why: BadProxy) -> &'static str {
    match why {
        BadProxy::NoScheme => "refused-proxy-no-scheme",
        BadProxy::Scheme => "refused-proxy-scheme",
        BadProxy::Host => "refused-proxy-host",
        BadProxy::Port => "refused-proxy-port",
        BadProxy::User => "refused-proxy-user",
        BadProxy::More => "refused-proxy-more",
    }
}

/// Tells whether the relay could call an address at all.
pub(super) fn is_http(text: &str) -> bool {
    Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some())
}

/// Refuses addresses that cannot be called, and private ones unless they are allowed.
pub(super) fn check(urls: &[String], allows_private: bool) -> Result<(), AppError> {
    check_callable(urls)?;
    if allows_private { Ok(()) } else { check_private(urls) }
}

/// Refuses addresses that nobody could call: `localhost:11434/v1` is one of the scheme `localhost`.
fn check_callable(urls: &[String]) -> Result<(), AppError> {
    let Some(at) = urls.iter().position(|url| !is_http(url)) else { return Ok(()) };
    let field = if at == 0 { "url" } else { "endpoints" };
    let text = "供应商地址必须以 http:// 或 https:// 开头 \
                (an address must begin with http:// or https:// and name a host)";
    Err(AppError::refused("refused-not-http", text).at(field))
}

/// Refuses addresses that lead to this machine or a private network. Names are looked up when a
/// connection is made; here only what is plain from the text is refused.
pub(super) fn check_private(urls: &[String]) -> Result<(), AppError> {
    let Some(at) = urls.iter().position(|url| is_inside(url)) else { return Ok(()) };
    let url = urls.get(at).map_or("", String::as_str);
    let field = if at == 0 { "url" } else { "endpoints" };
    let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let host = host.unwrap_or_default();
    let text = format!(
        "{host} is a private or loopback address; set allow_private on this provider, or \
         ALLOW_PRIVATE_PROVIDER_URLS for all of them"
    );
    Err(AppError::refused("refused-private", text).with("host", host).at(field))
}

fn is_inside(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    match url.host() {
        Some(Host::Ipv4(address)) => is_private(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => is_private(IpAddr::V6(address)),
        // Schemes other than http keep their host as text.
        Some(Host::Domain(name)) => literal(name).map_or_else(|| is_local_name(name), is_private),
        None => false,
    }
}

fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// Says what is wrong with an address of an MCP server.
pub(super) fn mcp_fault(url: &Value) -> Option<Fault> {
    let inside = url.as_str().is_some_and(is_inside);
    inside.then_some(INSIDE)
}

/// Returns the site that an address belongs to: its host without a leading `www.` or `api.`.
pub(super) fn site(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?.to_ascii_lowercase();
    let bare = SERVICE_LABELS.iter().find_map(|label| host.strip_prefix(label));
    Some(bare.filter(|rest| rest.contains('.')).unwrap_or(&host).to_owned())
}

/// Returns the address of a site's icon.
pub(super) fn favicon(website: &str) -> Option<String> {
    let host = Url::parse(website).ok()?.host_str()?.to_owned();
    Some(format!("https://www.google.com/s2/favicons?domain={host}&sz=32"))
}

/// Returns an address without user name and password, for the audit log.
pub(super) fn without_credentials(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else { return text.to_owned() };
    if url.username().is_empty() && url.password().is_none() {
        return text.to_owned();
    }
    let cleaned = url.set_username("").and_then(|()| url.set_password(None));
    if cleaned.is_ok() { url.to_string() } else { "(hidden)".to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn literal_private_addresses_and_localhost_are_inside() {
        for url in [
            "http://127.0.0.1:8080",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://127.1./",
            "ftp://127.1/",
            "http://[::1]/v1",
            "http://[::ffff:10.0.0.1]/",
            "https://192.168.1.9",
            "http://169.254.169.254/latest",
            "http://localhost:3000",
            "http://LOCALHOST./",
            "http://a.localhost",
            "ftp://10.0.0.1/",
        ] {
            assert!(check_private(&[url.to_owned()]).is_err(), "{url}");
        }
        for url in ["https://api.example.com", "http://8.8.8.8", "https://localhost.example.com"] {
            assert!(check_private(&[url.to_owned()]).is_ok(), "{url}");
        }
    }

    #[test]
    fn the_refusal_names_both_ways_out() {
        let told = check_private(&["http://10.0.0.1".to_owned()]).unwrap_err().to_string();
        assert!(told.contains("allow_private on") && told.contains("ALLOW_PRIVATE_PROVIDER_URLS"));
    }

    #[test]
    fn a_proxy_has_a_known_scheme_and_a_host() {
        for good in [
            "http://p:1",
            "https://p",
            "socks5://u:p@h:1080",
            "socks5h://h",
            "socks4://h:1",
            "",
            "  ",
        ] {
            assert!(check_proxy(&json!({ "proxy_url": good })).is_ok(), "{good}");
        }
        for bad in ["p:8080", "ftp://p", "http://", "http://user:secret@p:x"] {
            let told = check_proxy(&json!({ "proxy_url": bad })).unwrap_err().to_string();
            assert!(told.contains("代理地址格式无效") && told.contains("write http://"), "{told}");
            assert!(!told.contains("secret"), "{told}");
        }
    }

    #[test]
    fn the_site_is_the_host_without_its_service_label() {
        assert_eq!(site("https://api.anthropic.com/v1").as_deref(), Some("anthropic.com"));
        assert_eq!(site("https://www.example.com").as_deref(), Some("example.com"));
        assert_eq!(site("https://api.io").as_deref(), Some("api.io"));
        assert_eq!(site("localhost:80"), None);
    }

    #[test]
    fn a_password_does_not_reach_the_audit_log() {
        let told = without_credentials("http://user:secret@proxy.example:8080/");
        assert_eq!(told, "http://proxy.example:8080/");
        assert_eq!(without_credentials("https://a.example"), "https://a.example");
    }
}
