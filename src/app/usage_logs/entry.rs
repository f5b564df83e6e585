//! A row of the ledger in the contract's words, with what we know beyond them at the end.

use serde::Serialize;
use serde_json::{Value as Document, json};
use switchyard_actors::domain::blocked;
use switchyard_actors::domain::decision::{ChainLink, Decision, Exclusion, Method};
use switchyard_actors::domain::error_rules::LinkRule;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::domain::limits::{Amount, Refusal};
use switchyard_actors::domain::money::parse_decimal;
use switchyard_actors::domain::usage::Usage;

use crate::app::{Actor, figure, time};
use crate::store::LedgerEntry;

/// What of a try only admins see.
const FOR_ADMINS: [&str; 3] = ["endpointUrl", "decisionContext", "matchedRule"];

/// A row of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The request's id, a UUID: its order is the order in time.
    pub id: String,
    /// When it arrived.
    pub created_at: String,
    /// Its session.
    pub session_id: Option<String>,
    /// Its place in the session; not counted.
    pub request_sequence: Option<i64>,
    /// The user's name.
    pub user_name: String,
    /// The key's name.
    pub key_name: String,
    /// The provider that served it, or failed last.
    pub provider_name: Option<String>,
    /// The model that was sent upstream.
    pub model: Option<String>,
    /// The model that was asked for.
    pub original_model: Option<String>,
    /// The path.
    pub endpoint: Option<String>,
    /// The status.
    pub status_code: Option<u16>,
    /// Tokens in, the cache's apart.
    pub input_tokens: Option<u64>,
    /// Tokens out.
    pub output_tokens: Option<u64>,
    /// Tokens written to the cache.
    pub cache_creation_input_tokens: Option<u64>,
    /// Tokens read from the cache.
    pub cache_read_input_tokens: Option<u64>,
    /// Tokens written to the cache for five minutes.
    pub cache_creation5m_input_tokens: Option<u64>,
    /// Tokens written to the cache for an hour.
    pub cache_creation1h_input_tokens: Option<u64>,
    /// For how long the cache was written: `5m`, `1h` or `mixed`.
    pub cache_ttl_applied: Option<&'static str>,
    /// The cost in dollars with fifteen places.
    pub cost_usd: Option<String>,
    /// The provider's factor with four places.
    pub cost_multiplier: Option<String>,
    /// From arrival to end.
    pub duration_ms: Option<u64>,
    /// What went wrong.
    pub error_message: Option<String>,
    /// Tries in order.
    pub provider_chain: Option<Vec<Document>>,
    /// What answered it here, on purpose, without a provider: `sensitive_word`.
    pub blocked_by: Option<String>,
    /// Why: a JSON object.
    pub blocked_reason: Option<String>,
    /// The client's name for itself.
    pub user_agent: Option<String>,
    /// Messages in the request.
    pub messages_count: Option<u32>,
    /// The long context was switched on; not known.
    pub context1m_applied: Option<bool>,
    /// All tokens.
    pub total_tokens: u64,
    /// What we know beyond the contract.
    #[serde(flatten)]
    pub more: More,
}

/// What we know of a request beyond the contract.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct More {
    /// The id that the client got as `x-switchyard-request-id`.
    pub request_id: String,
    /// How it ended.
    pub outcome: &'static str,
    /// Why there is no cost.
    pub unbilled: Option<String>,
    /// The usage is final.
    pub usage_complete: bool,
    /// The group's factor with four places.
    pub group_cost_multiplier: Option<String>,
    /// The model that the upstream says it used.
    pub response_model: Option<String>,
    /// Tokens out that were spent on reasoning.
    pub reasoning_tokens: Option<u64>,
    /// Edits made to the body.
    pub edits: Vec<String>,
    /// What was lost where the request was converted: stable tokens, with how often.
    pub losses: Vec<String>,
    /// Notes of the gate and the relay.
    pub notes: Vec<String>,
    /// To the first byte.
    pub first_byte_ms: Option<u64>,
    /// To the first content.
    pub first_content_ms: Option<u64>,
    /// The limit that refused.
    pub refusal: Option<Refused>,
}

/// The limit that refused a request.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    /// Which limit.
    pub limit_type: &'static str,
    /// Whose: `key` or `user`.
    pub owner: Document,
    /// What was used; dollars for money.
    pub current: Document,
    /// The limit; dollars for money.
    pub limit: Document,
    /// When its window starts anew.
    pub resets_at: Option<String>,
}

impl Entry {
    /// Shows a row to somebody: where a provider's addresses are, and who else there is, is for admins.
    #[must_use]
    pub fn shown_to(actor: &Actor, entry: &LedgerEntry) -> Self {
        let mut shown = Self::of(entry);
        if !actor.is_admin() {
            for link in shown.provider_chain.iter_mut().flatten() {
                if let Some(link) = link.as_object_mut() {
                    link.retain(|name, _| !FOR_ADMINS.contains(&name.as_str()));
                }
            }
            shown.more.notes.retain(|note| Exclusion::read_note(note).is_none());
        }
        shown
    }

    /// Shows a row.
    #[must_use]
    pub fn of(entry: &LedgerEntry) -> Self {
        let row = &entry.row;
        let opened = &row.opened;
        let usage = row.usage.as_ref();
        let count = |read: fn(&Usage) -> u64| usage.map(read);
        Self {
            id: opened.id.to_string(),
            created_at: time::iso(opened.started_at),
            session_id: opened.session.as_ref().map(ToString::to_string),
            request_sequence: None,
            user_name: entry.user_name.as_deref().unwrap_or_default().to_owned(),
            key_name: entry.key_name.as_deref().unwrap_or_default().to_owned(),
            provider_name: owned(entry.provider_name.as_ref()),
            model: owned(row.upstream_model.as_ref().or(opened.model.as_ref())),
            original_model: owned(opened.model.as_ref()),
            endpoint: Some(opened.path.to_string()),
            status_code: Some(row.status).filter(|status| *status > 0),
            input_tokens: count(|usage| usage.input.saturating_add(usage.image_input)),
            output_tokens: count(|usage| usage.output.saturating_add(usage.image_output)),
            cache_creation_input_tokens: count(written),
            cache_read_input_tokens: count(|usage| usage.cache_read),
            cache_creation5m_input_tokens: count(|usage| usage.cache_write_5m),
            cache_creation1h_input_tokens: count(|usage| usage.cache_write_1h),
            cache_ttl_applied: usage.and_then(cache_ttl),
            cost_usd: row.cost.as_ref().map(|cost| figure::cost_text(cost.cost)),
            cost_multiplier: row.terms.as_ref().and_then(|terms| factor(&terms.provider_factor)),
            duration_ms: Some(row.duration_ms),
            error_message: owned(row.error.as_ref()),
            provider_chain: chain(entry),
            blocked_by: blocked(row).map(|(by, _)| by.to_owned()),
            blocked_reason: blocked(row).map(|(_, reason)| reason.to_owned()),
            user_agent: owned(opened.user_agent.as_ref()),
            messages_count: row.messages,
            context1m_applied: None,
            total_tokens: usage.map_or(0, Usage::total),
            more: More::of(entry),
        }
    }
}

impl More {
    fn of(entry: &LedgerEntry) -> Self {
        let row = &entry.row;
        Self {
            request_id: row.opened.id.to_string(),
            outcome: row.outcome.name(),
            unbilled: owned(row.unbilled.as_ref()),
            usage_complete: row.usage_complete,
            group_cost_multiplier: row.terms.as_ref().and_then(|terms| factor(&terms.group_factor)),
            response_model: owned(row.response_model.as_ref()),
            reasoning_tokens: row.usage.map(|usage| usage.reasoning),
            edits: row.edits.iter().map(ToString::to_string).collect(),
            losses: row.losses.iter().map(ToString::to_string).collect(),
            notes: notes(row),
            first_byte_ms: row.first_byte_ms,
            first_content_ms: row.first_content_ms,
            refusal: row.refusal.as_ref().map(refused),
        }
    }
}

/// Tells what answered a request without a provider, and why.
fn blocked(row: &LedgerRow) -> Option<(&str, &str)> {
    row.notes.iter().find_map(|note| blocked::read_note(note))
}

/// What blocked a request has fields of its own.
fn notes(row: &LedgerRow) -> Vec<String> {
    let others = row.notes.iter().filter(|note| blocked::read_note(note).is_none());
    others.map(ToString::to_string).collect()
}

fn owned(text: Option<&std::sync::Arc<str>>) -> Option<String> {
    text.map(ToString::to_string)
}

fn factor(text: &str) -> Option<String> {
    parse_decimal(text).map(figure::factor_text)
}

fn written(usage: &Usage) -> u64 {
    usage.cache_write_5m.saturating_add(usage.cache_write_1h)
}

fn cache_ttl(usage: &Usage) -> Option<&'static str> {
    match (usage.cache_write_5m, usage.cache_write_1h) {
        (0, 0) => None,
        (_, 0) => Some("5m"),
        (0, _) => Some("1h"),
        _ => Some("mixed"),
    }
}

fn refused(refusal: &Refusal) -> Refused {
    Refused {
        limit_type: refusal.kind.name(),
        owner: json!(refusal.owner),
        current: amount(refusal.current),
        limit: amount(refusal.limit),
        resets_at: refusal.resets_at.map(time::iso),
    }
}

fn amount(amount: Amount) -> Document {
    match amount {
        Amount::Count(count) => json!(count),
        Amount::Money(amount) => figure::number(amount.usd()),
    }
}

/// Shows the tries; `None` when there was none.
fn chain(entry: &LedgerEntry) -> Option<Vec<Document>> {
    let arrival = entry.row.opened.started_at.millis();
    let links = &entry.row.chain;
    (!links.is_empty()).then(|| links.iter().map(|try_| link(try_, arrival)).collect())
}

fn link(link: &ChainLink, arrival: i64) -> Document {
    let started = i64::try_from(link.started_ms).unwrap_or(0);
    let mut shown = json!({
        "id": link.provider,
        "name": link.name,
        "reason": link.reason,
        "timestamp": arrival.saturating_add(started),
        "attemptNumber": link.attempt,
        "durationMs": link.took_ms,
    });
    let mut put = |name: &str, value: Option<Document>| {
        if let (Some(object), Some(value)) = (shown.as_object_mut(), value) {
            object.insert(name.to_owned(), value);
        }
    };
    put("endpointId", link.endpoint.as_ref().map(|one| json!(one.id)));
    put("endpointUrl", link.endpoint.as_ref().map(|one| json!(one.url)));
    put("statusCode", link.status.map(|status| json!(status)));
    put("statusCodeInferred", link.inferred.then_some(json!(true)));
    put("errorMessage", link.error.as_deref().map(|error| json!(error)));
    put("proxyFallback", link.proxy_fault.as_deref().map(|fault| json!(fault)));
    put("matchedRule", link.rule.as_deref().map(matched_rule));
    if let Some(decision) = &link.decision {
        put("selectionMethod", Some(json!(method(decision.method))));
        put("priority", decision.priority.map(|priority| json!(priority)));
        let weight = decision.tier.iter().find(|(provider, _)| *provider == link.provider);
        put("weight", weight.map(|(_, weight)| json!(weight)));
        put("decisionContext", Some(context(decision)));
    }
    shown
}

/// Shows the operator's rule that decided what a try was taken for.
fn matched_rule(rule: &LinkRule) -> Document {
    json!({
        "ruleId": rule.id,
        "pattern": rule.pattern,
        "matchType": rule.match_type,
        "category": rule.category,
        "action": rule.action,
        "hasOverride": rule.rewords,
    })
}

const fn method(method: Method) -> &'static str {
    match method {
        Method::Sticky => "session_reuse",
        Method::Draw => "weighted_random",
    }
}

/// Shows a selection so that it can be followed, and replayed from its seed.
fn context(decision: &Decision) -> Document {
    let candidates: Vec<Document> = decision
        .tier
        .iter()
        .map(|(provider, weight)| json!({ "id": provider, "weight": weight }))
        .collect();
    let filtered: Vec<Document> = decision
        .excluded
        .iter()
        .flat_map(|(reason, providers)| {
            providers.iter().map(|provider| left_out(decision, *reason, *provider))
        })
        .collect();
    json!({
        // As text: a seed has more digits than JavaScript's numbers.
        "seed": decision.seed.to_string(),
        "catalogue": decision.catalogue,
        "selectedPriority": decision.priority,
        "converted": decision.converted,
        "candidatesAtPriority": candidates,
        "filteredProviders": filtered,
    })
}

/// Shows who was left out and why, and when those are back who only waited.
fn left_out(decision: &Decision, reason: Exclusion, provider: ProviderId) -> Document {
    let mut shown = json!({ "id": provider, "reason": exclusion(reason) });
    let back = decision.room_at.iter().find(|(one, _)| *one == provider);
    if let (Some((_, at)), Some(object)) = (back, shown.as_object_mut()) {
        object.insert("until".to_owned(), json!(time::iso(*at)));
    }
    shown
}

/// Returns the contract's word, where it has one.
fn exclusion(reason: Exclusion) -> Document {
    match reason {
        Exclusion::Format => json!("format_type_mismatch"),
        Exclusion::Model => json!("model_not_allowed"),
        Exclusion::Client => json!("client_restriction"),
        Exclusion::Schedule => json!("schedule_inactive"),
        Exclusion::SpendLimit => json!("rate_limited"),
        Exclusion::ConcurrencyLimit => json!("concurrent_limit_failed"),
        Exclusion::Tried => json!("excluded"),
        other => json!(other),
    }
}
