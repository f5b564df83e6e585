//! A bare `input` of Responses as a list, for providers that take nothing else.

use super::Granted;
use crate::wire::edit::Changes;
use crate::wire::tree::Node;

const NAME: &str = "input_as_list";
const BEFORE: &str = r#"[{"type":"message","role":"user","content":[{"type":"input_text","text":"#;
const BEHIND: &str = "}]}]";

/// Makes the list, and notes it.
pub(super) fn to_list(root: Node<'_>, granted: &mut Granted) {
    granted.change(NAME, "made", |changes| wrap(root, changes));
}

/// Puts a list around the text or the item; nothing said is an empty list.
pub(in crate::wire) fn wrap(root: Node<'_>, changes: &mut Changes) {
    let Some(input) = root.get("input") else { return };
    let span = input.span();
    let (before, behind) = match input.raw() {
        b"\"\"" => return changes.replace(span, "[]"),
        [b'"', ..] => (BEFORE, BEHIND),
        [b'{', ..] => ("[", "]"),
        _ => return,
    };
    changes.replace(span.start..span.start, before);
    changes.replace(span.end..span.end, behind);
}
