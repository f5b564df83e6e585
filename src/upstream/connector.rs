//! Opens connections: resolves, refuses private addresses, connects or goes through a proxy, guards.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_rt::net::TcpStream;
use actix_service::Service;
use actix_tls::connect::{ConnectError, ConnectInfo, Connection};
use actix_web::http::Uri;
use rustls::ClientConfig;

use super::address::is_private;
use super::client::Egress;
use super::eof::GuardedStream;
use super::opened::Opened;
use super::proxy;

/// The connector of one egress.
#[derive(Clone, Debug)]
pub struct EgressConnector {
    /// How it connects.
    pub egress: Egress,
    /// For proxies that are spoken to over TLS.
    pub tls: Arc<ClientConfig>,
    /// The time for a way through a proxy.
    pub limit: Duration,
}

/// The text of a refusal; it names both switches, and the relay repeats it on the row.
pub const PRIVATE_REFUSED: &str = "the provider's URL resolves to a private or loopback address, \
     which is refused: allow it for this provider (allow_private) or set \
     ALLOW_PRIVATE_PROVIDER_URLS=true";

impl Service<ConnectInfo<Uri>> for EgressConnector {
    type Response = Connection<Uri, GuardedStream>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>>>>;

    actix_service::always_ready!();

    fn call(&self, info: ConnectInfo<Uri>) -> Self::Future {
        let Self { egress, tls, limit } = self.clone();
        Box::pin(async move {
            Opened::note();
            let uri = info.request().clone();
            let stream = match &egress.proxy {
                None => connect(&uri, egress.allow_private).await.map(GuardedStream::plain),
                Some(through) => {
                    proxy::open(through, &uri, egress.allow_private, &tls, limit).await
                }
            };
            Ok(Connection::new(uri, stream.map_err(ConnectError::Io)?))
        })
    }
}

async fn connect(uri: &Uri, allow_private: bool) -> io::Result<TcpStream> {
    let host = uri.host().unwrap_or_default();
    let host = host.strip_prefix('[').and_then(|v6| v6.strip_suffix(']')).unwrap_or(host);
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in resolve(host, port).await? {
        match connect_one(address, allow_private).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Finds the addresses of a name. An unknown one is told from a connection that failed by its kind;
/// the words stay the resolver's.
pub(super) async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let unknown = |error: io::Error| io::Error::new(io::ErrorKind::NotFound, error);
    Ok(tokio::net::lookup_host((host, port)).await.map_err(unknown)?.collect())
}

async fn connect_one(address: SocketAddr, allow_private: bool) -> io::Result<TcpStream> {
    if !allow_private && is_private(address.ip()) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, PRIVATE_REFUSED));
    }
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
