//! The ledger's row: everything Switchyard remembers of one request, in journal and database.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::billing::{BilledModel, Factors, Tier};
use super::decision::ChainLink;
use super::dialect::{Dialect, Operation};
use super::ids::{KeyId, PriceId, ProviderId, RequestId, SessionId, UserId};
use super::instant::Micros;
use super::limits::Refusal;
use super::money::{Nano, parse_decimal};
use super::outcome::RowOutcome;
use super::usage::Usage;

/// What is known when a request is admitted: the journal's `Opened` record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The request's id; its instant is the arrival.
    pub id: RequestId,
    /// The arrival.
    pub started_at: Micros,
    /// The user.
    pub user: UserId,
    /// The key.
    pub key: KeyId,
    /// The session.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<SessionId>,
    /// What the client speaks.
    pub dialect: Dialect,
    /// What it asks for.
    pub operation: Operation,
    /// The path, without its query.
    pub path: Arc<str>,
    /// The model asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub model: Option<Arc<str>>,
    /// A stream was asked for.
    pub stream: bool,
    /// The money held for it.
    pub estimate: Nano,
    /// The client's address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub client_ip: Option<Arc<str>>,
    /// The client's own name for itself, shortened.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub user_agent: Option<Arc<str>>,
}

/// The money of a row. The cost is the list price times both factors, rounded once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowCost {
    /// What the request costs; what limits and sums count.
    pub cost: Nano,
    /// The same without factors.
    pub list: Nano,
    /// The price version used.
    pub price: PriceId,
}

/// What a request is billed by besides its price, as it was when the request ended. A row keeps it
/// also while its model has no price: a bill that is made later is then the one that was due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The provider's factor, as decimal text.
    pub provider_factor: Arc<str>,
    /// The group's factor, as decimal text.
    pub group_factor: Arc<str>,
    /// The service tier.
    pub tier: Tier,
    /// Which name of the model is looked up first.
    pub billed_model: BilledModel,
}

impl Terms {
    /// Keeps factors to the last digit.
    #[must_use]
    pub fn new(factors: Factors, tier: Tier, billed_model: BilledModel) -> Self {
        Self {
            provider_factor: written(factors.provider),
            group_factor: written(factors.group),
            tier,
            billed_model,
        }
    }

    /// Returns the factors; `None` when a text is no decimal.
    #[must_use]
    pub fn factors(&self) -> Option<Factors> {
        let provider = parse_decimal(&self.provider_factor)?;
        Some(Factors { provider, group: parse_decimal(&self.group_factor)? })
    }
}

/// Writes a factor. Most are one, at every request.
fn written(factor: Decimal) -> Arc<str> {
    let is_plain_one = factor.scale() == 0 && factor == Decimal::ONE;
    if is_plain_one { Arc::from("1") } else { Arc::from(factor.to_string()) }
}

/// One finished request. How it is written stands in `ledger_form`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LedgerRow {
    /// What was known at admission.
    #[serde(flatten)]
    pub opened: Opened,
    /// The end.
    pub ended_at: Micros,
    /// How it ended.
    pub outcome: RowOutcome,
    /// The status of the row: what the client got, or 499 / 502 / 524 when the end was worse than
    /// the status line already sent.
    pub status: u16,
    /// The status line the client really got, when the headers had been sent.
    #[serde(default)]
    pub sent_status: Option<u16>,
    /// The provider that served (or last failed).
    #[serde(default)]
    pub provider: Option<ProviderId>,
    /// The group whose factor applied.
    #[serde(default)]
    pub group: Option<Arc<str>>,
    /// The model sent upstream, when it differs.
    #[serde(default)]
    pub upstream_model: Option<Arc<str>>,
    /// The model the upstream says it used.
    #[serde(default)]
    pub response_model: Option<Arc<str>>,
    /// Tokens; `None` is "unknown", never zero.
    #[serde(default)]
    pub usage: Option<Usage>,
    /// The usage is final (the upstream reported it at its end).
    pub usage_complete: bool,
    /// Money; `None` when usage or price is unknown.
    #[serde(default)]
    pub cost: Option<RowCost>,
    /// What the cost was made with, or is to be made with once there is a price.
    #[serde(default)]
    pub terms: Option<Terms>,
    /// Why there is no cost: `unpriced`, `unmetered`, `not_billable`.
    #[serde(default)]
    pub unbilled: Option<Arc<str>>,
    /// Milliseconds to the first byte of the served answer.
    #[serde(default)]
    pub first_byte_ms: Option<u64>,
    /// Milliseconds to the first content.
    #[serde(default)]
    pub first_content_ms: Option<u64>,
    /// Milliseconds from arrival to end.
    pub duration_ms: u64,
    /// Tries, in order.
    #[serde(default)]
    pub chain: Vec<ChainLink>,
    /// Named edits made to the body (D11); empty means the bytes were identical.
    #[serde(default)]
    pub edits: Vec<Arc<str>>,
    /// Notes of the gate and the relay (`gate: slow`, `drain: limit`, ...).
    #[serde(default)]
    pub notes: Vec<Arc<str>>,
    /// The error told to the client, or the upstream's own words, shortened, without secrets.
    #[serde(default)]
    pub error: Option<Arc<str>>,
    /// The limit that refused.
    #[serde(default)]
    pub refusal: Option<Refusal>,
    /// The catalogue version the request was served under.
    pub catalogue: i64,
    /// Messages in the request, where it was cheap to count.
    #[serde(default)]
    pub messages: Option<u32>,
    /// What was lost where the request was converted: stable tokens, each with how often.
    #[serde(default)]
    pub losses: Vec<Arc<str>>,
}

impl LedgerRow {
    /// Returns how many tries there were after the first.
    #[must_use]
    pub fn retries(&self) -> u64 {
        u64::try_from(self.tries().saturating_sub(1)).unwrap_or(u64::MAX)
    }

    /// Returns how many tries there were.
    #[must_use]
    pub fn tries(&self) -> usize {
        self.chain.iter().filter(|link| link.is_try()).count()
    }

    /// Makes the row of a request that was opened and never closed.
    #[must_use]
    pub fn interrupted(opened: Opened, found_at: Micros) -> Self {
        Self {
            ended_at: found_at,
            outcome: RowOutcome::Interrupted,
            status: 500,
            sent_status: None,
            provider: None,
            group: None,
            upstream_model: None,
            response_model: None,
            usage: None,
            usage_complete: false,
            cost: None,
            terms: None,
            unbilled: Some(Arc::from("unmetered")),
            first_byte_ms: None,
            first_content_ms: None,
            duration_ms: 0,
            chain: Vec::new(),
            edits: Vec::new(),
            notes: Vec::new(),
            error: Some(Arc::from("switchyard ended before this request did")),
            refusal: None,
            catalogue: 0,
            messages: None,
            losses: Vec::new(),
            opened,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::decision::{OVER_HTTP, REFUSED_HERE};
    use crate::domain::ids::RequestId;
    use crate::testing::{link, row};

    #[test]
    fn what_is_no_try_is_no_retry() {
        let mut row = row(RequestId([1; 16]));
        for (reasons, tries, retries) in [
            (&[][..], 0, 0),
            (&[REFUSED_HERE], 0, 0),
            (&["retry_failed", REFUSED_HERE], 1, 0),
            (&[OVER_HTTP, "request_success"], 1, 0),
            (&["retry_failed", "retry_success"], 2, 1),
        ] {
            row.chain = reasons.iter().map(|reason| link(reason)).collect();
            assert_eq!((row.tries(), row.retries()), (tries, retries), "{reasons:?}");
        }
    }
}
