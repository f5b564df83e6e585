//! Identifiers. A request's id is a `UUIDv7`, so that its order is its order in time.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! row_id {
    ($name:ident, $what:literal) => {
        #[doc = concat!("The database id of ", $what, ".")]
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

row_id!(UserId, "a user");
row_id!(KeyId, "a user's key");
row_id!(ProviderId, "a provider");
row_id!(EndpointId, "one address of a provider");
row_id!(PriceId, "one version of a model's price");
row_id!(ErrorRuleId, "an error rule");

/// The id of one relayed request: a `UUIDv7` minted at admission.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub [u8; 16]);

impl RequestId {
    /// Reads the hyphenated or plain hexadecimal form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        uuid::Uuid::parse_str(text).ok().map(|id| Self(id.into_bytes()))
    }

    /// Returns the instant the id was minted at, in milliseconds since 1970.
    #[must_use]
    pub fn millis(&self) -> i64 {
        self.0.iter().take(6).fold(0, |millis, byte| millis << 8 | i64::from(*byte))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        uuid::Uuid::from_bytes(self.0).hyphenated().fmt(f)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for RequestId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = uuid::Uuid::encode_buffer();
        let id = uuid::Uuid::from_bytes(self.0).hyphenated();
        serializer.serialize_str(id.encode_lower(&mut text))
    }
}

impl<'de> Deserialize<'de> for RequestId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a request id"))
    }
}

/// A session as Switchyard names it: scoped to one user, never the client's bare text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub Arc<str>);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
