//! Ways through proxies: HTTP (`CONNECT`, forwarding), the same over TLS, SOCKS4 and SOCKS5.
//!
//! TLS to the provider begins behind the proxy and ends at the provider: no proxy reads it. The
//! proxy's own address may be private, for an operator names it and that is where proxies are.

mod connect;
mod fault;
pub mod forwarding;
mod socks;
mod target;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use actix_rt::net::TcpStream;
use actix_web::http::Uri;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use switchyard_actors::domain::proxy::{Proxy, ProxyScheme};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_socks::TargetAddr;

use super::connector::resolve;
use super::eof::GuardedStream;
pub use fault::{ProxyCause, ProxyFault};
use target::Target;

/// Opens a way to a provider through its proxy: a tunnel, or, where the proxy forwards, a connection
/// to the proxy itself. `limit` is for all of it.
///
/// # Errors
/// A [`ProxyFault`]; or what keeps us from asking the proxy at all (the address is private, its name
/// is not known here).
pub async fn open(
    proxy: &Proxy,
    uri: &Uri,
    allow_private: bool,
    tls: &Arc<ClientConfig>,
    limit: Duration,
) -> io::Result<GuardedStream> {
    let target = Target::of(uri);
    if !allow_private {
        target.check()?;
    }
    let opened = timeout(limit, through(proxy, &target, allow_private, tls)).await;
    opened.unwrap_or_else(|_| Err(ProxyFault::new(proxy, ProxyCause::Late(limit)).into()))
}

async fn through(
    proxy: &Proxy,
    target: &Target,
    allow_private: bool,
    tls: &Arc<ClientConfig>,
) -> io::Result<GuardedStream> {
    let failed = |cause| io::Error::from(ProxyFault::new(proxy, cause));
    if proxy.scheme.is_http() {
        let mut stream = reach(proxy, tls).await.map_err(failed)?;
        if target.is_tls {
            connect::open(&mut stream, target, proxy.user.as_ref()).await.map_err(failed)?;
        }
        return Ok(stream);
    }
    if proxy.scheme.resolves() {
        return socks(proxy, tls, socks::named(target)).await.map_err(failed);
    }
    let mut last = ProxyCause::Declined("it does not take this kind of address");
    for address in target.resolve(allow_private).await? {
        match socks(proxy, tls, socks::addressed(address)).await {
            Ok(stream) => return Ok(stream),
            // Another address of the name may be one that the proxy reaches.
            Err(cause) if cause.is_of_the_address() => last = cause,
            Err(cause) => return Err(failed(cause)),
        }
    }
    Err(failed(last))
}

async fn socks(
    proxy: &Proxy,
    tls: &Arc<ClientConfig>,
    target: TargetAddr<'_>,
) -> Result<GuardedStream, ProxyCause> {
    socks::open(reach(proxy, tls).await?, proxy, target).await
}

/// Connects to the proxy itself.
async fn reach(proxy: &Proxy, tls: &Arc<ClientConfig>) -> Result<GuardedStream, ProxyCause> {
    let unreachable = |error: io::Error| ProxyCause::Unreachable(Arc::from(error.to_string()));
    let mut last = ProxyCause::Unreachable(Arc::from("its name has no address"));
    for address in resolve(&proxy.host, proxy.port).await.map_err(unreachable)? {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                stream.set_nodelay(true).map_err(unreachable)?;
                return secured(proxy, tls, stream).await;
            }
            Err(error) => last = unreachable(error),
        }
    }
    Err(last)
}

async fn secured(
    proxy: &Proxy,
    tls: &Arc<ClientConfig>,
    stream: TcpStream,
) -> Result<GuardedStream, ProxyCause> {
    if proxy.scheme != ProxyScheme::Https {
        return Ok(GuardedStream::plain(stream));
    }
    let failed = |text: String| ProxyCause::Tls(Arc::from(text));
    let name = ServerName::try_from(proxy.host.to_string());
    let name = name.map_err(|_| failed("its host is not a name that certificates have".into()))?;
    let stream = TlsConnector::from(Arc::clone(tls)).connect(name, stream).await;
    Ok(GuardedStream::secured(stream.map_err(|error| failed(error.to_string()))?))
}
