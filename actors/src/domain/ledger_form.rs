//! How a row is written: what was known at admission and what came later, side by side. Serde can lay
//! one struct into another by itself, but not count its fields then, so that a form which begins with
//! their number is gathered in a growing buffer first, at every request.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::decision::ChainLink;
use super::dialect::{Dialect, Operation};
use super::ids::{KeyId, ProviderId, RequestId, SessionId, UserId};
use super::instant::Micros;
use super::ledger::{LedgerRow, Opened, RowCost, Terms};
use super::limits::Refusal;
use super::money::Nano;
use super::outcome::RowOutcome;
use super::usage::Usage;

/// A row's fields under the names and in the order that they are read back by.
#[derive(Serialize)]
struct Form<'a> {
    id: &'a RequestId,
    started_at: &'a Micros,
    user: &'a UserId,
    key: &'a KeyId,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: &'a Option<SessionId>,
    dialect: &'a Dialect,
    operation: &'a Operation,
    path: &'a Arc<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: &'a Option<Arc<str>>,
    stream: &'a bool,
    estimate: &'a Nano,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_ip: &'a Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: &'a Option<Arc<str>>,
    ended_at: &'a Micros,
    outcome: &'a RowOutcome,
    status: &'a u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_status: &'a Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: &'a Option<ProviderId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: &'a Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream_model: &'a Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_model: &'a Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: &'a Option<Usage>,
    usage_complete: &'a bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: &'a Option<RowCost>,
    #[serde(skip_serializing_if = "Option::is_none")]
    terms: &'a Option<Terms>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unbilled: &'a Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_byte_ms: &'a Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_content_ms: &'a Option<u64>,
    duration_ms: &'a u64,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    chain: &'a [ChainLink],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    edits: &'a [Arc<str>],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    notes: &'a [Arc<str>],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: &'a Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: &'a Option<Refusal>,
    catalogue: &'a i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: &'a Option<u32>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    losses: &'a [Arc<str>],
}

impl Serialize for LedgerRow {
    #[expect(clippy::too_many_lines, reason = "a list of fields, out of one struct into another")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Every field is named here, so that none can be forgotten.
        let Self {
            opened:
                Opened {
                    id,
                    started_at,
                    user,
                    key,
                    session,
                    dialect,
                    operation,
                    path,
                    model,
                    stream,
                    estimate,
                    client_ip,
                    user_agent,
                },
            ended_at,
            outcome,
            status,
            sent_status,
            provider,
            group,
            upstream_model,
            response_model,
            usage,
            usage_complete,
            cost,
            terms,
            unbilled,
            first_byte_ms,
            first_content_ms,
            duration_ms,
            chain,
            edits,
            notes,
            error,
            refusal,
            catalogue,
            messages,
            losses,
        } = self;
        Form {
            id,
            started_at,
            user,
            key,
            session,
            dialect,
            operation,
            path,
            model,
            stream,
            estimate,
            client_ip,
            user_agent,
            ended_at,
            outcome,
            status,
            sent_status,
            provider,
            group,
            upstream_model,
            response_model,
            usage,
            usage_complete,
            cost,
            terms,
            unbilled,
            first_byte_ms,
            first_content_ms,
            duration_ms,
            chain,
            edits,
            notes,
            error,
            refusal,
            catalogue,
            messages,
            losses,
        }
        .serialize(serializer)
    }
}
