//! Checks whether an address can be reached, beside the requests and without costing tokens: by a
//! connection, or by a HEAD request without credentials.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use actix_service::Service as _;
use actix_tls::connect::{ConnectError, ConnectInfo};
use actix_web::http::Uri;
use awc::http::header::HeaderMap;
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::client::{Egress, Upstreams};
use super::connector::EgressConnector;
use super::proxy::{ProxyCause, ProxyFault, forwarding};

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

/// Why an address could not be reached, in few words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckFault {
    /// There is no connection to the host that is connected to: the proxy where there is one.
    #[error("{0}")]
    NoConnection(String),
    /// It is something else, which says nothing of whether that host can be connected to.
    #[error("{0}")]
    Other(String),
}

impl CheckFault {
    /// Reads why a connector failed.
    fn of(error: &io::Error, is_direct: bool) -> Self {
        let is_of_the_host = match ProxyFault::of(error) {
            Some(fault) => matches!(fault.cause, ProxyCause::Unreachable(_)),
            // Behind a proxy it is a name that is not known here. What is private is never connected to.
            None => is_direct && error.kind() != io::ErrorKind::PermissionDenied,
        };
        let said = error.to_string();
        if is_of_the_host { Self::NoConnection(said) } else { Self::Other(said) }
    }
}

impl Checker {
    /// Checks an address on the way that requests take to it.
    ///
    /// # Errors
    /// A [`CheckFault`] says why it could not be reached; of a HEAD request also the status, from 500
    /// on.
    pub async fn check(&self, egress: Egress, url: &str) -> Result<(), CheckFault> {
        let uri = Uri::try_from(url).map_err(|error| CheckFault::Other(error.to_string()))?;
        // Of a way that begins with another connection it is not known which of its parts was silent.
        let is_connecting = egress.proxy.is_none() && !self.head;
        let check = async {
            if self.head {
                self.head(&egress, uri).await.map_err(CheckFault::Other)
            } else {
                self.connect(egress, uri).await
            }
        };
        timeout(self.limit, check).await.unwrap_or_else(|_| {
            let late = format!("no answer within {} ms", self.limit.as_millis());
            Err(if is_connecting {
                CheckFault::NoConnection(late)
            } else {
                CheckFault::Other(late)
            })
        })
    }

    async fn connect(&self, egress: Egress, uri: Uri) -> Result<(), CheckFault> {
        let is_direct = egress.proxy.is_none();
        let connector = EgressConnector { egress, tls: Arc::clone(&self.tls), limit: self.limit };
        let opened = connector.call(ConnectInfo::new(uri)).await;
        opened.map(drop).map_err(|error| match error {
            ConnectError::Io(io) => CheckFault::of(&io, is_direct),
            other => CheckFault::Other(other.to_string()),
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

#[cfg(test)]
mod tests {
    use switchyard_actors::domain::proxy::Proxy;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;
    use crate::upstream::tls::client_config;

    /// A port on which somebody accepts one connection and says this.
    async fn says(text: &'static str) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        actix_rt::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let read = stream.read(&mut [0; 1_024]).await.unwrap();
            assert!(read > 0 || text.is_empty());
            stream.write_all(text.as_bytes()).await.unwrap();
        });
        port
    }

    /// A port on which nobody listens.
    async fn nobody() -> u16 {
        TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
    }

    async fn check(port: u16, allow_private: bool, proxy: Option<u16>) -> Result<(), CheckFault> {
        let tls = client_config(None).unwrap();
        let checker = Checker { tls, head: false, limit: Duration::from_secs(10) };
        let proxy = proxy.map(|at| Proxy::parse(&format!("http://127.0.0.1:{at}")).unwrap());
        let egress = Egress { allow_private, proxy: proxy.map(Arc::new) };
        let url = match egress.proxy {
            Some(_) => "https://vendor.example".to_owned(),
            None => format!("http://127.0.0.1:{port}"),
        };
        checker.check(egress, &url).await
    }

    #[actix_rt::test]
    async fn only_a_connection_that_fails_is_the_hosts() {
        assert_eq!(check(says("").await, true, None).await, Ok(()));
        let closed = nobody().await;
        assert!(matches!(check(closed, true, None).await, Err(CheckFault::NoConnection(_))));
        let private = check(closed, false, None).await;
        assert!(matches!(private, Err(CheckFault::Other(_))), "nobody has connected: {private:?}");
        let gone = check(0, true, Some(closed)).await;
        assert!(matches!(gone, Err(CheckFault::NoConnection(_))), "{gone:?}");
        for answer in ["407 Proxy Authentication Required", "502 Bad Gateway"] {
            let text = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n").leak();
            let said = check(0, true, Some(says(text).await)).await;
            assert!(matches!(said, Err(CheckFault::Other(_))), "{answer}: the proxy is there");
        }
    }
}
