//! Exclusion contexts: who was left out and why is the same for thousands of requests. The row
//! names it by hash; the document is kept once (D13).

use std::collections::BTreeMap;

use serde_json::{Map, Value as Document};
use sha2::{Digest, Sha256};
use switchyard_actors::domain::decision::ChainLink;

use crate::store::error::StoreError;
use crate::store::sql::Store;
use crate::store::value::Value;

/// Contexts by hash.
pub(super) type Contexts = BTreeMap<[u8; 32], String>;

const EXCLUDED: &str = "excluded";
const CONTEXT: &str = "context";

/// Prints a chain for its row; its contexts are moved to `contexts`.
pub(super) fn shorten(chain: &[ChainLink], contexts: &mut Contexts) -> Result<Value, StoreError> {
    let mut links = Vec::with_capacity(chain.len());
    for link in chain {
        let mut link = serde_json::to_value(link).map_err(|error| unreadable(&error))?;
        if let Some(decision) = decision(&mut link)
            && let Some(excluded) = decision.remove(EXCLUDED)
            && excluded.as_object().is_some_and(|map| !map.is_empty())
        {
            let body = excluded.to_string();
            let hash: [u8; 32] = Sha256::digest(body.as_bytes()).into();
            decision.insert(CONTEXT.to_owned(), Document::String(hex::encode(hash)));
            contexts.insert(hash, body);
        }
        links.push(link);
    }
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
