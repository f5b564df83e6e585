//! What a test can find: one word for each thing that an operator can do something about.

use serde::{Serialize, Serializer};

/// What a test found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// A good answer.
    Works,
    /// The address cannot be used.
    BadAddress,
    /// The host name has no address.
    NoName,
    /// The address is private, and that is not allowed.
    Private,
    /// Nobody listens there.
    Refused,
    /// No connection for another reason.
    Unreachable,
    /// No connection in time.
    ConnectTimeout,
    /// No encrypted connection.
    Tls,
    /// Connected, but no answer in time.
    Timeout,
    /// The connection broke.
    Broken,
    /// The answer is not HTTP.
    NotHttp,
    /// Its proxy did not let the request through.
    Proxy,
    /// The address of its proxy cannot be used.
    BadProxy,
    /// Requests cannot be sent now.
    Unable,
    /// It answers with another address.
    Redirected,
    /// The key is not taken.
    WrongKey,
    /// The key is known and may not do this.
    Forbidden,
    /// The account has no money left.
    NoCredit,
    /// Nothing is served at this address.
    WrongPath,
    /// The model is not served.
    UnknownModel,
    /// Too many requests, or the quota is used up.
    RateLimited,
    /// The vendor is overloaded.
    Overloaded,
    /// The vendor does not take the request.
    BadRequest,
    /// The vendor failed.
    ServerError,
    /// A web page instead of an answer.
    Html,
    /// Something else than this kind of provider answers.
    WrongShape,
    /// An empty answer.
    Empty,
}

impl Verdict {
    /// Every verdict with its stable name, in the order of the way to an answer.
    pub const ALL: [(Self, &'static str); 27] = [
        (Self::Works, "works"),
        (Self::BadAddress, "bad-address"),
        (Self::NoName, "no-name"),
        (Self::Private, "private"),
        (Self::Refused, "refused"),
        (Self::Unreachable, "unreachable"),
        (Self::ConnectTimeout, "connect-timeout"),
        (Self::Tls, "tls"),
        (Self::Timeout, "timeout"),
        (Self::Broken, "broken"),
        (Self::NotHttp, "not-http"),
        (Self::Proxy, "proxy"),
        (Self::BadProxy, "bad-proxy"),
        (Self::Unable, "unable"),
        (Self::Redirected, "redirected"),
        (Self::WrongKey, "wrong-key"),
        (Self::Forbidden, "forbidden"),
        (Self::NoCredit, "no-credit"),
        (Self::WrongPath, "wrong-path"),
        (Self::UnknownModel, "unknown-model"),
        (Self::RateLimited, "rate-limited"),
        (Self::Overloaded, "overloaded"),
        (Self::BadRequest, "bad-request"),
        (Self::ServerError, "server-error"),
        (Self::Html, "html"),
        (Self::WrongShape, "wrong-shape"),
        (Self::Empty, "empty"),
    ];

    /// Returns the stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(verdict, _)| *verdict == self).map_or("", |(_, name)| name)
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_verdict_has_a_name_of_its_own() {
        let names: HashSet<_> = Verdict::ALL.iter().map(|(verdict, _)| verdict.name()).collect();
        assert_eq!(names.len(), Verdict::ALL.len());
        assert!(!names.contains(""));
    }
}
