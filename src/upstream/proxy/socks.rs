//! SOCKS: asks a proxy for a connection to a name or an address.

use std::net::SocketAddr;

use switchyard_actors::domain::proxy::{Proxy, ProxyScheme, ProxyUser};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_socks::tcp::{Socks4Stream, Socks5Stream};
use tokio_socks::{Error, TargetAddr};

use super::fault::ProxyCause;
use super::target::Target;

/// Returns what a proxy that resolves is asked for: an address where there is one, else the name.
#[must_use]
pub fn named(target: &Target) -> TargetAddr<'_> {
    match target.address() {
        Some(address) => TargetAddr::Ip(address),
        None => TargetAddr::Domain(target.host.as_str().into(), target.port),
    }
}

/// Asks for a connection to an address.
#[must_use]
pub const fn addressed(address: SocketAddr) -> TargetAddr<'static> {
    TargetAddr::Ip(address)
}

/// Opens a tunnel on a connection to the proxy.
///
/// # Errors
/// What the proxy did instead.
pub async fn open<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    proxy: &Proxy,
    target: TargetAddr<'_>,
) -> Result<S, ProxyCause> {
    let user = proxy.user.as_ref();
    let opened = if proxy.scheme == ProxyScheme::Socks4 {
        let opened = match user {
            None => Socks4Stream::connect_with_socket(stream, target).await,
            Some(user) => {
                let name = user.name.reveal();
                Socks4Stream::connect_with_userid_and_socket(stream, target, name).await
            }
        };
        opened.map(Socks4Stream::into_inner)
    } else {
        let opened = match user {
            None => Socks5Stream::connect_with_socket(stream, target).await,
            Some(ProxyUser { name, password }) => {
                let (name, password) = (name.reveal(), password.reveal());
                Socks5Stream::connect_with_password_and_socket(stream, target, name, password).await
            }
        };
        opened.map(Socks5Stream::into_inner)
    };
    opened.map_err(|error| cause(error, user.is_some()))
}

fn cause(error: Error, has_user: bool) -> ProxyCause {
    match error {
        Error::Io(error) => error.into(),
        Error::PasswordAuthFailure(_)
        | Error::InvalidAuthValues(_)
        | Error::IdentdAuthFailure
        | Error::InvalidUserIdAuthFailure => ProxyCause::Credentials,
        Error::NoAcceptableAuthMethods | Error::AuthorizationRequired if has_user => {
            ProxyCause::Credentials
        }
        Error::NoAcceptableAuthMethods | Error::AuthorizationRequired => ProxyCause::NoCredentials,
        Error::GeneralSocksServerFailure => ProxyCause::Declined("general failure"),
        Error::ConnectionNotAllowedByRuleset => ProxyCause::Declined("its rules do not allow it"),
        Error::NetworkUnreachable => ProxyCause::Declined("it cannot reach the provider's network"),
        Error::HostUnreachable => ProxyCause::Declined("it cannot reach the provider's host"),
        Error::ConnectionRefused => ProxyCause::Declined("the provider refused its connection"),
        Error::TtlExpired => ProxyCause::Declined("the provider did not answer it in time"),
        Error::CommandNotSupported => ProxyCause::Declined("it opens no connections"),
        Error::AddressTypeNotSupported => {
            ProxyCause::Declined("it does not take this kind of address")
        }
        Error::InvalidTargetAddress(_) => ProxyCause::Declined("the provider's name is too long"),
        _ => ProxyCause::Strange("its answer is not SOCKS"),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn a_proxy_that_resolves_gets_the_name_and_never_a_literal_address_as_one() {
        let target = |text: &str| Target::of(&text.parse().unwrap());
        let asked = target("https://api.example.com");
        assert!(
            matches!(named(&asked), TargetAddr::Domain(name, 443) if name == "api.example.com")
        );
        let literal = target("http://[fd00::1]:8");
        assert_eq!(named(&literal), TargetAddr::Ip("[fd00::1]:8".parse().unwrap()));
    }

    #[test]
    fn a_refused_method_is_about_credentials() {
        let refused = |has_user| cause(Error::NoAcceptableAuthMethods, has_user);
        assert_eq!(refused(true), ProxyCause::Credentials);
        assert_eq!(refused(false), ProxyCause::NoCredentials);
        assert_eq!(cause(Error::PasswordAuthFailure(1), true), ProxyCause::Credentials);
        let gone = Error::Io(io::ErrorKind::UnexpectedEof.into());
        assert_eq!(cause(gone, true), ProxyCause::Closed);
    }
}
