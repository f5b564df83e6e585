//! What a proxy is asked for: the provider's host and port.

use std::io;
use std::net::SocketAddr;

use actix_web::http::Uri;

use crate::upstream::address::{is_private, literal};
use crate::upstream::connector::{PRIVATE_REFUSED, resolve};

/// A provider's host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name or address; IPv6 without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// It is spoken to over TLS.
    pub is_tls: bool,
}

impl Target {
    /// Reads an address.
    #[must_use]
    pub fn of(uri: &Uri) -> Self {
        let is_tls = uri.scheme_str() == Some("https");
        let host = uri.host().unwrap_or_default();
        let bare = host.strip_prefix('[').and_then(|v6| v6.strip_suffix(']')).unwrap_or(host);
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        Self { host: bare.to_owned(), port, is_tls }
    }

    /// Writes it as HTTP has it, `host:port`.
    #[must_use]
    pub fn authority(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    /// Returns the address, when it is one and no name.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        literal(&self.host).map(|ip| SocketAddr::new(ip, self.port))
    }

    /// Refuses what is private as it stands. A name that the proxy resolves is the proxy's matter:
    /// what it leads to there cannot be seen from here.
    ///
    /// # Errors
    /// The address is private.
    pub fn check(&self) -> io::Result<()> {
        let name = self.host.trim_end_matches('.').to_ascii_lowercase();
        let is_local_name = name == "localhost" || name.ends_with(".localhost");
        if is_local_name || self.address().is_some_and(|address| is_private(address.ip())) {
            return Err(refused());
        }
        Ok(())
    }

    /// Resolves it here.
    ///
    /// # Errors
    /// The name has no address, or every one of them is private and that is not allowed.
    pub async fn resolve(&self, allow_private: bool) -> io::Result<Vec<SocketAddr>> {
        let found: Vec<SocketAddr> = resolve(&self.host, self.port).await?;
        let may = |address: &SocketAddr| allow_private || !is_private(address.ip());
        let allowed: Vec<SocketAddr> = found.into_iter().filter(may).collect();
        if allowed.is_empty() { Err(refused()) } else { Ok(allowed) }
    }
}

fn refused() -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, PRIVATE_REFUSED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Target {
        Target::of(&text.parse().unwrap())
    }

    #[test]
    fn the_port_follows_the_scheme() {
        assert_eq!(target("https://a.example/v1").authority(), "a.example:443");
        assert_eq!(target("http://a.example/v1").authority(), "a.example:80");
        assert_eq!(target("http://[fd00::1]:8080/").authority(), "[fd00::1]:8080");
    }

    #[test]
    fn what_is_plainly_private_is_refused_and_other_names_are_not_looked_at() {
        for text in [
            "http://127.0.0.1:9",
            "https://[::1]",
            "http://10.0.0.1",
            "http://LOCALHOST.",
            "http://127.1:9",
            "https://0x7f000001",
            "http://2130706433/v1",
            "https://0177.0.0.1",
            "http://0xa9fea9fe",
            "http://10.1.",
        ] {
            let told = target(text).check().unwrap_err().to_string();
            let named = ["allow_private", "ALLOW_PRIVATE_PROVIDER_URLS"];
            assert!(named.iter().all(|setting| told.contains(setting)), "{text}: {told}");
        }
        for text in [
            "https://8.8.8.8",
            "https://134744072",
            "https://intranet.example",
            "http://localhost.example",
        ] {
            assert!(target(text).check().is_ok(), "{text}");
        }
    }
}
