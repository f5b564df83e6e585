//! One awc client a worker and egress; awc pools by authority alone, so egresses must not share.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::Uri;
use rustls::ClientConfig;
use switchyard_actors::domain::proxy::Proxy;

use super::connector::EgressConnector;

/// How much later than ours awc's own clock of connecting rings, so that ours says what was late.
const LATER: Duration = Duration::from_secs(1);

/// How a provider is reached: everything a pooled connection depends on besides its address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Egress {
    /// Private and loopback addresses are allowed.
    pub allow_private: bool,
    /// The proxy, with who we are there.
    pub proxy: Option<Arc<Proxy>>,
}

impl Egress {
    /// The way without a proxy.
    #[must_use]
    pub const fn direct(allow_private: bool) -> Self {
        Self { allow_private, proxy: None }
    }

    /// Returns the proxy that forwards requests for an address instead of opening a tunnel to it.
    #[must_use]
    pub fn forwarder(&self, uri: &Uri) -> Option<&Proxy> {
        let is_plain = uri.scheme_str() == Some("http");
        self.proxy.as_deref().filter(|proxy| is_plain && proxy.scheme.is_http())
    }
}

/// A worker's clients.
pub struct Upstreams {
    tls: Arc<ClientConfig>,
    connect_timeout: Duration,
    clients: RefCell<HashMap<Egress, awc::Client>>,
}

impl Upstreams {
    /// Makes an empty set; clients come into being when first asked for.
    #[must_use]
    pub fn new(tls: Arc<ClientConfig>, connect_timeout: Duration) -> Self {
        Self { tls, connect_timeout, clients: RefCell::default() }
    }

    /// Returns the client of an egress.
    pub fn client(&self, egress: &Egress) -> awc::Client {
        if let Some(client) = self.clients.borrow().get(egress) {
            return client.clone();
        }
        let client = self.build(egress);
        self.clients.borrow_mut().insert(egress.clone(), client.clone());
        client
    }

    /// Lets go of the clients of proxies that nobody names any more, with their idle connections;
    /// answers under way come to their end.
    pub fn keep(&self, is_named: impl Fn(&Proxy) -> bool) {
        let is_kept = |egress: &Egress| egress.proxy.as_deref().is_none_or(&is_named);
        self.clients.borrow_mut().retain(|egress, _| is_kept(egress));
    }

    fn build(&self, egress: &Egress) -> awc::Client {
        let limit = self.connect_timeout;
        let own = if egress.proxy.is_some() { limit + LATER } else { limit };
        let connector = awc::Connector::new()
            .connector(EgressConnector {
                egress: egress.clone(),
                tls: Arc::clone(&self.tls),
                limit,
            })
            .rustls_0_23(Arc::clone(&self.tls))
            .timeout(own)
            .handshake_timeout(self.connect_timeout)
            .limit(0)
            .conn_keep_alive(Duration::from_secs(30))
            .conn_lifetime(Duration::from_mins(10));
        awc::Client::builder()
            .connector(connector)
            .disable_timeout()
            .disable_redirects()
            .no_default_headers()
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::tls;

    fn egress(text: &str) -> Egress {
        Egress { allow_private: true, proxy: Some(Arc::new(Proxy::parse(text).unwrap())) }
    }

    #[test]
    fn only_http_proxies_forward_and_only_plain_addresses() {
        let (plain, secured): (Uri, Uri) =
            ("http://a.example/".parse().unwrap(), "https://a.example/".parse().unwrap());
        for (proxy, forwards) in
            [("http://p", true), ("https://p", true), ("socks5://p", false), ("socks5h://p", false)]
        {
            assert_eq!(egress(proxy).forwarder(&plain).is_some(), forwards, "{proxy}");
            assert!(egress(proxy).forwarder(&secured).is_none(), "{proxy}");
        }
        assert!(Egress::direct(true).forwarder(&plain).is_none());
    }

    #[actix_rt::test]
    async fn a_client_lives_as_long_as_its_proxy_is_named() {
        let clients = Upstreams::new(tls::client_config(None).unwrap(), Duration::from_secs(1));
        let all = [
            egress("http://p"),
            egress("http://u:a@p"),
            egress("http://u:b@p"),
            Egress::direct(true),
        ];
        for egress in all.iter().chain(&all) {
            drop(clients.client(egress));
        }
        let count = || clients.clients.borrow().len();
        assert_eq!(count(), 4, "who we are at a proxy is part of the way");
        clients.keep(|proxy| all[1].proxy.as_deref() == Some(proxy));
        assert_eq!(count(), 2, "the named one, and the direct way");
    }
}
