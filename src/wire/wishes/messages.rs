//! The room and the thinking of Anthropic's requests.

use switchyard_actors::domain::preferences::{Adaptive, Preferences};

use super::Granted;
use crate::wire::convert::effort::LEAST_BUDGET;
use crate::wire::tree::Node;

const MAX_TOKENS: &str = "override_max_tokens";
const THINKING: &str = "override_thinking";
const EFFORT: &str = "override_effort";

pub(super) fn set(wants: &Preferences, model: &str, root: Node<'_>, granted: &mut Granted) {
    if let Some(most) = wants.max_tokens {
        granted.set(MAX_TOKENS, (root, "max_tokens"), &most.to_string());
    }
    // Anthropic refuses thinking beside a tool that has to be called.
    let forced =
        root.find(&["tool_choice", "type"]).is_some_and(|it| it.is("any") || it.is("tool"));
    if forced {
        return;
    }
    let adaptive = wants.adaptive.as_ref().filter(|adaptive| is_for(adaptive, model));
    match (adaptive, wants.thinking_budget) {
        (Some(adaptive), _) => think_adaptively(&adaptive.effort, root, granted),
        (None, Some(budget)) => {
            let asked = || root.get("max_tokens").and_then(|most| most.number());
            let most = wants.max_tokens.map(u64::from).or_else(asked);
            think_within(u64::from(budget), most, root, granted);
        }
        (None, None) => {}
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
/// thinking stays as the client asks for it.
fn think_within(budget: u64, most: Option<u64>, root: Node<'_>, granted: &mut Granted) {
    let budget = most.map_or(budget, |most| budget.min(most.saturating_sub(1)));
    if budget < LEAST_BUDGET {
        return;
    }
    let thinking = root.get("thinking");
    let is_on = thinking.and_then(|it| it.get("type")).is_some_and(|kind| kind.is("enabled"));
    if let Some(thinking) = thinking.filter(|_| is_on) {
        granted.set(THINKING, (thinking, "budget_tokens"), &budget.to_string());
    } else {
        let json = format!("{{\"type\":\"enabled\",\"budget_tokens\":{budget}}}");
        granted.set(THINKING, (root, "thinking"), &json);
    }
}
