//! One awc client a worker and egress; awc pools by authority alone, so egresses must not share.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;

use super::connector::EgressConnector;

/// How a provider is reached: everything a pooled connection depends on besides its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Egress {
    /// Private and loopback addresses are allowed.
    pub allow_private: bool,
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
    pub fn client(&self, egress: Egress) -> awc::Client {
        let make = || self.build(egress);
        self.clients.borrow_mut().entry(egress).or_insert_with(make).clone()
    }

    fn build(&self, egress: Egress) -> awc::Client {
        let connector = awc::Connector::new()
            .connector(EgressConnector { allow_private: egress.allow_private })
            .rustls_0_23(Arc::clone(&self.tls))
            .timeout(self.connect_timeout)
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
