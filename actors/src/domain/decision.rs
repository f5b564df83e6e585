//! Why a provider was picked: small enough for every row, complete enough to replay the draw.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::error_rules::LinkRule;
use super::ids::{EndpointId, ProviderId};
use super::instant::Micros;

/// Why a provider was not a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// It belongs to groups the caller does not see.
    Group,
    /// It is switched off.
    Disabled,
    /// It speaks another dialect, and such requests are not converted.
    Format,
    /// Its list does not have the model.
    Model,
    /// It does not serve this client program.
    Client,
    /// It is outside its hours.
    Schedule,
    /// Its breaker is open.
    CircuitOpen,
    /// Its breaker is half open and all probes are out.
    ProbesOut,
    /// It cools down after an overload or transport error.
    Cooling,
    /// Its spend limit is reached.
    SpendLimit,
    /// Its limit of requests or tokens a minute is reached.
    RateLimit,
    /// Its concurrency limit is reached.
    ConcurrencyLimit,
    /// It already failed in this request.
    Tried,
    /// It has no usable address.
    NoEndpoint,
    /// The address of its proxy cannot be used, and it is never asked directly instead.
    Proxy,
    /// It said lately that it does not have the model, and others may.
    LacksModel,
    /// The model it would be sent has no price, and requests without a price are refused.
    Unpriced,
}

impl Exclusion {
    /// Every reason, in the order of the row.
    pub const ALL: [Self; 17] = [
        Self::Group,
        Self::Disabled,
        Self::Format,
        Self::Model,
        Self::Client,
        Self::Schedule,
        Self::CircuitOpen,
        Self::ProbesOut,
        Self::Cooling,
        Self::SpendLimit,
        Self::RateLimit,
        Self::ConcurrencyLimit,
        Self::Tried,
        Self::NoEndpoint,
        Self::Proxy,
        Self::LacksModel,
        Self::Unpriced,
    ];

    /// Returns the stable name used in rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Disabled => "disabled",
            Self::Format => "format",
            Self::Model => "model",
            Self::Client => "client",
            Self::Schedule => "schedule",
            Self::CircuitOpen => "circuit_open",
            Self::ProbesOut => "probes_out",
            Self::Cooling => "cooling",
            Self::SpendLimit => "spend_limit",
            Self::RateLimit => "rate_limit",
            Self::ConcurrencyLimit => "concurrency_limit",
            Self::Tried => "tried",
            Self::NoEndpoint => "no_endpoint",
            Self::Proxy => "proxy",
            Self::LacksModel => "lacks_model",
            Self::Unpriced => "unpriced",
        }
    }

    /// Tells whether the provider fits all the same, and only may not be asked just now.
    #[must_use]
    pub const fn is_of_the_moment(self) -> bool {
        matches!(
            self,
            Self::CircuitOpen
                | Self::ProbesOut
                | Self::Cooling
                | Self::SpendLimit
                | Self::RateLimit
                | Self::ConcurrencyLimit
        )
    }

    /// Writes a note for the row of a request that nobody is left for.
    #[must_use]
    pub fn note(self, providers: &[ProviderId]) -> String {
        let ids: Vec<String> = providers.iter().map(ToString::to_string).collect();
        format!("{LEFT_OUT}{}: {}", self.name(), ids.join(" "))
    }

    /// Reads such a note.
    #[must_use]
    pub fn read_note(note: &str) -> Option<(Self, Vec<ProviderId>)> {
        let (name, ids) = note.strip_prefix(LEFT_OUT)?.split_once(": ")?;
        let reason = Self::ALL.into_iter().find(|reason| reason.name() == name)?;
        let ids = ids.split(' ').map(|id| id.parse().ok().map(ProviderId));
        Some((reason, ids.collect::<Option<_>>()?))
    }
}

/// What notes of those who were left out begin with.
const LEFT_OUT: &str = "left out, ";

/// How the pick was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The session's provider was kept.
    Sticky,
    /// The weighted draw.
    Draw,
}

/// One selection. The same inputs and the same seed give the same pick.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The seed of the draw.
    pub seed: u64,
    /// The catalogue the decision was made on.
    pub catalogue: i64,
    /// The provider picked.
    pub pick: Option<ProviderId>,
    /// How.
    pub method: Method,
    /// The priority of the tier that was drawn from.
    pub priority: Option<i64>,
    /// The tier: candidates and weights, in the order of the draw.
    pub tier: Vec<(ProviderId, u32)>,
    /// All of the tier speak another format than the client: the request is converted for them.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub converted: bool,
    /// Who was left out and why.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub excluded: BTreeMap<Exclusion, Vec<ProviderId>>,
    /// When those are back who only wait (a limit, an open breaker, a pause, a model they lack), where
    /// that is known.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub room_at: Vec<(ProviderId, Micros)>,
}

/// One of several addresses of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkEndpoint {
    /// Its id at that time.
    pub id: EndpointId,
    /// Its base URL, without user, password and query.
    pub url: Arc<str>,
}

/// A link's reason: the provider was passed over, because the request cannot be converted for it.
pub const NOT_CONVERTED: &str = "conversion_refused";

/// A link's reason: the provider was chosen, and the try was refused here before anything was sent.
pub const REFUSED_HERE: &str = "refused_here";

/// A link's reason: the provider took no WebSocket, and the same try went on over HTTP.
pub const OVER_HTTP: &str = "responses_ws_fallback";

/// A link's reason: the grace of a stop was over, and we ended the try.
pub const CUT_BY_STOP: &str = "cut_by_stop";

/// One try at one provider, as the row's chain tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainLink {
    /// The provider.
    pub provider: ProviderId,
    /// Its name at that time.
    pub name: Arc<str>,
    /// Why this link exists: `initial_selection`, `session_reuse`, `retry_failed`, `retry_success`,
    /// `request_success`, `system_error`, `resource_not_found`, `client_error_non_retryable`,
    /// `client_abort`, `concurrent_limit_failed` (the contract's words), or one of the constants here.
    pub reason: Arc<str>,
    /// Which try at this provider, from 1.
    pub attempt: u32,
    /// The address that was tried, where the provider has several.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub endpoint: Option<LinkEndpoint>,
    /// The upstream's status, or the one inferred for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<u16>,
    /// The status was inferred, the upstream did not say it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub inferred: bool,
    /// What went wrong, from the upstream's own text, shortened and without secrets.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<Arc<str>>,
    /// Why its proxy could not be used; the try went to the provider directly then.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub proxy_fault: Option<Arc<str>>,
    /// The operator's rule that decided what the try was taken for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rule: Option<Arc<LinkRule>>,
    /// Milliseconds from the request's arrival to the start of this try.
    pub started_ms: u64,
    /// Milliseconds the try took.
    pub took_ms: u64,
    /// The selection before this try.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decision: Option<Decision>,
}

impl ChainLink {
    /// Tells whether it is a try, however early it failed: not a provider passed over, a refusal of ours, or a
    /// socket before the same try went on.
    #[must_use]
    pub fn is_try(&self) -> bool {
        !matches!(&*self.reason, NOT_CONVERTED | REFUSED_HERE | OVER_HTTP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::link;

    #[test]
    fn what_was_passed_over_or_refused_here_or_went_on_is_no_try() {
        for reason in ["retry_failed", "client_abort", CUT_BY_STOP] {
            assert!(link(reason).is_try(), "{reason}");
        }
        for reason in [NOT_CONVERTED, REFUSED_HERE, OVER_HTTP] {
            assert!(!link(reason).is_try(), "{reason}");
        }
    }

    #[test]
    fn a_reason_has_one_name_everywhere_and_its_note_is_read_back() {
        for reason in Exclusion::ALL {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.name());
            let providers = vec![ProviderId(3), ProviderId(12)];
            let note = reason.note(&providers);
            assert_eq!(Exclusion::read_note(&note), Some((reason, providers)));
        }
        assert_eq!(Exclusion::Cooling.note(&[ProviderId(3)]), "left out, cooling: 3");
        for other in ["gate: slow", "left out, x: 3", "left out, cooling: a"] {
            assert_eq!(Exclusion::read_note(other), None, "{other}");
        }
    }
}
