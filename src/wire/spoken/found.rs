//! Texts of blocks that hold what somebody found: documents and search results of Anthropic's format.

use std::ops::Range;

use crate::wire::tree::Node;

/// Tells whether blocks of a kind are such.
pub(super) fn is_it(kind: &str) -> bool {
    matches!(kind, "document" | "search_result")
}

/// Returns where texts of a block stand in it, quotes included.
pub(super) fn texts(block: &[u8]) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    for member in Node::root(block).into_iter().flat_map(|root| root.members()) {
        let (key, value) = (member.key, member.value);
        if key.is("title") || key.is("context") {
            string(value, &mut spans);
        } else if key.is("content") {
            content(value, &mut spans);
        } else if key.is("source") {
            source(value, &mut spans);
        }
    }
    spans
}

/// Of a source its text, not its bytes or its address.
fn source(source: Node<'_>, spans: &mut Vec<Range<usize>>) {
    string(source, spans);
    let is_bytes = source.members().any(|it| it.key.is("type") && it.value.is("base64"))
        && !source.members().any(|it| it.key.is("type") && it.value.is("text"));
    for member in source.members() {
        if member.key.is("content") {
            content(member.value, spans);
        } else if member.key.is("data") && !is_bytes {
            string(member.value, spans);
        }
    }
}

fn content(content: Node<'_>, spans: &mut Vec<Range<usize>>) {
    string(content, spans);
    for block in content.elements() {
        string(block, spans);
        for member in block.members().filter(|member| member.key.is("text")) {
            string(member.value, spans);
        }
    }
}

fn string(node: Node<'_>, spans: &mut Vec<Range<usize>>) {
    if node.raw().first() == Some(&b'"') {
        spans.push(node.span());
    }
}
