//! A list of models in the shape that its client reads, with the pages that it asks for. Pure.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use switchyard_actors::domain::dialect::Dialect;

use crate::wire::percent;

/// The most that Anthropic's and Google's interfaces give at once.
const MOST: usize = 1_000;

/// Writes the list. `query` may ask for a page of it, in the words of its format.
#[must_use]
pub fn list(dialect: Dialect, names: &BTreeSet<String>, query: Option<&str>) -> Value {
    match dialect {
        Dialect::Anthropic => anthropic(names, query),
        Dialect::Gemini | Dialect::GeminiCli => gemini(dialect, names, query),
        // Codex wants its own rich catalogue and keeps to the one it has when there is nothing in it.
        Dialect::OpenaiChat | Dialect::Responses if asked(query, "client_version").is_some() => {
            json!({ "models": [] })
        }
        Dialect::OpenaiChat | Dialect::Responses => {
            json!({ "object": "list", "data": items(dialect, names) })
        }
    }
}

/// Writes one model.
#[must_use]
pub fn one(dialect: Dialect, name: &str) -> Value {
    match dialect {
        Dialect::Anthropic => json!({
            "type": "model",
            "id": name,
            "display_name": name,
            "created_at": "1970-01-01T00:00:00Z",
        }),
        Dialect::Gemini | Dialect::GeminiCli => json!({
            "name": format!("models/{name}"),
            "displayName": name,
            "supportedGenerationMethods": methods(name),
        }),
        Dialect::OpenaiChat | Dialect::Responses => json!({
            "id": name,
            "object": "model",
            "created": 0,
            "owned_by": "switchyard",
        }),
    }
}

/// Returns what tells one list from another; weak, as its order and spacing say nothing.
#[must_use]
pub fn etag(body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    digest.iter().take(12).fold("W/\"".to_owned(), |mut tag, byte| {
        // Writing to a string cannot fail.
        let _ = write!(tag, "{byte:02x}");
        tag
    }) + "\""
}

/// Tells whether a client has a list already, by its `If-None-Match`.
#[must_use]
pub fn has(if_none_match: &str, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    if_none_match.split(',').any(|tag| tag.trim() == "*" || opaque(tag) == opaque(etag))
}

fn anthropic(names: &BTreeSet<String>, query: Option<&str>) -> Value {
    let all: Vec<&String> = names.iter().collect();
    let after = asked(query, "after_id").map_or(0, |id| all.partition_point(|name| **name <= id));
    let before =
        asked(query, "before_id").map_or(all.len(), |id| all.partition_point(|name| **name < id));
    let most = page_of(query, "limit");
    let found = all.get(after..before).unwrap_or_default();
    // Who pages backwards wants those that are nearest to where it stands.
    let backwards = asked(query, "before_id").is_some();
    let start = if backwards { found.len().saturating_sub(most) } else { 0 };
    let end = start.saturating_add(most).min(found.len());
    let page = found.get(start..end).unwrap_or_default();
    json!({
        "data": page.iter().map(|name| one(Dialect::Anthropic, name)).collect::<Vec<_>>(),
        "has_more": page.len() < found.len(),
        "first_id": page.first(),
        "last_id": page.last(),
    })
}

fn gemini(dialect: Dialect, names: &BTreeSet<String>, query: Option<&str>) -> Value {
    let token = asked(query, "pageToken");
    let behind = |name: &&String| token.as_ref().is_none_or(|token| *name > token);
    let mut rest = names.iter().filter(behind);
    let page: Vec<&String> = rest.by_ref().take(page_of(query, "pageSize")).collect();
    let items: Vec<Value> = page.iter().map(|name| one(dialect, name)).collect();
    match (page.last(), rest.next()) {
        (Some(last), Some(_)) => json!({ "models": items, "nextPageToken": last }),
        _ => json!({ "models": items }),
    }
}

fn items(dialect: Dialect, names: &BTreeSet<String>) -> Vec<Value> {
    names.iter().map(|name| one(dialect, name)).collect()
}

/// Returns how many are asked for; all of them when that is not said.
fn page_of(query: Option<&str>, key: &str) -> usize {
    let size = asked(query, key).and_then(|size| size.parse().ok());
    size.map_or(usize::MAX, |size: usize| size.clamp(1, MOST))
}

fn asked(query: Option<&str>, key: &str) -> Option<String> {
    let pairs = query?.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.into_iter().find(|(name, _)| *name == key)?;
    percent::decode(value).map(std::borrow::Cow::into_owned).filter(|value| !value.is_empty())
}

fn methods(name: &str) -> &'static [&'static str] {
    if name.contains("embed") {
        &["embedContent", "batchEmbedContents", "countTokens"]
    } else {
        &["generateContent", "streamGenerateContent", "countTokens"]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn ids(list: &Value) -> Vec<&str> {
        list["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
    }

    #[test]
    fn each_client_reads_its_own_shape() {
        let names = names(&["m", "text-embedding"]);
        assert_eq!(list(Dialect::Anthropic, &names, None)["data"][0]["type"], "model");
        let gemini = list(Dialect::Gemini, &names, None);
        assert_eq!(gemini["models"][0]["name"], "models/m");
        assert_eq!(gemini["models"][1]["supportedGenerationMethods"][0], "embedContent");
        assert_eq!(list(Dialect::OpenaiChat, &names, None)["object"], "list");
        let codex = list(Dialect::OpenaiChat, &names, Some("client_version=0.169.0"));
        assert_eq!(codex, json!({ "models": [] }));
    }

    #[test]
    fn anthropics_pages_go_both_ways() {
        let names = names(&["a", "b", "c", "d"]);
        let page = |query| list(Dialect::Anthropic, &names, Some(query));
        assert_eq!(ids(&page("limit=1000")), ["a", "b", "c", "d"]);
        let first = page("limit=2");
        assert_eq!((ids(&first), &first["has_more"]), (vec!["a", "b"], &json!(true)));
        assert_eq!((&first["first_id"], &first["last_id"]), (&json!("a"), &json!("b")));
        let last = page("limit=2&after_id=b");
        assert_eq!((ids(&last), &last["has_more"]), (vec!["c", "d"], &json!(false)));
        assert_eq!(ids(&page("limit=2&before_id=d")), ["b", "c"]);
        assert_eq!(ids(&page("after_id=c&before_id=b")), Vec::<&str>::new());
    }

    #[test]
    fn a_tag_is_that_of_the_list_alone() {
        let tag = etag(b"one");
        assert!(tag.starts_with("W/\"") && tag != etag(b"two"));
        assert!(has(&tag, &tag) && has("\"x\", *", &tag) && !has("\"x\"", &tag));
        assert!(has(tag.trim_start_matches("W/"), &tag));
    }

    proptest! {
        /// Who follows Google's pages sees each model once.
        #[test]
        fn pages_add_up_to_the_list(
            all in prop::collection::btree_set("[a-z/:.-]{1,6}", 0..30),
            size in 1_usize..8,
        ) {
            let mut seen: Vec<String> = Vec::new();
            let mut token = String::new();
            loop {
                let query = format!("pageSize={size}&pageToken={}", percent::encode_segment(&token));
                let page = list(Dialect::Gemini, &all, Some(&query));
                for one in page["models"].as_array().unwrap() {
                    seen.push(one["displayName"].as_str().unwrap().to_owned());
                }
                match page["nextPageToken"].as_str() {
                    Some(next) => token = next.to_owned(),
                    None => break,
                }
            }
            prop_assert_eq!(seen, all.into_iter().collect::<Vec<_>>());
        }
    }
}
