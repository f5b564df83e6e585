//! Gemini's calls without the signature that a model demands get what Google documents for calls that it did
//! not see.

use super::Mend;
use crate::wire::edit::{Changes, Edit};
use crate::wire::gemini::foreign::sign;
use crate::wire::tree::Node;

pub(super) fn edits(root: Node<'_>) -> Vec<Edit> {
    let mut changes = Changes::named(Mend::CallSignature.name());
    if let Some(contents) = root.get("contents") {
        sign(contents, &mut changes);
    }
    changes.into_edits()
}
