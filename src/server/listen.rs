//! Takes the port, and says in one sentence why when it cannot be had.

use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs as _};

use tokio::net::TcpSocket;

use crate::settings::ServerSettings;

/// Why the server cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Somebody else has the port.
    #[error(
        "port {0} is taken by another program; stop that program or set APP_PORT to a free port"
    )]
    Taken(u16),
    /// Low ports are for the administrator of the machine.
    #[error(
        "port {0} may not be opened by this user; set APP_PORT to a port above 1023 or grant CAP_NET_BIND_SERVICE"
    )]
    NotAllowed(u16),
    /// The address is not one of this machine.
    #[error("the address {0} is not one of this machine; set APP_HOST to 0.0.0.0 or 127.0.0.1")]
    NotOurs(String),
    /// The name leads nowhere.
    #[error(
        "APP_HOST is {0}, and no address is known by that name ({1}); set it to 0.0.0.0 or 127.0.0.1"
    )]
    Unknown(String, io::Error),
    /// Anything else.
    #[error("{0} port {1} cannot be listened on: {2}; look at APP_HOST and APP_PORT")]
    Other(String, u16, io::Error),
}

/// Binds and listens. Needs a tokio runtime.
///
/// # Errors
/// Says what stands in the way and what to do.
pub fn listen(settings: &ServerSettings) -> Result<TcpListener, ListenError> {
    let (host, port) = (settings.host.as_str(), settings.port);
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    let unknown = |error| ListenError::Unknown(host.to_owned(), error);
    for address in (host, port).to_socket_addrs().map_err(unknown)? {
        match bind(address, settings.backlog) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(explain(host, port, last))
}

fn bind(address: SocketAddr, backlog: u32) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restart must not wait for the old connections' TIME_WAIT.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(backlog)?.into_std()
}

fn explain(host: &str, port: u16, error: io::Error) -> ListenError {
    match error.kind() {
        io::ErrorKind::AddrInUse => ListenError::Taken(port),
        io::ErrorKind::PermissionDenied => ListenError::NotAllowed(port),
        io::ErrorKind::AddrNotAvailable => ListenError::NotOurs(host.to_owned()),
        _ => ListenError::Other(host.to_owned(), port, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Settings, Sources};

    fn settings(host: &str, port: u16) -> ServerSettings {
        let mut server = Settings::load(&Sources::default()).unwrap().server;
        (server.host, server.port) = (host.to_owned(), port);
        server
    }

    #[actix_rt::test]
    async fn a_taken_port_is_named_with_what_to_do() {
        let first = listen(&settings("127.0.0.1", 0)).unwrap();
        let port = first.local_addr().unwrap().port();
        let sentence = listen(&settings("127.0.0.1", port)).unwrap_err().to_string();
        assert!(sentence.contains(&format!("port {port} is taken")), "{sentence}");
        assert!(sentence.contains("APP_PORT"), "{sentence}");
    }

    #[actix_rt::test]
    async fn a_name_that_leads_nowhere_is_named_with_its_setting() {
        let error = anyhow::Error::from(listen(&settings("nohost.invalid", 0)).unwrap_err());
        let sentence = format!("{error:#}");
        assert!(sentence.starts_with("APP_HOST is nohost.invalid,"), "{sentence}");
        assert_eq!(sentence.matches("lookup").count(), 1, "the cause is said once: {sentence}");
    }

    #[actix_rt::test]
    async fn an_address_of_another_machine_is_named() {
        let sentence = listen(&settings("192.0.2.1", 0)).unwrap_err().to_string();
        assert!(sentence.contains("192.0.2.1 is not one of this machine"), "{sentence}");
    }
}
