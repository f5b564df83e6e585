//! The room and the thinking of Anthropic's requests.

use switchyard_actors::domain::preferences::{Adaptive, Preferences};

use super::conflict::conflict;
use super::{Granted, off};
use crate::wire::convert::effort::LEAST_BUDGET;
use crate::wire::tree::Node;

const MAX_TOKENS: &str = "override_max_tokens";
const THINKING: &str = "override_thinking";
const EFFORT: &str = "override_effort";

pub(super) fn set(wants: &Preferences, model: &str, root: Node<'_>, granted: &mut Granted) {
    if let Some(most) = wants.max_tokens {
        granted.set(MAX_TOKENS, (root, "max_tokens"), &most.to_string());
    }
    let asked = || root.get("max_tokens").and_then(|most| most.number());
    let most = wants.max_tokens.map(u64::from).or_else(asked);
    let adaptive = wants.adaptive.as_ref().filter(|adaptive| is_for(adaptive, model));
    let thinks = match (adaptive, wants.thinking_budget) {
        (None, None) => false,
        (adaptive, budget) => {
            if let Some(why) = conflict(root, adaptive.is_none()) {
                granted.notes.push(format!("{THINKING}: left out beside {why}"));
                false
            } else if let Some(adaptive) = adaptive {
                think_adaptively(&adaptive.effort, root, granted);
                true
            } else {
                think_within(u64::from(budget.unwrap_or_default()), most, root, granted)
            }
        }
    };
    if let (false, Some(_), Some(most)) = (thinks, wants.max_tokens, most) {
        keep_within(most, root, granted);
    }
}

/// Tells whether adaptive thinking is meant for a model: one of the list, or one that begins so and goes
/// on with a dash.
fn is_for(adaptive: &Adaptive, model: &str) -> bool {
    let begins = |name: &str| {
        let rest = model.get(..name.len()).filter(|head| head.eq_ignore_ascii_case(name));
        rest.and_then(|_| model.get(name.len()..))
    };
    let is_one = |name: &str| begins(name).is_some_and(|it| it.is_empty() || it.starts_with('-'));
    adaptive.models.is_empty() || adaptive.models.iter().any(|name| is_one(name))
}

fn think_adaptively(effort: &str, root: Node<'_>, granted: &mut Granted) {
    let is_so = root.find(&["thinking", "type"]).is_some_and(|kind| kind.is("adaptive"));
    if !is_so {
        granted.set(THINKING, (root, "thinking"), r#"{"type":"adaptive"}"#);
    }
    let effort = serde_json::Value::from(effort).to_string();
    match root.get("output_config").filter(Node::is_object) {
        Some(config) => granted.set(EFFORT, (config, "effort"), &effort),
        None => granted.set(EFFORT, (root, "output_config"), &format!("{{\"effort\":{effort}}}")),
    }
}

/// Asks for a budget, within the room of the answer. Where that leaves less than the least budget,
/// thinking stays as the client asks for it, and this says so.
fn think_within(budget: u64, most: Option<u64>, root: Node<'_>, granted: &mut Granted) -> bool {
    let budget = most.map_or(budget, |most| budget.min(most.saturating_sub(1)));
    if budget < LEAST_BUDGET {
        return false;
    }
    if let Some(thinking) = root.get("thinking").filter(is_on) {
        granted.set(THINKING, (thinking, "budget_tokens"), &budget.to_string());
    } else {
        let json = format!("{{\"type\":\"enabled\",\"budget_tokens\":{budget}}}");
        granted.set(THINKING, (root, "thinking"), &json);
    }
    true
}

fn is_on(thinking: &Node<'_>) -> bool {
    thinking.get("type").is_some_and(|kind| kind.is("enabled"))
}

/// Keeps the client's own budget below the room that the answer was given; where that leaves less than
/// the least budget, thinking goes.
fn keep_within(most: u64, root: Node<'_>, granted: &mut Granted) {
    let Some(thinking) = root.get("thinking").filter(is_on) else { return };
    let asked = thinking.get("budget_tokens").and_then(|budget| budget.number());
    let budget = most.saturating_sub(1);
    if asked.is_none_or(|asked| asked <= budget) {
        return;
    }
    if budget < LEAST_BUDGET {
        granted.change(THINKING, "switched off", |changes| off::switch(root, changes));
    } else {
        granted.set(THINKING, (thinking, "budget_tokens"), &budget.to_string());
    }
}
