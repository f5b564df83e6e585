//! Requests for the samples of this room's pages.

use std::collections::BTreeMap;
use std::sync::Arc;

use switchyard_actors::domain::billing::{BilledModel, Tier};
use switchyard_actors::domain::decision::{ChainLink, Decision, Exclusion, LinkEndpoint, Method};
use switchyard_actors::domain::dialect::{Dialect, Operation};
use switchyard_actors::domain::error_rules::{LinkRule, MatchType, RuleAction};
use switchyard_actors::domain::ids::{
    EndpointId, ErrorRuleId, KeyId, PriceId, ProviderId, RequestId, SessionId, UserId,
};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::{LedgerRow, Opened, RowCost, Terms};
use switchyard_actors::domain::limits::{Amount, LimitKind, LimitOwner, Refusal};
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::outcome::RowOutcome;
use switchyard_actors::domain::usage::Usage;

use crate::store::LedgerEntry;

/// When the sample requests came.
const AT: Micros = Micros(1_777_982_340_000_000);

/// Returns requests as most are.
pub fn typical() -> Vec<LedgerEntry> {
    vec![served(1), retried(2), refused(3), unpriced(4)]
}

/// Returns requests that fit nowhere.
pub fn extreme() -> Vec<LedgerEntry> {
    vec![exhausted(5), long(6), nobody(7)]
}

/// One that went well.
pub fn served(seed: u8) -> LedgerEntry {
    let mut row = row(seed);
    row.chain = vec![link(1, "request_success", Some(200), Some(draw(1)))];
    entry(row)
}

/// One that the second provider answered.
pub fn retried(seed: u8) -> LedgerEntry {
    let mut row = row(seed);
    let error = Some(Arc::from("overloaded_error: Overloaded"));
    let mut second = draw(2);
    second.excluded = BTreeMap::from([
        (Exclusion::Tried, vec![ProviderId(1)]),
        (Exclusion::CircuitOpen, vec![ProviderId(4), ProviderId(5)]),
    ]);
    row.chain = vec![
        ChainLink { error, ..link(1, "retry_failed", Some(529), Some(draw(1))) },
        link(2, "retry_success", Some(200), Some(second)),
    ];
    row.upstream_model = Some(Arc::from("claude-sonnet-4-5-20250929"));
    row.edits = vec![Arc::from("model_redirect"), Arc::from("convert: anthropic -> openai_chat")];
    row.losses = vec![Arc::from("drop.cache_control=3"), Arc::from("approx.schema")];
    row.notes = vec![Arc::from("gate: slow")];
    entry(row)
}

/// One that a limit refused.
pub fn refused(seed: u8) -> LedgerEntry {
    let row = row(seed);
    let refusal = Refusal {
        kind: LimitKind::DailyQuota,
        owner: LimitOwner::Key,
        name: None,
        current: Amount::Money(Nano(10_012_345_678)),
        limit: Amount::Money(Nano::from_usd(10)),
        resets_at: Some(Micros(AT.0 + 14_400_000_000)),
        retry_after_s: Some(14_400),
        only_held: false,
    };
    let row = LedgerRow {
        outcome: RowOutcome::Refused,
        status: 402,
        error: Some(Arc::from("the daily limit of this key is used up")),
        refusal: Some(refusal),
        ..unserved(row)
    };
    entry(row)
}

/// One whose model has no price.
pub fn unpriced(seed: u8) -> LedgerEntry {
    let mut row = row(seed);
    row.cost = None;
    row.unbilled = Some(Arc::from("unpriced"));
    row.usage_complete = false;
    (row.outcome, row.status) = (RowOutcome::Truncated, 502);
    row.sent_status = Some(200);
    row.chain = vec![link(1, "system_error", Some(200), Some(draw(1)))];
    entry(row)
}

/// One that nobody was there for.
pub fn nobody(seed: u8) -> LedgerEntry {
    let left_out = [
        Exclusion::CircuitOpen.note(&[ProviderId(1), ProviderId(4)]),
        Exclusion::Model.note(&[ProviderId(2)]),
    ];
    let row = LedgerRow {
        outcome: RowOutcome::NoProvider,
        status: 503,
        error: Some(Arc::from("No provider available for this request")),
        notes: left_out.into_iter().map(Arc::from).collect(),
        ..unserved(row(seed))
    };
    entry(row)
}

/// One that twelve tries did not help.
pub fn exhausted(seed: u8) -> LedgerEntry {
    let tries = (1..=12_u16).map(|number| {
        let reason = if number % 3 == 0 { "system_error" } else { "retry_failed" };
        let status = Some(if number % 3 == 0 { 502 } else { 500 + number });
        let decision = (number % 2 == 1).then(|| draw(i64::from(number.div_ceil(2))));
        ChainLink {
            attempt: u32::from(2 - number % 2),
            endpoint: Some(LinkEndpoint {
                id: EndpointId(number.into()),
                url: Arc::from("https://a-long-name.of-a-host.example.com:8443/a/path/v1"),
            }),
            inferred: number % 3 == 0,
            error: Some(Arc::from("x".repeat(200))),
            rule: (number == 1).then(|| Arc::new(rule())),
            started_ms: u64::from(number) * 2_000,
            took_ms: 1_999,
            ..link(i64::from(number.div_ceil(2)), reason, status, decision)
        }
    });
    let row = LedgerRow {
        outcome: RowOutcome::UpstreamError,
        status: 503,
        provider: Some(ProviderId(6)),
        chain: tries.collect(),
        duration_ms: 26_000,
        notes: vec![Arc::from(Exclusion::Tried.note(&[ProviderId(1), ProviderId(6)]))],
        error: Some(Arc::from("<b>the upstream's own words</b>")),
        ..unserved(row(seed))
    };
    entry(row)
}

fn long(seed: u8) -> LedgerEntry {
    let mut entry = served(seed);
    let huge = 9_007_199_254_740_991;
    entry.row.usage =
        Some(Usage { input: huge, output: huge, cache_read: huge, ..Usage::default() });
    entry.row.cost =
        Some(RowCost { cost: Nano(i64::MAX), list: Nano(i64::MAX), price: PriceId(7) });
    entry.row.opened.model = Some(Arc::from("a-model-with-a-name-".repeat(10)));
    entry.row.opened.session = Some(SessionId(Arc::from("session <with> \"marks\"")));
    entry.row.opened.user_agent = Some(Arc::from("agent/".repeat(40)));
    entry.user_name = Some(Arc::from("Maximiliane Friederike von und zu Hohenfels".repeat(2)));
    entry.key_name = None;
    entry.provider_name = Some(Arc::from("a provider with a name that goes on ".repeat(3)));
    entry.row.duration_ms = 7_500_000;
    entry.row.first_content_ms = Some(7_400_000);
    entry
}

fn entry(row: LedgerRow) -> LedgerEntry {
    let provider_name = row.provider.map(|id| Arc::from(format!("claude-{id}")));
    LedgerEntry {
        row,
        user_name: Some(Arc::from("Ada")),
        key_name: Some(Arc::from("laptop")),
        provider_name,
    }
}

fn unserved(row: LedgerRow) -> LedgerRow {
    LedgerRow {
        provider: None,
        usage: None,
        cost: None,
        terms: None,
        unbilled: Some(Arc::from("not_billable")),
        first_byte_ms: None,
        first_content_ms: None,
        duration_ms: 3,
        ..row
    }
}

fn row(seed: u8) -> LedgerRow {
    let mut id = [seed; 16];
    if let Some(head) = id.get_mut(..6) {
        head.copy_from_slice(&[0x01, 0x9D, 0xF8, 0x2F, 0x30, seed]);
    }
    let opened = Opened {
        id: RequestId(id),
        started_at: AT,
        user: UserId(3),
        key: KeyId(4),
        session: Some(SessionId(Arc::from("6f1c2a34-7b1d-4e7e-9f0e-0a1b2c3d4e5f"))),
        dialect: Dialect::Anthropic,
        operation: Operation::Generate,
        path: Arc::from("/v1/messages"),
        model: Some(Arc::from("claude-sonnet-4-5")),
        stream: true,
        estimate: Nano(300_000_000),
        client_ip: Some(Arc::from("10.1.2.3")),
        user_agent: Some(Arc::from("claude-cli/2.1.4 (external, cli)")),
    };
    LedgerRow {
        outcome: RowOutcome::Success,
        status: 200,
        sent_status: Some(200),
        provider: Some(ProviderId(1)),
        group: Some(Arc::from("default")),
        response_model: Some(Arc::from("claude-sonnet-4-5-20250929")),
        usage: Some(Usage {
            input: 1_234,
            output: 4_567,
            reasoning: 1_200,
            cache_read: 98_765,
            cache_write_5m: 4_321,
            ..Usage::default()
        }),
        usage_complete: true,
        cost: Some(RowCost { cost: Nano(148_765_432), list: Nano(119_012_345), price: PriceId(7) }),
        terms: Some(Terms {
            provider_factor: Arc::from("1.25"),
            group_factor: Arc::from("1"),
            tier: Tier::Standard,
            billed_model: BilledModel::Asked,
        }),
        unbilled: None,
        first_byte_ms: Some(640),
        first_content_ms: Some(1_240),
        duration_ms: 38_400,
        error: None,
        catalogue: 12,
        messages: Some(14),
        ..LedgerRow::interrupted(opened, Micros(AT.0 + 38_400_000))
    }
}

fn rule() -> LinkRule {
    LinkRule {
        id: ErrorRuleId(12),
        pattern: Arc::from("no channel is left for this model"),
        match_type: MatchType::Contains,
        action: RuleAction::SwitchAndCharge,
        category: Arc::from("account"),
        rewords: false,
    }
}

fn link(provider: i64, reason: &str, status: Option<u16>, decision: Option<Decision>) -> ChainLink {
    ChainLink {
        provider: ProviderId(provider),
        name: Arc::from(format!("claude-{provider}")),
        reason: Arc::from(reason),
        attempt: 1,
        endpoint: None,
        status,
        inferred: false,
        error: None,
        proxy_fault: None,
        rule: None,
        started_ms: 2,
        took_ms: 812,
        decision,
    }
}

fn draw(pick: i64) -> Decision {
    Decision {
        seed: 11_400_714_819_323_198_485,
        catalogue: 12,
        pick: Some(ProviderId(pick)),
        method: if pick == 1 { Method::Sticky } else { Method::Draw },
        priority: Some(0),
        tier: vec![(ProviderId(pick), 3), (ProviderId(pick + 1), 1)],
        converted: false,
        excluded: BTreeMap::from([(Exclusion::Format, vec![ProviderId(8), ProviderId(9)])]),
        room_at: Vec::new(),
    }
}
