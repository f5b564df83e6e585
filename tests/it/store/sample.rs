//! Rows and requests to fill a store with.

use std::collections::BTreeMap;
use std::sync::Arc;

use switchyard::store::hash_key;
use switchyard_actors::clock::RequestIds;
use switchyard_actors::domain::billing::{BilledModel, Tier};
use switchyard_actors::domain::decision::{ChainLink, Decision, Exclusion, LinkEndpoint, Method};
use switchyard_actors::domain::dialect::{Dialect, Operation};
use switchyard_actors::domain::error_rules::{LinkRule, MatchType, RuleAction};
use switchyard_actors::domain::ids::{
    EndpointId, ErrorRuleId, KeyId, PriceId, ProviderId, SessionId, UserId,
};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::{LedgerRow, Opened, RowCost, Terms};
use switchyard_actors::domain::limits::{Amount, LimitKind, LimitOwner, Refusal};
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::outcome::RowOutcome;
use switchyard_actors::domain::usage::Usage;

use super::database::Fresh;

/// Returns the row of a good request that arrived at `at`; `seed` makes its id and figures.
pub fn row(ids: &RequestIds, at: Micros, seed: u64) -> LedgerRow {
    let number = i64::try_from(seed % 1_000).unwrap();
    let opened = Opened {
        id: ids.mint(at, seed),
        started_at: at,
        user: UserId(1),
        key: KeyId(1 + number % 3),
        session: None,
        dialect: Dialect::Anthropic,
        operation: Operation::Generate,
        path: Arc::from("/v1/messages"),
        model: Some(Arc::from(if seed.is_multiple_of(2) { "sonnet" } else { "haiku" })),
        stream: true,
        estimate: Nano(5),
        client_ip: None,
        user_agent: None,
    };
    LedgerRow {
        ended_at: Micros(at.0 + 1_500_000),
        outcome: RowOutcome::Success,
        status: 200,
        sent_status: Some(200),
        provider: Some(ProviderId(1)),
        group: Some(Arc::from("default")),
        usage: Some(Usage { input: 10 + seed % 7, output: 20, ..Usage::default() }),
        usage_complete: true,
        cost: Some(RowCost { cost: Nano(1_000 + number), list: Nano(900), price: PriceId(1) }),
        terms: Some(terms()),
        unbilled: None,
        first_content_ms: Some(300 + seed % 50),
        duration_ms: 1_500,
        error: None,
        ..LedgerRow::interrupted(opened, at)
    }
}

/// Terms unlike the default in every part.
fn terms() -> Terms {
    Terms {
        provider_factor: Arc::from("1.25"),
        group_factor: Arc::from("0.5"),
        tier: Tier::Priority,
        billed_model: BilledModel::Asked,
    }
}

/// Returns a row that uses every column.
pub fn full_row(ids: &RequestIds, at: Micros) -> LedgerRow {
    let mut row = row(ids, at, 7);
    row.opened.session = Some(SessionId(Arc::from("s-1")));
    row.opened.client_ip = Some(Arc::from("192.0.2.7"));
    row.opened.user_agent = Some(Arc::from("agent/1"));
    row.upstream_model = Some(Arc::from("sonnet-up"));
    row.response_model = Some(Arc::from("sonnet-said"));
    row.first_byte_ms = Some(250);
    row.chain = vec![link(3, "retry_failed", Some(500)), link(1, "retry_success", Some(200))];
    row.edits = vec![Arc::from("model redirect")];
    row.losses = vec![Arc::from("drop.cache_control=2")];
    row.notes = vec![Arc::from("gate: slow")];
    row.error = Some(Arc::from("said \"no\""));
    row.refusal = Some(Refusal {
        kind: LimitKind::DailyQuota,
        owner: LimitOwner::Tag,
        name: Some(Arc::from("blue")),
        current: Amount::Money(Nano(3)),
        limit: Amount::Money(Nano(2)),
        resets_at: Some(Micros(9)),
        retry_after_s: Some(2),
        only_held: true,
    });
    row.catalogue = 12;
    row.messages = Some(4);
    row
}

fn rule() -> LinkRule {
    LinkRule {
        id: ErrorRuleId(7),
        pattern: "no \"channel\" is left".into(),
        match_type: MatchType::Contains,
        action: RuleAction::SwitchAndCharge,
        category: "account".into(),
        rewords: false,
    }
}

fn link(provider: i64, reason: &str, status: Option<u16>) -> ChainLink {
    let excluded = BTreeMap::from([
        (Exclusion::Disabled, vec![ProviderId(8), ProviderId(9)]),
        (Exclusion::Group, vec![ProviderId(4)]),
    ]);
    ChainLink {
        provider: ProviderId(provider),
        name: Arc::from("p"),
        reason: Arc::from(reason),
        attempt: 1,
        endpoint: Some(LinkEndpoint { id: EndpointId(3), url: Arc::from("https://a.example") }),
        status,
        inferred: false,
        error: None,
        proxy_fault: (provider % 2 == 0).then(|| Arc::from("the proxy is gone")),
        rule: (provider % 3 == 0).then(|| Arc::new(rule())),
        started_ms: 1,
        took_ms: 2,
        decision: Some(Decision {
            seed: u64::MAX - 5,
            catalogue: 12,
            pick: Some(ProviderId(provider)),
            method: Method::Draw,
            priority: Some(0),
            tier: vec![(ProviderId(provider), 3)],
            converted: true,
            excluded,
            room_at: vec![(ProviderId(9), Micros(77))],
        }),
    }
}

/// Adds user 1 with key 1, and provider 1 with two addresses.
pub async fn accounts(fresh: &Fresh, sealed: &str, key: &str) {
    let hash = hex::encode(hash_key(key));
    let hash = if fresh.store.is_shared() { format!("'\\x{hash}'") } else { format!("x'{hash}'") };
    let sql = format!(
        "INSERT INTO users (name, name_lower, role, tags, is_enabled, limit_rpm, limit_daily, \
           limit_weekly, allowed_clients, blocked_clients, allowed_models, created_at, updated_at) \
         VALUES ('Ann', 'ann', 'user', '[]', 1, 60, 5000000000, 0, '[]', '[]', '[\"sonnet\"]', 1, 1); \
         INSERT INTO user_keys (user_id, name, name_lower, hash, prefix, suffix, is_enabled, \
           can_login, provider_group, daily_reset_mode, daily_reset_minute, created_at, updated_at) \
         VALUES (1, 'laptop', 'laptop', {hash}, 'sk-ab', 'yz', 1, 0, 'a, b', 'rolling', 90, 1, 1); \
         INSERT INTO providers (name, name_lower, kind, sealed_key, key_prefix, key_suffix, \
           is_enabled, weight, priority, cost_multiplier, group_tag, model_redirects, \
           custom_headers, limit_daily, idle_timeout_ms, created_at, updated_at) \
         VALUES ('One', 'one', 'claude', '{sealed}', 'sk', 'yz', 1, 3, 2, '1.25', 'a', \
           '{{\"sonnet\":\"sonnet-x\"}}', '[[\"x-b\",\"1\"],[\"x-a\",\"2\"]]', 7, 60000, 1, 1); \
         INSERT INTO provider_endpoints (provider_id, position, url, created_at, updated_at) VALUES \
           (1, 1, 'https://two.example', 1, 1), (1, 0, 'https://www.one.example/v1', 1, 1);"
    );
    fresh.run_outside(&sql).await;
}
