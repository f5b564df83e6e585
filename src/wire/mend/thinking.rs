//! A budget of thinking below the least: it becomes one that every model takes, and the answer gets room
//! for it. Thinking that is not on stays off.

use super::{Bounds, Mend};
use crate::wire::convert::effort::LEAST_BUDGET;
use crate::wire::edit::{Changes, Edit};
use crate::wire::tree::Node;

/// The budget that is asked for instead.
const BUDGET: u64 = 32_000;
/// The room of an answer that has too little for that budget.
const ROOM: u64 = 64_000;

pub(super) fn edits(root: Node<'_>, bounds: Bounds) -> Vec<Edit> {
    let mut changes = Changes::named(Mend::ThinkingBudget.name());
    let is_on = |it: &Node<'_>| it.get("type").is_some_and(|kind| kind.is("enabled"));
    let Some(thinking) = root.get("thinking").filter(is_on) else { return Vec::new() };
    let asked = thinking.get("budget_tokens").and_then(|budget| budget.number());
    if asked.is_some_and(|budget| budget >= LEAST_BUDGET) {
        return Vec::new();
    }
    let most = root.get("max_tokens").and_then(|most| most.number());
    // Where the room is not ours to set, the budget keeps within it.
    let fixed = if bounds.counts { most } else { bounds.room };
    let budget = fixed.map_or(BUDGET, |room| BUDGET.min(room.saturating_sub(1)));
    if budget < LEAST_BUDGET {
        return Vec::new();
    }
    changes.set(thinking, "budget_tokens", &budget.to_string());
    let is_ours = !bounds.counts && bounds.room.is_none();
    if is_ours && most.unwrap_or_default() <= BUDGET {
        changes.set(root, "max_tokens", &ROOM.to_string());
    }
    changes.into_edits()
}
