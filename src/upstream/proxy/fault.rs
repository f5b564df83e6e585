//! Why a proxy did not let a request through. No sentence holds credentials.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use switchyard_actors::domain::proxy::Proxy;

/// Why a proxy could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the proxy {proxy} {cause}")]
pub struct ProxyFault {
    /// Which proxy, without its user.
    pub proxy: Arc<str>,
    /// What it did.
    pub cause: ProxyCause,
}

/// What a proxy did.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyCause {
    /// No connection to it.
    #[error("cannot be reached: {0}")]
    Unreachable(Arc<str>),
    /// No trusted TLS connection to it.
    #[error("cannot be reached over TLS: {0}")]
    Tls(Arc<str>),
    /// It does not take our user.
    #[error("refused the credentials")]
    Credentials,
    /// It wants a user, and its address names none.
    #[error("asks for credentials, and its address has none")]
    NoCredentials,
    /// An HTTP proxy answered with another status than a good one.
    #[error("did not let the request through: it answered with status {0}")]
    Answered(u16),
    /// A SOCKS proxy said no, in the protocol's words.
    #[error("did not let the request through: {0}")]
    Declined(&'static str),
    /// It does not speak as such a proxy does.
    #[error("does not answer as a proxy of its kind: {0}")]
    Strange(&'static str),
    /// It closed the connection.
    #[error("closed the connection before it let the request through")]
    Closed,
    /// It took too long.
    #[error("did not let the request through within {} ms", .0.as_millis())]
    Late(Duration),
}

impl ProxyCause {
    /// Every label of [`Self::label`].
    pub const LABELS: [&'static str; 6] =
        ["unreachable", "tls", "credentials", "declined", "strange", "late"];

    /// Returns a stable word for figures.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Tls(_) => "tls",
            Self::Credentials | Self::NoCredentials => "credentials",
            Self::Answered(_) | Self::Declined(_) => "declined",
            Self::Strange(_) | Self::Closed => "strange",
            Self::Late(_) => "late",
        }
    }

    /// Tells whether a moment later the proxy would do the same.
    #[must_use]
    pub const fn lasts(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Closed => false,
            Self::Answered(status) => *status < 500,
            Self::Tls(_)
            | Self::Credentials
            | Self::NoCredentials
            | Self::Declined(_)
            | Self::Strange(_)
            | Self::Late(_) => true,
        }
    }

    /// Tells whether it is about the address that was asked for: the proxy may reach another one.
    #[must_use]
    pub const fn is_of_the_address(&self) -> bool {
        matches!(self, Self::Answered(_) | Self::Declined(_))
    }
}

impl ProxyFault {
    /// Makes one of a proxy.
    #[must_use]
    pub fn new(proxy: &Proxy, cause: ProxyCause) -> Self {
        Self { proxy: Arc::from(proxy.to_string()), cause }
    }

    /// Finds one inside of an error that a connector returned.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl From<ProxyFault> for io::Error {
    fn from(fault: ProxyFault) -> Self {
        Self::other(fault)
    }
}

impl From<io::Error> for ProxyCause {
    /// An error on a connection to a proxy that stands already.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Unreachable(Arc::from(error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_found_inside_of_an_error_and_names_no_user() {
        let proxy = Proxy::parse("http://alice:opensesame@p.example:3128").unwrap();
        let error = io::Error::from(ProxyFault::new(&proxy, ProxyCause::Credentials));
        let found = ProxyFault::of(&error).unwrap();
        let said = "the proxy http://p.example:3128 refused the credentials";
        assert_eq!(found.to_string(), said);
        assert_eq!(ProxyFault::of(&io::Error::other("something else")), None);
    }

    #[test]
    fn a_proxy_that_goes_away_is_not_called_unreachable() {
        let cause = |kind: io::ErrorKind| ProxyCause::from(io::Error::from(kind));
        assert_eq!(cause(io::ErrorKind::UnexpectedEof), ProxyCause::Closed);
        assert!(matches!(cause(io::ErrorKind::TimedOut), ProxyCause::Unreachable(_)));
    }
}
