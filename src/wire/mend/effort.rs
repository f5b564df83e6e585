//! An effort is asked for while thinking is off: the effort goes.

use super::Mend;
use crate::wire::convert::effort::RESTS;
use crate::wire::edit::{Changes, Edit};
use crate::wire::tree::Node;

pub(super) fn edits(root: Node<'_>) -> Vec<Edit> {
    let mut changes = Changes::named(Mend::ThinkingEffort.name());
    if !is_off(root) {
        return Vec::new();
    }
    let config = root.get("output_config");
    let effort = config.and_then(|config| config.get("effort"));
    let stands_alone = effort.is_some() && config.is_some_and(|it| it.members().count() == 1);
    let mut gone = vec!["reasoning_effort"];
    match config {
        _ if stands_alone => gone.push("output_config"),
        Some(config) => {
            changes.remove_members(config, &["effort"]);
        }
        None => {}
    }
    changes.remove_members(root, &gone);
    changes.into_edits()
}

/// Tells whether thinking is off: said so, or not said at all.
fn is_off(root: Node<'_>) -> bool {
    let kind = root.find(&["thinking", "type"]);
    kind.is_none_or(|kind| RESTS.iter().any(|word| kind.is(word)))
}
