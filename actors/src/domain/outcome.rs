//! How a try, and how a request, ended.

use serde::{Deserialize, Serialize};

/// How one try at a provider ended, as breakers and failover see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TryOutcome {
    /// A good answer to its end.
    Success,
    /// The provider's fault: counts in its breaker.
    ProviderFault,
    /// Connection refused, reset, DNS, TLS: counts only by setting.
    TransportFault,
    /// The vendor asked to wait (429 with or without Retry-After).
    Overloaded,
    /// The model or path is not there: another may have it, nobody is charged.
    NotFound,
    /// The client's request is at fault: nobody else is asked, nobody is charged.
    ClientFault,
    /// The client left: neutral.
    ClientGone,
    /// Our own time ran out before the provider's did: another may be quicker, nobody is charged.
    CutShort,
    /// There was nothing to let the request in with: another may serve it, nobody is charged.
    NotSent,
}

impl TryOutcome {
    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::ProviderFault => "provider_fault",
            Self::TransportFault => "transport_fault",
            Self::Overloaded => "overloaded",
            Self::NotFound => "not_found",
            Self::ClientFault => "client_fault",
            Self::ClientGone => "client_gone",
            Self::CutShort => "cut_short",
            Self::NotSent => "not_sent",
        }
    }
}

/// How a request ended, as its row says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
    /// Answered to the end.
    Success,
    /// Answered with an error that was the client's.
    ClientError,
    /// Refused by a limit.
    Refused,
    /// No provider could serve it.
    NoProvider,
    /// All providers asked failed before anything was sent to the client.
    UpstreamError,
    /// The upstream broke off after the answer had begun.
    Truncated,
    /// The client left before the end.
    ClientGone,
    /// Switchyard ended before the request did; written at the next start.
    Interrupted,
    /// Switchyard itself failed.
    Internal,
}

impl RowOutcome {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Success,
        Self::ClientError,
        Self::Refused,
        Self::NoProvider,
        Self::UpstreamError,
        Self::Truncated,
        Self::ClientGone,
        Self::Interrupted,
        Self::Internal,
    ];

    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::ClientError => "client_error",
            Self::Refused => "refused",
            Self::NoProvider => "no_provider",
            Self::UpstreamError => "upstream_error",
            Self::Truncated => "truncated",
            Self::ClientGone => "client_gone",
            Self::Interrupted => "interrupted",
            Self::Internal => "internal",
        }
    }

    /// Tells whether a request failed by a fault of a provider or of ours: not by the client's own,
    /// not by a limit, and not because the vendors that were asked do not know the model. A request
    /// that no provider could even be asked for counts: whether a model is misspelt or a provider is
    /// missing, it is the operator who can mend it. The SQL of the ledger says the same in its words.
    #[must_use]
    pub const fn is_fault(self, status: u16) -> bool {
        match self {
            Self::Success | Self::ClientError | Self::Refused | Self::ClientGone => false,
            Self::UpstreamError => status != 404,
            Self::NoProvider | Self::Truncated | Self::Interrupted | Self::Internal => true,
        }
    }
}
