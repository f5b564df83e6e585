//! Where a path leads, and what is made when it leads nowhere yet.

use std::ops::Range;

use switchyard_actors::domain::filters::{JsonPath, Step};

use super::cursor::{Items, Kind, kind, root};
use super::same::is_same_text;
use super::writer::Writer;
use super::{Unfit, text};

/// Where a path leads.
pub(super) enum Place {
    /// To this value.
    Found(Range<usize>),
    /// Into this container, and no further than by so many steps.
    Ends(Range<usize>, usize),
    /// To a null by so many steps, in whose place a container may come.
    Null(Range<usize>, usize),
}

/// Follows a path from a value. Of members with the same name the last counts, as for most readers.
pub(super) fn follow(
    doc: &[u8],
    from: Range<usize>,
    path: &JsonPath,
    steps: &[Step],
) -> Result<Place, Unfit> {
    let mut here = from;
    for (taken, step) in steps.iter().enumerate() {
        let next = match (kind(doc, here.start), step) {
            (Kind::Object, Step::Key(name)) => {
                Items::of(doc, here.start).filter(|item| item.is_named(doc, name)).last()
            }
            (Kind::List, Step::Index(index)) => Items::of(doc, here.start).nth(*index),
            (Kind::Null, _) => return Ok(Place::Null(here, taken)),
            _ => return Err(Unfit::Blocked(path.to_string())),
        };
        let Some(next) = next else { return Ok(Place::Ends(here, taken)) };
        here = next.value;
    }
    Ok(Place::Found(here))
}

/// Sets what stands at a path.
pub(super) fn set<'b>(
    mut writer: Writer<'b>,
    path: &JsonPath,
    value: &[u8],
    if_missing: bool,
) -> Result<Writer<'b>, Unfit> {
    let doc = writer.body();
    match follow(doc, root(doc), path, path.steps())? {
        Place::Found(_) if if_missing => {}
        Place::Found(span) => {
            let old = doc.get(span.clone()).unwrap_or_default();
            if !is_same_text(old, value) {
                writer.replace(span, value)?;
            }
        }
        Place::Ends(container, taken) => {
            let (step, deeper) = rest(path, taken);
            if let Some(step) = step {
                append(&mut writer, &container, step, &nested(deeper, value))?;
            }
        }
        Place::Null(span, taken) => {
            let steps = path.steps().get(taken..).unwrap_or_default();
            writer.replace(span, &nested(steps, value))?;
        }
    }
    Ok(writer)
}

/// Splits what is left of a path into its next step and those behind it.
fn rest(path: &JsonPath, taken: usize) -> (Option<&Step>, &[Step]) {
    let steps = path.steps().get(taken..).unwrap_or_default();
    steps.split_first().map_or((None, &[][..]), |(first, deeper)| (Some(first), deeper))
}

/// Puts a new item behind all others of a container.
fn append(
    writer: &mut Writer<'_>,
    container: &Range<usize>,
    step: &Step,
    value: &[u8],
) -> Result<(), Unfit> {
    let (count, end) = Items::of(writer.body(), container.start)
        .fold((0, container.start + 1), |(count, _), item| (count + 1, item.value.end));
    let comma: &[u8] = if count > 0 { b"," } else { b"" };
    let new = match step {
        Step::Key(name) => [comma, &member(name, value)].concat(),
        Step::Index(index) => {
            [comma, &b"null,".repeat(index.saturating_sub(count)), value].concat()
        }
    };
    writer.insert(end, &new)
}

/// Writes a member of an object.
pub(super) fn member(name: &str, value: &[u8]) -> Vec<u8> {
    [b"\"", text::write(name).as_slice(), b"\":", value].concat()
}

/// Wraps a value into the containers that a path leads through.
fn nested(steps: &[Step], value: &[u8]) -> Vec<u8> {
    steps.iter().rev().fold(value.to_vec(), |inner, step| match step {
        Step::Key(name) => [b"{", member(name, &inner).as_slice(), b"}"].concat(),
        Step::Index(index) => [b"[", b"null,".repeat(*index).as_slice(), &inner, b"]"].concat(),
    })
}
