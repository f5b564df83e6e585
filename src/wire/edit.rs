//! Named edits of a body that is held once: an edit changes only its own bytes.
//!
//! The names are written on the request's row; no edit named means the body went out as it came.

mod changes;
mod gemini;

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use switchyard_actors::domain::dialect::Dialect;

use super::detect;
use super::percent;
use super::request::{RequestFacts, StreamOptions};
pub use changes::Changes;
pub use gemini::redirect_named;

/// The name of [`redirect_model`] (and of a redirect in the path) on the row.
pub const MODEL_REDIRECT: &str = "model_redirect";
/// The same edit on the row when the model stands in for the one that was asked for.
pub const MODEL_FALLBACK: &str = "model_fallback";
/// The name of [`ask_for_usage`] on the row.
pub const INCLUDE_USAGE: &str = "include_usage";

/// One change: `span` of the body gives way to `replacement`. An empty span inserts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What it is called on the row.
    pub name: &'static str,
    /// The bytes that go.
    pub span: Range<usize>,
    /// The bytes that come.
    pub replacement: Bytes,
}

/// Why edits were not applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Two edits want the same bytes.
    #[error("the edits {first} and {second} overlap")]
    Overlap {
        /// The edit that begins first.
        first: &'static str,
        /// The edit it runs into.
        second: &'static str,
    },
    /// An edit lies outside of the body.
    #[error("the edit {name} lies outside of the body")]
    OutOfBounds {
        /// The edit.
        name: &'static str,
    },
}

/// Asks for another model. `None` when the body names none, or that one already.
pub fn redirect_model(facts: &RequestFacts, model: &str) -> Option<Edit> {
    let named = facts.model.as_ref().filter(|named| named.name() != model)?;
    let renamed = named.renamed(model);
    let is_json = facts.body.is_some();
    let replacement =
        if is_json { serde_json::to_vec(&renamed).ok()?.into() } else { renamed.into() };
    Some(Edit { name: MODEL_REDIRECT, span: named.span.clone(), replacement })
}

/// Asks a chat provider for the usage of a stream. `None` when there is no stream, when it is asked
/// for already, or when `stream_options` is something the vendor must refuse by itself.
pub fn ask_for_usage(facts: &RequestFacts) -> Option<Edit> {
    if facts.dialect != Dialect::OpenaiChat || !facts.stream || facts.include_usage {
        return None;
    }
    let (span, replacement) = match &facts.stream_options {
        StreamOptions::Absent => {
            let member = r#""stream_options":{"include_usage":true}"#;
            insertion(facts.body.as_ref()?, member, facts.has_members)
        }
        StreamOptions::Value { is_null: false, .. } => return None,
        StreamOptions::Value { span, .. } => (span.clone(), r#"{"include_usage":true}"#.into()),
        StreamOptions::Object { include_usage: Some(flag), .. } => (flag.clone(), "true".into()),
        StreamOptions::Object { span, has_members, include_usage: None } => {
            insertion(span, r#""include_usage":true"#, *has_members)
        }
    };
    Some(Edit { name: INCLUDE_USAGE, span, replacement: Bytes::from(replacement) })
}

/// Puts a member behind the opening brace of an object.
fn insertion(object: &Range<usize>, member: &str, has_members: bool) -> (Range<usize>, String) {
    let inside = object.start + 1;
    (inside..inside, if has_members { format!("{member},") } else { member.to_owned() })
}

/// Names another model in a Gemini path. `None` when the path names no model, or that one already.
pub fn redirect_path(path: &str, model: &str) -> Option<String> {
    let (head, named, action) = detect::split_model(path)?;
    if percent::decode(named).is_some_and(|named| named == model) {
        return None;
    }
    Some(format!("{head}{}:{action}", percent::encode_segment(model)))
}

/// Applies edits in any order; the segments share the body's memory. Empty segments are left out.
pub fn apply(body: &Bytes, mut edits: Vec<Edit>) -> Result<Vec<Bytes>, EditError> {
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut segments = Vec::with_capacity(2 * edits.len() + 1);
    let mut done = 0;
    let mut before = "";
    for Edit { name, span, replacement } in edits {
        if span.start > span.end || span.end > body.len() {
            return Err(EditError::OutOfBounds { name });
        }
        if span.start < done {
            return Err(EditError::Overlap { first: before, second: name });
        }
        segments.extend([body.slice(done..span.start), replacement]);
        done = span.end;
        before = name;
    }
    segments.push(body.slice(done..));
    segments.retain(|segment| !segment.is_empty());
    Ok(segments)
}

/// Joins segments into one body; a single segment is not copied.
pub fn join(mut segments: Vec<Bytes>) -> Bytes {
    if segments.len() <= 1 {
        return segments.pop().unwrap_or_default();
    }
    let mut joined = BytesMut::with_capacity(segments.iter().map(Bytes::len).sum());
    for segment in &segments {
        joined.extend_from_slice(segment);
    }
    joined.freeze()
}

#[cfg(test)]
mod tests;
