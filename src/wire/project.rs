//! The project in the Gemini CLI's envelope: whom the vendor's account charges.

use std::ops::Range;

use bytes::Bytes;

use super::edit::Edit;
use super::scan::{self, Kind, Path, Value, Visitor, Want};

/// The edit's name on the row.
pub const PROJECT: &str = "project";

/// Puts the provider's project in the place of the client's. `None` when the body names that one
/// already, or is no object.
#[must_use]
pub fn set(body: &[u8], project: &str) -> Option<Edit> {
    let Seen { root, value, has_members } = scan::scan(body, Seen::default()).ok()?;
    let quoted = serde_json::to_string(project).ok()?;
    let (span, replacement) = match value {
        Some(span) if body.get(span.clone()) == Some(quoted.as_bytes()) => return None,
        Some(span) => (span, quoted),
        None => {
            let inside = root?.start + 1;
            let comma = if has_members { "," } else { "" };
            (inside..inside, format!("\"project\":{quoted}{comma}"))
        }
    };
    Some(Edit { name: PROJECT, span, replacement: Bytes::from(replacement) })
}

/// What was seen at the top of a body.
#[derive(Default)]
struct Seen {
    root: Option<Range<usize>>,
    value: Option<Range<usize>>,
    has_members: bool,
}

impl Visitor for Seen {
    fn wants(&mut self, path: &Path<'_>, kind: Kind) -> Want {
        match path.len() {
            0 if kind == Kind::Object => Want::Enter,
            1 => {
                self.has_members = true;
                if path.key(0) == Some("project") { Want::Span } else { Want::Skip }
            }
            _ => Want::Skip,
        }
    }

    fn value(&mut self, path: &Path<'_>, value: &Value<'_>) {
        let place = if path.is_empty() { &mut self.root } else { &mut self.value };
        *place = Some(value.span.clone());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value as Document;

    use super::*;
    use crate::wire::edit::{apply, join};

    fn edited(body: &str, project: &str) -> String {
        let whole = Bytes::from(body.to_owned());
        let edits = set(&whole, project).into_iter().collect();
        String::from_utf8(join(apply(&whole, edits).unwrap()).to_vec()).unwrap()
    }

    #[test]
    fn only_the_project_s_own_bytes_change() {
        assert_eq!(
            edited(r#"{"project": "a" , "request":{}}"#, "p"),
            r#"{"project": "p" , "request":{}}"#
        );
        assert_eq!(edited(r#"{"model":"m"}"#, "p"), r#"{"project":"p","model":"m"}"#);
        assert_eq!(edited(" {}", "p"), r#" {"project":"p"}"#);
        let inner = r#"{"request":{"project":"a"}}"#;
        assert_eq!(edited(inner, "p"), r#"{"project":"p","request":{"project":"a"}}"#);
    }

    #[test]
    fn a_body_that_names_it_already_or_is_no_object_stays() {
        for body in [r#"{"project":"p"}"#, "[]", "\"project\"", "{"] {
            assert_eq!(edited(body, "p"), body);
        }
    }

    proptest! {
        #[test]
        fn the_body_names_the_project_whatever_either_holds(project in "\\PC{1,20}", old in "\\PC{0,20}") {
            let body = serde_json::json!({ "a": 1, "project": old, "z": [old] }).to_string();
            let after: Document = serde_json::from_str(&edited(&body, &project)).unwrap();
            prop_assert_eq!(&after["project"], &project);
            prop_assert_eq!(&after["z"][0], &old);
            prop_assert_eq!(&after["a"], 1);
        }
    }
}
