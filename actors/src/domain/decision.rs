//! Why a provider was picked: small enough for every row, complete enough to replay the draw.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ids::ProviderId;

/// Why a provider was not a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// It belongs to groups the caller does not see.
    Group,
    /// It is switched off.
    Disabled,
    /// It speaks another dialect.
    Format,
    /// Its list does not have the model.
    Model,
    /// Its breaker is open.
    CircuitOpen,
    /// Its breaker is half open and all probes are out.
    ProbesOut,
    /// It cools down after an overload or transport error.
    Cooling,
    /// Its spend limit is reached.
    SpendLimit,
    /// Its concurrency limit is reached.
    ConcurrencyLimit,
    /// It already failed in this request.
    Tried,
    /// It has no usable address.
    NoEndpoint,
    /// It must be reached through a proxy, which this version cannot do.
    Proxy,
}

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
    /// Who was left out and why.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub excluded: BTreeMap<Exclusion, Vec<ProviderId>>,
}

/// One try at one provider, as the row's chain tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainLink {
    /// The provider.
    pub provider: ProviderId,
    /// Its name at that time.
    pub name: Arc<str>,
    /// Why this link exists: `initial_selection`, `session_reuse`, `retry_failed`, `retry_success`,
    /// `request_success`, `system_error`, `resource_not_found`, `client_error_non_retryable`,
    /// `client_abort`, `concurrent_limit_failed` (the contract's words).
    pub reason: Arc<str>,
    /// Which try at this provider, from 1.
    pub attempt: u32,
    /// The upstream's status, or the one inferred for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<u16>,
    /// The status was inferred, the upstream did not say it.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub inferred: bool,
    /// What went wrong, from the upstream's own text, shortened and without secrets.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<Arc<str>>,
    /// Milliseconds from the request's arrival to the start of this try.
    pub started_ms: u64,
    /// Milliseconds the try took.
    pub took_ms: u64,
    /// The selection before this try.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub decision: Option<Decision>,
}
