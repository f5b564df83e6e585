//! Checks whether an address can be reached, beside the requests and without costing tokens: by a
//! connection, or by a HEAD request without credentials.

use std::sync::Arc;
use std::time::Duration;

use actix_service::Service as _;
use actix_tls::connect::ConnectInfo;
use actix_web::http::Uri;
use awc::http::header::HeaderMap;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::client::{Egress, Upstreams};
use super::connector::EgressConnector;
use super::proxy::forwarding;

/// How to check.
#[derive(Clone)]
pub struct Checker {
    /// For HEAD requests, and for proxies that are spoken to over TLS.
    pub tls: Arc<ClientConfig>,
    /// Ask with HEAD; else a connection is enough.
    pub head: bool,
    /// How long a check may take.
    pub limit: Duration,
}

impl Checker {
    /// Checks an address on the way that requests take to it.
    ///
    /// # Errors
    /// Says in few words why it could not be reached; of a HEAD request also the status, from 500 on.
    pub async fn check(&self, egress: Egress, url: &str) -> Result<(), String> {
        let uri = Uri::try_from(url).map_err(|error| error.to_string())?;
        let check = async {
            if self.head { self.head(&egress, uri).await } else { self.connect(egress, uri).await }
        };
        let late = || format!("no answer within {} ms", self.limit.as_millis());
        timeout(self.limit, check).await.unwrap_or_else(|_| Err(late()))
    }

    async fn connect(&self, egress: Egress, uri: Uri) -> Result<(), String> {
        let connector = EgressConnector { egress, tls: Arc::clone(&self.tls), limit: self.limit };
        let opened = connector.call(ConnectInfo::new(uri)).await;
        opened.map(drop).map_err(|error| match error {
            actix_tls::connect::ConnectError::Io(io) => io.to_string(),
            other => other.to_string(),
        })
    }

    async fn head(&self, egress: &Egress, uri: Uri) -> Result<(), String> {
        // A connection of its own tells how the address is now.
        let client = Upstreams::new(Arc::clone(&self.tls), self.limit).client(egress);
        let forwarder = egress.forwarder(&uri);
        let mut headers = HeaderMap::new();
        let uri = forwarding::address(forwarder, uri, &mut headers)?;
        let mut request = client.head(uri);
        *request.headers_mut() = headers;
        let response = request.send().await.map_err(|error| error.to_string())?;
        match forwarding::own_fault(forwarder, &response) {
            Some(fault) => Err(fault.to_string()),
            None if response.status().is_server_error() => {
                Err(format!("http {}", response.status().as_u16()))
            }
            None => Ok(()),
        }
    }
}

/// Tells whether a host can be connected to, directly.
pub async fn answers(host_and_port: &str, limit: Duration) -> bool {
    let connected = timeout(limit, TcpStream::connect(host_and_port)).await;
    matches!(connected, Ok(Ok(_)))
}
