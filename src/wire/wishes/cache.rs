//! How long Anthropic's cache marks last.
//!
//! Marks are read in the order tools, system, messages, and one of an hour may not follow one of five
//! minutes: so all of a request get the same word, wherever they stand. No mark is put where none was
//! ([`super::marks`] does that, where it is wished), and a text that carries none stays a text.

use switchyard_actors::domain::preferences::CacheTtl;

use super::{Granted, LONG_CACHE_BETA};
use crate::wire::tree::Node;

const NAME: &str = "cache_ttl";
/// Content within content within content: a result with a document with pages.
const DEEPEST: u8 = 4;

/// Finds all marks. `without_billing` says that the billing block goes, and a mark on it.
pub(super) fn marks(without_billing: bool, root: Node<'_>) -> Vec<Node<'_>> {
    let mut marks = Vec::new();
    of_list(root.get("tools"), DEEPEST, &mut marks);
    let system = root.get("system").into_iter().flat_map(|list| list.elements());
    for block in system.filter(|block| !(without_billing && super::billing::is_it(*block))) {
        of_block(block, DEEPEST, &mut marks);
    }
    for message in root.get("messages").into_iter().flat_map(|list| list.elements()) {
        of_block(message, DEEPEST, &mut marks);
    }
    // The mark of the whole request, which the vendor moves to its last block.
    marks.extend(root.get("cache_control").filter(is_ephemeral));
    marks
}

/// Sets how long all marks last.
pub(super) fn set(ttl: CacheTtl, without_billing: bool, root: Node<'_>, granted: &mut Granted) {
    let mut marks = marks(without_billing, root);
    if ttl == CacheTtl::OneHour && !marks.is_empty() {
        granted.beta.push(LONG_CACHE_BETA);
    }
    // A mark without a word lasts five minutes.
    let is_so = |mark: &Node<'_>| match mark.get("ttl") {
        Some(word) => word.is(ttl.name()),
        None => ttl == CacheTtl::FiveMinutes,
    };
    marks.retain(|mark| !is_so(mark));
    granted.change(NAME, &format!("{} marks -> {}", marks.len(), ttl.name()), |changes| {
        for mark in &marks {
            changes.set(*mark, "ttl", &format!("\"{}\"", ttl.name()));
        }
    });
}

fn of_list<'a>(list: Option<Node<'a>>, deep: u8, marks: &mut Vec<Node<'a>>) {
    for block in list.into_iter().flat_map(|list| list.elements()) {
        of_block(block, deep, marks);
    }
}

fn of_block<'a>(block: Node<'a>, deep: u8, marks: &mut Vec<Node<'a>>) {
    if let Some(deeper) = deep.checked_sub(1) {
        of_list(block.get("content"), deeper, marks);
        of_list(block.find(&["source", "content"]), deeper, marks);
    }
    marks.extend(block.get("cache_control").filter(is_ephemeral));
}

fn is_ephemeral(mark: &Node<'_>) -> bool {
    mark.get("type").is_some_and(|kind| kind.is("ephemeral"))
}
