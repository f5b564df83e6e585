//! Thinking that was signed by others goes, and the signatures that strayed elsewhere.

use super::Mend;
use crate::wire::edit::{Changes, Edit};
use crate::wire::tree::Node;
use crate::wire::wishes::off;

pub(super) fn edits(root: Node<'_>) -> Vec<Edit> {
    let mut changes = Changes::named(Mend::ThinkingSignature.name());
    let Some(list) = root.get("messages").filter(Node::is_list) else { return Vec::new() };
    let messages: Vec<_> = list.elements().collect();
    // A message without content is refused everywhere: one that was nothing but thinking goes with it.
    let empty: Vec<bool> = messages.iter().map(|message| is_only_thinking(*message)).collect();
    let kept = || messages.iter().zip(&empty).filter(|(_, gone)| !**gone).map(|(kept, _)| *kept);
    for message in kept() {
        clean(message, &mut changes);
    }
    let spans: Vec<_> = messages.iter().map(Node::span).collect();
    changes.remove(&spans, |at| empty.get(at).copied().unwrap_or_default());
    if needs_thinking(root, kept()) {
        off::switch(root, &mut changes);
    }
    changes.into_edits()
}

fn is_thinking(block: Node<'_>) -> bool {
    block.get("type").is_some_and(|kind| kind.is("thinking") || kind.is("redacted_thinking"))
}

fn is_only_thinking(message: Node<'_>) -> bool {
    let Some(content) = message.get("content") else { return false };
    let mut blocks = content.elements();
    content.elements().next().is_some() && blocks.all(is_thinking)
}

/// Takes thinking out of a message, and signatures off its other blocks.
fn clean(message: Node<'_>, changes: &mut Changes) {
    let Some(content) = message.get("content") else { return };
    let blocks: Vec<_> = content.elements().collect();
    let thinking: Vec<bool> = blocks.iter().map(|block| is_thinking(*block)).collect();
    let spans: Vec<_> = blocks.iter().map(Node::span).collect();
    changes.remove(&spans, |at| thinking.get(at).copied().unwrap_or_default());
    for (block, _) in blocks.iter().zip(&thinking).filter(|(_, gone)| !**gone) {
        changes.remove_members(*block, &["signature"]);
    }
}

/// Tells whether thinking that is switched on demands what is no longer there: a last answer that calls
/// tools has to begin with its thinking. Adaptive thinking does not ask for that.
fn needs_thinking<'a>(root: Node<'a>, messages: impl Iterator<Item = Node<'a>>) -> bool {
    let on = root.find(&["thinking", "type"]).is_some_and(|kind| kind.is("enabled"));
    let said = |message: &Node<'_>| message.get("role").is_some_and(|role| role.is("assistant"));
    let last = messages.filter(said).last().and_then(|message| message.get("content"));
    let calls = |block: Node<'_>| block.get("type").is_some_and(|kind| kind.is("tool_use"));
    on && last.is_some_and(|content| content.elements().any(calls))
}
