//! How a breaker changed and why: what people are told, and what nodes tell each other.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::breaker_key::BreakerKey;
use super::breaker_view::BreakerState;
use super::ids::{EndpointId, ProviderId};
use super::instant::Micros;
use super::outcome::TryOutcome;

/// How a breaker changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Requests are kept away from now on.
    Opened,
    /// A first probe goes out, or may.
    HalfOpened,
    /// Requests pass again.
    Closed,
    /// An operator closed it.
    Reset,
}

impl Change {
    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::HalfOpened => "half_opened",
            Self::Closed => "closed",
            Self::Reset => "reset",
        }
    }

    /// Returns the state it leads to.
    #[must_use]
    pub const fn to(self) -> BreakerState {
        match self {
            Self::Opened => BreakerState::Open,
            Self::HalfOpened => BreakerState::HalfOpen,
            Self::Closed | Self::Reset => BreakerState::Closed,
        }
    }
}

/// One failure, as the log and the console tell it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// When.
    pub at: Micros,
    /// Of what kind.
    pub outcome: TryOutcome,
    /// More, such as `http 503`; never a key or a body.
    pub detail: Option<Arc<str>>,
}

/// A change of one breaker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Transition {
    /// The provider.
    pub provider: ProviderId,
    /// Its address, when it is the breaker of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<EndpointId>,
    /// What happened.
    pub change: Change,
    /// The state it was in before.
    pub from: BreakerState,
    /// When.
    pub at: Micros,
    /// When it may be probed, if it is open now.
    pub until: Option<Micros>,
    /// Failures in a row.
    pub failures: u32,
    /// The last failures, the latest first.
    pub causes: Vec<Cause>,
    /// Why, in few words: the last cause of one that opened, else the name of the change.
    pub reason: Arc<str>,
    /// The version of the new state; later ones are greater on whichever node they arise.
    pub version: u64,
    /// It was learnt from another node: nobody needs to be told of it again.
    pub elsewhere: bool,
}

impl Transition {
    /// Returns whose change it is.
    #[must_use]
    pub const fn key(&self) -> BreakerKey {
        BreakerKey { provider: self.provider, endpoint: self.endpoint }
    }

    /// Returns what other nodes are told. One that is closed now is told so that they forget it.
    #[must_use]
    pub fn standing(&self) -> Standing {
        Standing {
            key: self.key(),
            state: self.change.to(),
            since: self.at,
            until: self.until,
            version: self.version,
            reason: Arc::clone(&self.reason),
        }
    }
}

/// How one breaker stands, as nodes tell each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Whose it is.
    pub key: BreakerKey,
    /// Its state.
    pub state: BreakerState,
    /// Since when, in microseconds since 1970.
    pub since: Micros,
    /// When an open one may be probed.
    pub until: Option<Micros>,
    /// Greater than every version before, on whichever node.
    pub version: u64,
    /// Why, in few words.
    pub reason: Arc<str>,
}
