//! The billing block of Claude Code.
//!
//! It stands first in the system text and is another one in each conversation: vendors other than
//! Anthropic, who read it as text, find no prefix in their caches because of it.

use super::Granted;
use crate::wire::edit::Changes;
use crate::wire::tree::Node;

/// What the block begins with.
pub const HEADER: &str = "x-anthropic-billing-header:";
const NAME: &str = "billing_header";

pub(super) fn remove(root: Node<'_>, granted: &mut Granted) {
    let Some(system) = root.get("system") else { return };
    granted.change(NAME, "taken out", |changes| {
        if system.is_list() {
            from_list(root, system, changes);
        } else if begins(system) {
            from_text(root, system, changes);
        }
    });
}

/// Tells whether a block is the billing block.
pub(super) fn is_it(block: Node<'_>) -> bool {
    block.get("text").is_some_and(begins)
}

/// Tells whether a text begins with it.
pub(super) fn begins(text: Node<'_>) -> bool {
    let raw = text.raw();
    raw.get(1..).is_some_and(|inside| inside.starts_with(HEADER.as_bytes()))
}

fn from_list(root: Node<'_>, system: Node<'_>, changes: &mut Changes) {
    let blocks: Vec<_> = system.elements().collect();
    let goes: Vec<bool> = blocks.iter().map(|block| is_it(*block)).collect();
    if !goes.contains(&false) && goes.contains(&true) {
        changes.remove_members(root, &["system"]);
        return;
    }
    let spans: Vec<_> = blocks.iter().map(Node::span).collect();
    changes.remove(&spans, |at| goes.get(at).copied().unwrap_or_default());
}

/// Of a text its first line goes, with the line breaks behind it.
fn from_text(root: Node<'_>, system: Node<'_>, changes: &mut Changes) {
    let (raw, span) = (system.raw(), system.span());
    let Some(line) = memchr::memmem::find(raw, b"\\n") else {
        changes.remove_members(root, &["system"]);
        return;
    };
    let mut end = line;
    while raw.get(end..).is_some_and(|rest| rest.starts_with(b"\\n")) {
        end += 2;
    }
    changes.replace(span.start + 1..span.start + end, "");
}
