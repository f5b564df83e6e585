//! Ids at Gemini's calls and results go: Vertex knows them by their order.

use super::Mend;
use crate::wire::edit::{Changes, Edit};
use crate::wire::tree::Node;

/// Both spellings of both.
const PLACES: [&str; 4] =
    ["functionCall", "functionResponse", "function_call", "function_response"];

pub(super) fn edits(root: Node<'_>) -> Vec<Edit> {
    let mut changes = Changes::named(Mend::FunctionIds.name());
    let contents = root.get("contents").into_iter().flat_map(|list| list.items());
    let parts = contents.filter_map(|content| content.get("parts")).flat_map(|list| list.items());
    for part in parts {
        for place in PLACES {
            if let Some(object) = part.get(place) {
                changes.remove_members(object, &["id"]);
            }
        }
    }
    changes.into_edits()
}
