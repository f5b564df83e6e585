//! A budget of thinking below the least: thinking gets a budget that every model takes, and the answer
//! room for it.

use super::Mend;
use crate::wire::edit::{Changes, Edit};
use crate::wire::tree::Node;

/// The budget that is asked for instead.
const BUDGET: u64 = 32_000;
/// The room of an answer that has too little for that budget.
const ROOM: u64 = 64_000;

pub(super) fn edits(root: Node<'_>) -> Vec<Edit> {
    let mut changes = Changes::named(Mend::ThinkingBudget.name());
    let thinking = root.get("thinking");
    if thinking.and_then(|thinking| thinking.get("type")).is_some_and(|kind| kind.is("adaptive")) {
        return Vec::new();
    }
    let differs = if let Some(thinking) = thinking.filter(Node::is_object) {
        let kind = changes.set(thinking, "type", "\"enabled\"");
        changes.set(thinking, "budget_tokens", &BUDGET.to_string()) || kind
    } else {
        let enabled = format!("{{\"type\":\"enabled\",\"budget_tokens\":{BUDGET}}}");
        changes.set(root, "thinking", &enabled)
    };
    let most = root.get("max_tokens").and_then(|most| most.number()).unwrap_or_default();
    if differs && most <= BUDGET {
        changes.set(root, "max_tokens", &ROOM.to_string());
    }
    changes.into_edits()
}
