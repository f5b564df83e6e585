//! Exclusion contexts: who was left out and why is the same for thousands of requests. The row
//! names it by hash; the document is kept once (D13).

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value as Document};
use sha2::{Digest, Sha256};
use switchyard_actors::domain::decision::{ChainLink, Decision, Exclusion, LinkEndpoint, Method};
use switchyard_actors::domain::error_rules::LinkRule;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;

use crate::store::error::StoreError;
use crate::store::sql::Store;
use crate::store::text::Text;
use crate::store::value::Value;

type Excluded = BTreeMap<Exclusion, Vec<ProviderId>>;

/// The contexts of a batch, each named once.
#[derive(Debug, Default)]
pub(super) struct Contexts<'rows>(BTreeMap<&'rows Excluded, Context>);

#[derive(Debug)]
struct Context {
    hash: [u8; 32],
    name: String,
    body: String,
}

impl Context {
    /// Names a context. A document sorts its keys by their names: the hash is over that text.
    fn of(excluded: &Excluded) -> Result<Self, StoreError> {
        let body = serde_json::to_value(excluded).map_err(|error| unreadable(&error))?.to_string();
        let hash: [u8; 32] = Sha256::digest(body.as_bytes()).into();
        Ok(Self { hash, name: hex::encode(hash), body })
    }
}

impl<'rows> Contexts<'rows> {
    /// Returns the contexts by their hashes: one order for all writers.
    pub(super) fn into_bodies(self) -> BTreeMap<[u8; 32], String> {
        self.0.into_values().map(|context| (context.hash, context.body)).collect()
    }

    fn note(&mut self, decision: &'rows Decision) -> Result<(), StoreError> {
        let excluded = &decision.excluded;
        if !excluded.is_empty() && !self.0.contains_key(excluded) {
            self.0.insert(excluded, Context::of(excluded)?);
        }
        Ok(())
    }

    fn name(&self, decision: &Decision) -> Option<&str> {
        self.0.get(&decision.excluded).map(|context| context.name.as_str())
    }
}

const EXCLUDED: &str = "excluded";
const CONTEXT: &str = "context";

/// A chain link as its row keeps it: it reads like [`ChainLink`], but for the decision.
#[derive(Serialize)]
struct ShortLink<'a> {
    provider: ProviderId,
    name: &'a str,
    reason: &'a str,
    attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<&'a LinkEndpoint>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    inferred: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy_fault: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a LinkRule>,
    started_ms: u64,
    took_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<ShortDecision<'a>>,
}

/// A decision that names its exclusion context instead of spelling it out.
#[derive(Serialize)]
struct ShortDecision<'a> {
    seed: u64,
    catalogue: i64,
    pick: Option<ProviderId>,
    method: Method,
    priority: Option<i64>,
    tier: &'a [(ProviderId, u32)],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    converted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    room_at: &'a [(ProviderId, Micros)],
}

impl<'a> ShortLink<'a> {
    /// Spells every field out: one that is new to [`ChainLink`] must be thought of here.
    fn of(link: &'a ChainLink, contexts: &'a Contexts<'_>) -> Self {
        let ChainLink {
            provider,
            name,
            reason,
            attempt,
            endpoint,
            status,
            inferred,
            error,
            proxy_fault,
            rule,
            started_ms,
            took_ms,
            decision,
        } = link;
        Self {
            provider: *provider,
            name,
            reason,
            attempt: *attempt,
            endpoint: endpoint.as_ref(),
            status: *status,
            inferred: *inferred,
            error: error.as_deref(),
            proxy_fault: proxy_fault.as_deref(),
            rule: rule.as_deref(),
            started_ms: *started_ms,
            took_ms: *took_ms,
            decision: decision.as_ref().map(|decision| ShortDecision::of(decision, contexts)),
        }
    }
}

impl<'a> ShortDecision<'a> {
    fn of(decision: &'a Decision, contexts: &'a Contexts<'_>) -> Self {
        let Decision {
            seed,
            catalogue,
            pick,
            method,
            priority,
            tier,
            converted,
            excluded: _,
            room_at,
        } = decision;
        Self {
            seed: *seed,
            catalogue: *catalogue,
            pick: *pick,
            method: *method,
            priority: *priority,
            tier,
            converted: *converted,
            context: contexts.name(decision),
            room_at,
        }
    }
}

/// Prints a chain for its row; its contexts are noted in `contexts`.
pub(super) fn shorten<'rows>(
    chain: &'rows [ChainLink],
    contexts: &mut Contexts<'rows>,
) -> Result<Value, StoreError> {
    if chain.is_empty() {
        return Ok(Value::Json(Text::Fixed("[]")));
    }
    for decision in chain.iter().filter_map(|link| link.decision.as_ref()) {
        contexts.note(decision)?;
    }
    let links: Vec<ShortLink<'_>> =
        chain.iter().map(|link| ShortLink::of(link, contexts)).collect();
    Value::json(&links)
}

/// Reads chains back, with their contexts.
pub(super) async fn restore(
    store: &Store,
    chains: Vec<Vec<Document>>,
) -> Result<Vec<Vec<ChainLink>>, StoreError> {
    let mut chains = chains;
    let hashes: Vec<String> = chains.iter_mut().flatten().filter_map(context_of).collect();
    let known = read(store, hashes).await?;
    for link in chains.iter_mut().flatten() {
        let found = context_of(link).and_then(|hash| known.get(&hash).cloned());
        if let Some(decision) = decision(link) {
            decision.remove(CONTEXT);
            let excluded = found.unwrap_or_else(|| Document::Object(Map::new()));
            decision.insert(EXCLUDED.to_owned(), excluded);
        }
    }
    let read =
        |chain| serde_json::from_value(Document::Array(chain)).map_err(|error| unreadable(&error));
    chains.into_iter().map(read).collect()
}

async fn read(
    store: &Store,
    mut hashes: Vec<String>,
) -> Result<BTreeMap<String, Document>, StoreError> {
    hashes.sort_unstable();
    hashes.dedup();
    if hashes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = store.query("ledger/contexts", vec![Value::json(&hashes)?]).await?;
    rows.iter().map(|row| Ok((hex::encode(row.bytes("hash")?), row.json("body")?))).collect()
}

fn context_of(link: &mut Document) -> Option<String> {
    decision(link)?.get(CONTEXT)?.as_str().map(str::to_owned)
}

fn decision(link: &mut Document) -> Option<&mut Map<String, Document>> {
    link.get_mut("decision")?.as_object_mut()
}

fn unreadable(error: &serde_json::Error) -> StoreError {
    StoreError::row("chain", error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use std::sync::Arc;

    use switchyard_actors::domain::error_rules::{MatchType, RuleAction};
    use switchyard_actors::domain::ids::{EndpointId, ErrorRuleId};

    use super::*;

    fn link(excluded: Excluded) -> ChainLink {
        let rule = LinkRule {
            id: ErrorRuleId(7),
            pattern: "too long".into(),
            match_type: MatchType::Contains,
            action: RuleAction::Client,
            category: "prompt_limit".into(),
            rewords: true,
        };
        let decision = Decision {
            seed: u64::MAX,
            catalogue: 3,
            pick: None,
            method: Method::Draw,
            room_at: vec![(ProviderId(4), Micros(5))],
            priority: None,
            tier: vec![(ProviderId(1), 2)],
            converted: true,
            excluded,
        };
        ChainLink {
            provider: ProviderId(1),
            name: "one".into(),
            reason: "retry_failed".into(),
            attempt: 1,
            endpoint: Some(LinkEndpoint { id: EndpointId(4), url: "http://a".into() }),
            status: Some(500),
            inferred: true,
            error: Some("a \"word\"".into()),
            proxy_fault: Some("the proxy".into()),
            rule: Some(Arc::new(rule)),
            started_ms: 1,
            took_ms: 2,
            decision: Some(decision),
        }
    }

    fn printed(value: &Value) -> Document {
        let Value::Json(text) = value else { panic!("{value:?} is no document") };
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_row_keeps_the_link_as_it_is_but_for_who_was_left_out() {
        let excluded = BTreeMap::from([(Exclusion::Tried, vec![ProviderId(9)])]);
        let mut bare = link(Excluded::new());
        (bare.status, bare.inferred, bare.error, bare.decision) = (None, false, None, None);
        (bare.proxy_fault, bare.endpoint, bare.rule) = (None, None, None);
        let chain = [link(excluded), link(Excluded::new()), bare];
        let mut contexts = Contexts::default();
        let kept = printed(&shorten(&chain, &mut contexts).unwrap());
        let mut wanted = serde_json::to_value(&chain).unwrap();
        let name = hex::encode(Sha256::digest(br#"{"tried":[9]}"#));
        for (number, context) in [(0, Some(&name)), (1, None)] {
            let decision = decision(&mut wanted[number]).unwrap();
            decision.remove(EXCLUDED);
            if let Some(context) = context {
                decision.insert(CONTEXT.to_owned(), json!(context));
            }
        }
        assert_eq!(kept, wanted);
    }

    #[test]
    fn a_context_has_one_hash_for_ever_and_is_noted_once() {
        // As rows in databases have it: the keys by their names, not in the order of the variants.
        let body = r#"{"circuit_open":[4],"disabled":[8,9],"group":[]}"#;
        let excluded = BTreeMap::from([
            (Exclusion::Group, vec![]),
            (Exclusion::Disabled, vec![ProviderId(8), ProviderId(9)]),
            (Exclusion::CircuitOpen, vec![ProviderId(4)]),
        ]);
        let chain = [link(excluded.clone()), link(excluded)];
        let mut contexts = Contexts::default();
        shorten(&chain, &mut contexts).unwrap();
        let hash: [u8; 32] = Sha256::digest(body).into();
        assert_eq!(contexts.into_bodies(), BTreeMap::from([(hash, body.to_owned())]));
    }
}
