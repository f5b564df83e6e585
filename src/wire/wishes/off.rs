//! Thinking switched off in a request of Anthropic's.

use crate::wire::edit::Changes;
use crate::wire::tree::Node;

/// Switches thinking off for this request, and what cannot be without it.
pub(in crate::wire) fn switch(root: Node<'_>, changes: &mut Changes) {
    let context = root.get("context_management");
    let edits: Vec<_> =
        context.and_then(|it| it.get("edits")).into_iter().flat_map(|it| it.elements()).collect();
    let clears: Vec<bool> = edits.iter().map(|edit| clears_thinking(*edit)).collect();
    let alone = clears.contains(&true)
        && !clears.contains(&false)
        && context.is_some_and(|it| it.members().count() == 1);
    if alone {
        changes.remove_members(root, &["thinking", "context_management"]);
        return;
    }
    let spans: Vec<_> = edits.iter().map(Node::span).collect();
    changes.remove(&spans, |at| clears.get(at).copied().unwrap_or_default());
    changes.remove_members(root, &["thinking"]);
}

fn clears_thinking(edit: Node<'_>) -> bool {
    let kind = edit.get("type").and_then(|kind| kind.text());
    kind.is_some_and(|kind| kind.starts_with("clear_thinking"))
}
