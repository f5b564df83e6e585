//! Gemini's own search.

use std::ops::Range;

use switchyard_actors::domain::preferences::Preferences;

use super::Granted;
use crate::wire::tree::Node;

const NAME: &str = "override_google_search";
/// The search and the one of older models, in both spellings.
const SEARCH: [&str; 4] =
    ["googleSearch", "google_search", "googleSearchRetrieval", "google_search_retrieval"];
const TOOL: &str = r#"{"googleSearch":{}}"#;

pub(super) fn search(wants: &Preferences, request: Node<'_>, granted: &mut Granted) {
    match wants.google_search {
        Some(true) => add(request, granted),
        Some(false) => remove(request, granted),
        None => {}
    }
}

/// Puts the search behind the client's own tools; one that is no list of tools becomes one.
fn add(request: Node<'_>, granted: &mut Granted) {
    let tools = request.get("tools").filter(|tools| tools.is_list() || tools.is_object());
    let mut all = tools.into_iter().flat_map(|tools| tools.items());
    if all.any(|tool| SEARCH.iter().any(|name| tool.get(name).is_some())) {
        return;
    }
    granted.change(NAME, "put in", |changes| match tools {
        Some(list) if list.is_list() => changes.append(list, TOOL),
        Some(one) => {
            let Range { start, end } = one.span();
            changes.replace(start..start, "[");
            changes.replace(end..end, format!(",{TOOL}]"));
        }
        None => {
            changes.set(request, "tools", &format!("[{TOOL}]"));
        }
    });
}

/// Takes the search out of all tools; one that was nothing else goes, and so does a list that was
/// nothing else.
fn remove(request: Node<'_>, granted: &mut Granted) {
    let tools = request.get("tools").map(|tools| tools.items()).unwrap_or_default();
    let alone: Vec<bool> = tools.iter().map(|tool| is_only_search(*tool)).collect();
    granted.change(NAME, "taken out", |changes| {
        if alone.contains(&true) && !alone.contains(&false) {
            changes.remove_members(request, &["tools"]);
            return;
        }
        for (tool, _) in tools.iter().zip(&alone).filter(|(_, alone)| !**alone) {
            changes.remove_members(*tool, &SEARCH);
        }
        let spans: Vec<_> = tools.iter().map(Node::span).collect();
        changes.remove(&spans, |at| alone.get(at).copied().unwrap_or_default());
    });
}

fn is_only_search(tool: Node<'_>) -> bool {
    let is_search = |key: Node<'_>| SEARCH.iter().any(|name| key.is(name));
    tool.members().next().is_some() && tool.members().all(|member| is_search(member.key))
}
