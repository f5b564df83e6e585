//! A bare `input` of Responses as a list, for providers that take nothing else.

use super::Granted;
use crate::wire::tree::Node;

const NAME: &str = "input_as_list";
const BEFORE: &str = r#"[{"type":"message","role":"user","content":[{"type":"input_text","text":"#;
const BEHIND: &str = "}]}]";

/// Puts a list around the text or the item; nothing said is an empty list.
pub(super) fn to_list(root: Node<'_>, granted: &mut Granted) {
    let Some(input) = root.get("input") else { return };
    let span = input.span();
    let (before, behind) = match input.raw() {
        b"\"\"" => {
            granted.change(NAME, "empty", |changes| changes.replace(span, "[]"));
            return;
        }
        [b'"', ..] => (BEFORE, BEHIND),
        [b'{', ..] => ("[", "]"),
        _ => return,
    };
    granted.change(NAME, "put around it", |changes| {
        changes.replace(span.start..span.start, before);
        changes.replace(span.end..span.end, behind);
    });
}
