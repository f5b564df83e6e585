//! Makes the changes of request filters to the bytes of a body: what no change names stays as it was
//! written, keys in their order, numbers in their spelling, blanks where they were.

mod cursor;
mod header;
mod list;
mod merge;
mod place;
mod replace;
mod same;
mod text;
mod writer;

use bytes::Bytes;
use switchyard_actors::domain::filters::{BodyChange, RequestFilter};

use super::scan;
pub use header::{HeaderList, change_headers};
pub use text::{parts, strings};

/// Why a filter was not applied: nothing of it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It was kept and cannot be read any more, or nothing could come of it.
    #[error("it cannot be applied: {0}")]
    Unreadable(String),
    /// The body is no JSON.
    #[error("the body is not JSON")]
    NotJson,
    /// Something stands in the way of a path.
    #[error("{0} leads through a value that has no such member")]
    Blocked(String),
    /// What stands at a path is something else than the change needs.
    #[error("{path} is not {wanted}")]
    Kind {
        /// The path.
        path: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// Finding all places of a pattern could take too long.
    #[error("the pattern is found too often in long texts")]
    TooOften,
    /// The body would ask for a stream where none is awaited, or for none where one is.
    #[error("it would change whether the answer is a stream")]
    Stream,
    /// The body would be larger than any that is accepted.
    #[error("the body would have more than {0} bytes")]
    TooLarge(usize),
}

/// A body that is known to be JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json(Bytes);

impl Json {
    /// Checks a body.
    ///
    /// # Errors
    /// It is no JSON.
    pub fn read(body: Bytes) -> Result<Self, Unfit> {
        scan::scan(&body, ()).map_err(|_| Unfit::NotJson)?;
        Ok(Self(body))
    }

    /// Returns the bytes.
    #[must_use]
    pub const fn bytes(&self) -> &Bytes {
        &self.0
    }

    /// Returns the bytes.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

/// Returns the model that a body names at its top.
#[must_use]
pub fn model_of(body: &[u8]) -> Option<String> {
    let raw = member(body, "model")?.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    Some(text::read(raw))
}

/// Returns how a body says at its top whether the answer is to be a stream: `None` where it wants none.
#[must_use]
pub fn stream_of(body: &[u8]) -> Option<&[u8]> {
    member(body, "stream").filter(|value| !matches!(*value, b"null" | b"false"))
}

/// Tells whether a body has a member at its top.
#[must_use]
pub fn has_member(body: &[u8], name: &str) -> bool {
    member(body, name).is_some()
}

/// Returns the value of a member at the top of a body; of several the last one.
fn member<'b>(body: &'b [u8], name: &str) -> Option<&'b [u8]> {
    let start = cursor::root(body).start;
    let member = cursor::Items::of(body, start).filter(|item| item.is_named(body, name)).last()?;
    body.get(member.value)
}

/// Makes all changes of a filter to a body; `None` when they change nothing. The result has at most
/// `most` bytes.
///
/// # Errors
/// Says why the filter does not fit the body; then none of its changes is made.
pub fn change_body(
    filter: &RequestFilter,
    body: &Json,
    most: usize,
) -> Result<Option<Json>, Unfit> {
    if let Some(fault) = &filter.fault {
        return Err(Unfit::Unreadable(fault.to_string()));
    }
    let mut changed: Option<Bytes> = None;
    for change in &filter.body {
        let before = changed.as_ref().unwrap_or(&body.0);
        if let Some(after) = make(change, before, most)? {
            changed = Some(after);
        }
    }
    Ok(changed.filter(|bytes| *bytes != body.0).map(Json))
}

fn make(change: &BodyChange, body: &[u8], most: usize) -> Result<Option<Bytes>, Unfit> {
    let writer = writer::Writer::new(body, most);
    let writer = match change {
        BodyChange::Set { path, value, if_missing } => {
            place::set(writer, path, value.as_bytes(), *if_missing)?
        }
        BodyChange::Remove { path, matching: None } => list::remove(writer, path)?,
        BodyChange::Remove { path, matching: Some(matcher) } => {
            list::remove_matching(writer, path, matcher)?
        }
        BodyChange::Merge { path, value } => merge::merge(writer, path, value)?,
        BodyChange::Insert { path, value, printed, place, same_by } => {
            let new = list::New { value, printed: printed.as_bytes(), same_by: same_by.as_deref() };
            list::insert(writer, path, &new, place)?
        }
        BodyChange::Replace { what, with } => replace::replace(writer, what, with)?,
    };
    writer.finish()
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
