//! The settings of Responses requests.

use std::sync::Arc;

use serde_json::Value;
use switchyard_actors::domain::preferences::Preferences;

use super::Granted;
use crate::wire::edit::Changes;
use crate::wire::tree::Node;

const IMAGE_TOOL: &str = "image_generation";
const IMAGE: &str = "override_image_generation";

pub(super) fn set(wants: &Preferences, root: Node<'_>, granted: &mut Granted) {
    if let Some(on) = wants.parallel_tools {
        granted.set("override_parallel_tool_calls", (root, "parallel_tool_calls"), word(on));
    }
    let reasoning = [
        ("override_reasoning_effort", "effort", &wants.reasoning_effort),
        ("override_reasoning_summary", "summary", &wants.reasoning_summary),
    ];
    inside(root, "reasoning", &reasoning, granted);
    inside(root, "text", &[("override_verbosity", "verbosity", &wants.verbosity)], granted);
    if let Some(tier) = &wants.service_tier {
        granted.set("override_service_tier", (root, "service_tier"), &quoted(tier));
    }
    match wants.image_generation {
        Some(true) => add_image_tool(root, granted),
        Some(false) => remove_image_tool(root, granted),
        None => {}
    }
}

/// Sets members of an object within the body, which is made where it is not there.
fn inside(
    root: Node<'_>,
    key: &str,
    members: &[(&'static str, &str, &Option<Arc<str>>)],
    granted: &mut Granted,
) {
    let wanted = || {
        members.iter().filter_map(|(name, key, word)| Some((*name, *key, quoted(word.as_ref()?))))
    };
    if let Some(object) = root.get(key).filter(Node::is_object) {
        for (name, key, json) in wanted() {
            granted.set(name, (object, key), &json);
        }
        return;
    }
    let written: Vec<String> =
        wanted().map(|(_, key, json)| format!("{}:{json}", quoted(key))).collect();
    let names: Vec<&'static str> = wanted().map(|(name, ..)| name).collect();
    granted.set_together(&names, (root, key), &format!("{{{}}}", written.join(",")));
}

fn add_image_tool(root: Node<'_>, granted: &mut Granted) {
    let tool = format!("{{\"type\":\"{IMAGE_TOOL}\"}}");
    let has = lists(root).into_iter().flat_map(|list| list.elements()).any(is_image_tool);
    if has {
        return;
    }
    granted.change(IMAGE, "put in", |changes| match root.get("tools").filter(Node::is_list) {
        Some(list) => changes.append(list, &tool),
        None => {
            changes.set(root, "tools", &format!("[{tool}]"));
        }
    });
}

/// Takes the tool out of all lists. A choice that is left with no tool becomes `none`: `auto` would let
/// the model call what the client had not asked for.
fn remove_image_tool(root: Node<'_>, granted: &mut Granted) {
    granted.change(IMAGE, "taken out", |changes| {
        let before = changes.count();
        let left: usize = lists(root).into_iter().map(|list| remove_from(list, changes)).sum();
        if let Some(choice) = root.get("tool_choice").filter(|_| changes.count() > before) {
            mend_choice(root, choice, left, changes);
        }
    });
}

fn mend_choice(root: Node<'_>, choice: Node<'_>, left: usize, changes: &mut Changes) {
    let allowed = choice.get("tools").filter(Node::is_list);
    let is_for_it = is_image_tool(choice)
        || allowed.is_some_and(|list| list.elements().all(is_image_tool))
        || (left == 0 && choice.is("required"));
    if is_for_it {
        changes.set(root, "tool_choice", "\"none\"");
    } else if let Some(list) = allowed {
        remove_from(list, changes);
    }
}

/// Returns how many tools stay.
fn remove_from(list: Node<'_>, changes: &mut Changes) -> usize {
    let tools: Vec<_> = list.elements().collect();
    let goes: Vec<bool> = tools.iter().map(|tool| is_image_tool(*tool)).collect();
    let spans: Vec<_> = tools.iter().map(Node::span).collect();
    changes.remove(&spans, |at| goes.get(at).copied().unwrap_or_default());
    goes.iter().filter(|goes| !**goes).count()
}

/// Returns the lists of tools: the request's, and those of items that bring more.
fn lists(root: Node<'_>) -> Vec<Node<'_>> {
    let brings = |item: &Node<'_>| item.get("type").is_some_and(|it| it.is("additional_tools"));
    let items = root.get("input").into_iter().flat_map(|input| input.elements()).filter(brings);
    root.get("tools").into_iter().chain(items.filter_map(|item| item.get("tools"))).collect()
}

fn is_image_tool(tool: Node<'_>) -> bool {
    tool.get("type").is_some_and(|kind| kind.is(IMAGE_TOOL))
}

const fn word(on: bool) -> &'static str {
    if on { "true" } else { "false" }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
