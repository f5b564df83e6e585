//! A finished request.

use std::sync::Arc;

use crate::domain::decision::{ChainLink, Decision, Method};
use crate::domain::dialect::{Dialect, Operation};
use crate::domain::ids::{KeyId, ProviderId, RequestId, UserId};
use crate::domain::instant::Micros;
use crate::domain::ledger::{LedgerRow, Opened};
use crate::domain::money::Nano;
use crate::domain::outcome::RowOutcome;
use crate::domain::usage::Usage;

/// Makes a link of a chain that is there for a reason.
#[must_use]
pub fn link(reason: &str) -> ChainLink {
    ChainLink {
        provider: ProviderId(1),
        name: Arc::from("p"),
        reason: Arc::from(reason),
        attempt: 1,
        endpoint: None,
        status: None,
        inferred: false,
        error: None,
        proxy_fault: None,
        rule: None,
        started_ms: 0,
        took_ms: 0,
        decision: None,
    }
}

/// Makes the row of a request of user 1 with key 2 that provider 3 has answered.
#[must_use]
pub fn row(id: RequestId) -> LedgerRow {
    let at = Micros::from_millis(id.millis());
    let opened = Opened {
        id,
        started_at: at,
        user: UserId(1),
        key: KeyId(2),
        session: None,
        dialect: Dialect::Anthropic,
        operation: Operation::Generate,
        path: Arc::from("/v1/messages"),
        model: Some(Arc::from("claude-sonnet-4-5")),
        stream: true,
        estimate: Nano::ZERO,
        client_ip: None,
        user_agent: None,
    };
    let decision = Decision {
        seed: 1,
        catalogue: 1,
        pick: Some(ProviderId(3)),
        method: Method::Draw,
        priority: Some(0),
        tier: (1..100).map(|provider| (ProviderId(provider), 1)).collect(),
        converted: false,
        excluded: std::collections::BTreeMap::default(),
        room_at: Vec::new(),
    };
    let link = ChainLink {
        provider: ProviderId(3),
        name: Arc::from("third"),
        reason: Arc::from("request_success"),
        attempt: 1,
        endpoint: None,
        status: Some(200),
        inferred: false,
        error: None,
        proxy_fault: None,
        rule: None,
        started_ms: 1,
        took_ms: 900,
        decision: Some(decision),
    };
    LedgerRow {
        outcome: RowOutcome::Success,
        status: 200,
        provider: Some(ProviderId(3)),
        usage: Some(Usage { input: 1_200, output: 340, ..Usage::default() }),
        usage_complete: true,
        unbilled: None,
        first_content_ms: Some(420),
        duration_ms: 900,
        chain: vec![link],
        error: None,
        ..LedgerRow::interrupted(opened, at)
    }
}
