//! What a breaker guards: a provider as a whole, or one of its addresses.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::ids::{EndpointId, ProviderId};

/// What a breaker guards. As a text it is `7` for a provider and `7/12` for its address 12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BreakerKey {
    /// The provider.
    pub provider: ProviderId,
    /// One of its addresses; `None` is the provider as a whole.
    pub endpoint: Option<EndpointId>,
}

impl BreakerKey {
    /// Names an address of a provider.
    #[must_use]
    pub const fn endpoint(provider: ProviderId, endpoint: EndpointId) -> Self {
        Self { provider, endpoint: Some(endpoint) }
    }
}

impl From<ProviderId> for BreakerKey {
    fn from(provider: ProviderId) -> Self {
        Self { provider, endpoint: None }
    }
}

impl fmt::Display for BreakerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.provider.fmt(f)?;
        self.endpoint.map_or(Ok(()), |endpoint| write!(f, "/{endpoint}"))
    }
}

/// A text that names no breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a breaker")]
pub struct NoBreakerKey;

impl FromStr for BreakerKey {
    type Err = NoBreakerKey;

    fn from_str(text: &str) -> Result<Self, NoBreakerKey> {
        let number = |text: &str| text.parse().map_err(|_| NoBreakerKey);
        let Some((provider, endpoint)) = text.split_once('/') else {
            return Ok(ProviderId(number(text)?).into());
        };
        Ok(Self::endpoint(ProviderId(number(provider)?), EndpointId(number(endpoint)?)))
    }
}

impl Serialize for BreakerKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BreakerKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_from_its_text() {
        for key in [ProviderId(7).into(), BreakerKey::endpoint(ProviderId(7), EndpointId(12))] {
            assert_eq!(key.to_string().parse(), Ok(key));
            let json = serde_json::to_string(&key).unwrap();
            assert_eq!(serde_json::from_str::<BreakerKey>(&json).unwrap(), key);
        }
        for text in ["", "a", "7/", "/12", "7/12/1"] {
            assert_eq!(text.parse::<BreakerKey>(), Err(NoBreakerKey), "{text}");
        }
    }
}
