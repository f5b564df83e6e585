//! Thinking items of a Responses request that their vendor cannot know go: without its seal it looks for
//! them among what it has kept, and another one has made them.

use super::Mend;
use crate::wire::convert::seal::is_marked;
use crate::wire::edit::{Changes, Edit};
use crate::wire::tree::Node;

pub(super) fn edits(root: Node<'_>) -> Vec<Edit> {
    let items: Vec<_> = root.get("input").iter().flat_map(Node::elements).collect();
    let gone: Vec<bool> = items.iter().map(|item| is_unsealed(*item)).collect();
    let mut changes = Changes::named(Mend::Reasoning.name());
    // Without an item there is no request: the vendor may say so.
    if gone.contains(&false) {
        let spans: Vec<_> = items.iter().map(Node::span).collect();
        changes.remove(&spans, |at| gone.get(at) == Some(&true));
    }
    changes.into_edits()
}

/// Tells whether an item is thinking without a vendor's seal, or refers to some.
fn is_unsealed(item: Node<'_>) -> bool {
    let text = |key: &str| item.get(key).and_then(|value| value.text());
    let is_sealed =
        || text("encrypted_content").is_some_and(|blob| !blob.is_empty() && !is_marked(&blob));
    match text("type").as_deref() {
        Some("reasoning") => !is_sealed(),
        Some("item_reference") => text("id").is_some_and(|id| id.starts_with("rs_")),
        _ => false,
    }
}
