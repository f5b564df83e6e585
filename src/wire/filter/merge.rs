//! Merges an object into another one, deeply: null takes a member away, an object is merged into an
//! object, and everything else takes its place.

use std::ops::Range;

use serde_json::{Map, Value};
use switchyard_actors::domain::filters::JsonPath;

use super::Unfit;
use super::cursor::{Items, Kind, kind, root};
use super::list::Cut;
use super::place::{self, Place, follow, member};
use super::same::is_same_text;
use super::writer::Writer;

/// Merges an object into what stands at a path.
pub(super) fn merge<'b>(
    mut writer: Writer<'b>,
    path: &JsonPath,
    value: &Value,
) -> Result<Writer<'b>, Unfit> {
    let doc = writer.body();
    let Some(patch) = value.as_object() else { return Ok(writer) };
    match follow(doc, root(doc), path, path.steps())? {
        Place::Found(object) if kind(doc, object.start) == Kind::Object => {
            into(&mut writer, &object, patch)?;
            Ok(writer)
        }
        Place::Found(other) if kind(doc, other.start) != Kind::Null => {
            Err(Unfit::Kind { path: path.to_string(), wanted: "an object" })
        }
        _ => place::set(writer, path, without_nulls(value).to_string().as_bytes(), false),
    }
}

fn into(
    writer: &mut Writer<'_>,
    object: &Range<usize>,
    patch: &Map<String, Value>,
) -> Result<(), Unfit> {
    let doc = writer.body();
    let mut cut = Cut::default();
    let mut met = vec![false; patch.len()];
    for item in Items::of(doc, object.start) {
        let named = patch.iter().zip(&mut met).find(|((name, _), _)| item.is_named(doc, name));
        match named {
            None => cut.keep(writer, &item)?,
            Some(((_, Value::Null), _)) => cut.drop(writer, &item)?,
            Some(((_, new), met)) => {
                *met = true;
                cut.keep(writer, &item)?;
                over(writer, item.value, new)?;
            }
        }
    }
    let (end, mut needs_comma) = cut.end(writer, object.start)?;
    for ((name, new), met) in patch.iter().zip(met) {
        if met || new.is_null() {
            continue;
        }
        let comma: &[u8] = if needs_comma { b"," } else { b"" };
        let printed = without_nulls(new).to_string();
        writer.insert(end, &[comma, &member(name, printed.as_bytes())].concat())?;
        needs_comma = true;
    }
    Ok(())
}

fn over(writer: &mut Writer<'_>, span: Range<usize>, new: &Value) -> Result<(), Unfit> {
    if let (Kind::Object, Value::Object(patch)) = (kind(writer.body(), span.start), new) {
        return into(writer, &span, patch);
    }
    let printed = without_nulls(new).to_string();
    let old = writer.body().get(span.clone()).unwrap_or_default();
    if is_same_text(old, printed.as_bytes()) {
        return Ok(());
    }
    writer.replace(span, printed.as_bytes())
}

/// Returns what a patch makes of nothing.
fn without_nulls(patch: &Value) -> Value {
    let Value::Object(members) = patch else { return patch.clone() };
    let kept = members.iter().filter(|(_, value)| !value.is_null());
    Value::Object(kept.map(|(name, value)| (name.clone(), without_nulls(value))).collect())
}
