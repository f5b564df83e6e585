//! The `LiteLLM` price table: split into entries, compared by meaning, merged. Pure.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::domain::money::parse_decimal;
use crate::ports::SheetEntry;

/// The table's own explanation of its fields, which is no model.
const SAMPLE: &str = "sample_spec";

/// Why a table is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// It is no JSON.
    #[error("the price table is not JSON: {0}")]
    NotJson(String),
    /// It is JSON, but no object of models.
    #[error("the price table is not an object of models")]
    NotATable,
    /// It lost most of its models: more likely a broken mirror than the truth.
    #[error("the price table shrank from {before} to {after} models and is not used")]
    Shrunk {
        /// Models known so far.
        before: usize,
        /// Models in the new table.
        after: usize,
    },
}

/// A table that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The models with a price object, by name.
    pub entries: Vec<SheetEntry>,
    /// Models whose entry is no object or has no `mode`.
    pub failed: Vec<String>,
}

impl Table {
    /// Returns how many models the table names.
    #[must_use]
    pub fn total(&self) -> usize {
        self.entries.len().saturating_add(self.failed.len())
    }
}

/// Reads a table. Each price object keeps its text, so that no number is ever rounded.
pub fn parse_table(text: &str) -> Result<Table, TableError> {
    let table: &RawValue =
        serde_json::from_str(text).map_err(|error| TableError::NotJson(error.to_string()))?;
    let models: BTreeMap<String, &RawValue> =
        serde_json::from_str(table.get()).map_err(|_| TableError::NotATable)?;
    let mut table = Table::default();
    for (model, price) in models {
        if model == SAMPLE || model.trim().is_empty() {
            continue;
        }
        if has_mode(price.get()) {
            table.entries.push(SheetEntry { model, json: price.get().to_owned() });
        } else {
            table.failed.push(model);
        }
    }
    Ok(table)
}

/// Tells whether a price object says what kind of model it is for.
fn has_mode(json: &str) -> bool {
    object(json).is_some_and(|fields| fields.contains_key("mode"))
}

/// Refuses a table with fewer than half of the models known so far.
pub fn refuse_shrunk(before: usize, after: usize) -> Result<(), TableError> {
    if after.saturating_mul(2) < before {
        return Err(TableError::Shrunk { before, after });
    }
    Ok(())
}

/// What a table changes. Models it no longer names keep their last price.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Models without a price so far.
    pub added: Vec<SheetEntry>,
    /// Models whose price differs.
    pub updated: Vec<SheetEntry>,
    /// Models whose price is the same.
    pub unchanged: Vec<String>,
}

/// Compares new entries with the known ones.
#[must_use]
pub fn diff(known: &[SheetEntry], new: Vec<SheetEntry>) -> Difference {
    let known: BTreeMap<&str, &str> =
        known.iter().map(|entry| (entry.model.as_str(), entry.json.as_str())).collect();
    let mut difference = Difference::default();
    for entry in new {
        match known.get(entry.model.as_str()) {
            None => difference.added.push(entry),
            Some(json) if same_meaning(json, &entry.json) => difference.unchanged.push(entry.model),
            Some(_) => difference.updated.push(entry),
        }
    }
    difference
}

/// Tells whether two JSON texts mean the same: neither the order of keys, nor blanks, nor the
/// spelling of a number (`3e-06`, `0.000003`) makes a difference. Databases change all three.
#[must_use]
pub fn same_meaning(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    if one == other {
        return true;
    }
    match (one.as_bytes().first(), other.as_bytes().first()) {
        (Some(b'{'), Some(b'{')) => object(one).zip(object(other)).is_some_and(|(one, other)| {
            one.len() == other.len()
                && one.iter().zip(&other).all(|((name, value), (other_name, other_value))| {
                    name == other_name && same_meaning(value.get(), other_value.get())
                })
        }),
        (Some(b'['), Some(b'[')) => list(one).zip(list(other)).is_some_and(|(one, other)| {
            one.len() == other.len()
                && one.iter().zip(&other).all(|(one, other)| same_meaning(one.get(), other.get()))
        }),
        (Some(b'"'), Some(b'"')) => string(one).is_some() && string(one) == string(other),
        _ => parse_decimal(one).is_some_and(|one| Some(one) == parse_decimal(other)),
    }
}

/// Reads an object without reading its values.
pub(super) fn object(json: &str) -> Option<BTreeMap<String, &RawValue>> {
    serde_json::from_str(json).ok()
}

fn list(json: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(json).ok()
}

fn string(json: &str) -> Option<String> {
    serde_json::from_str(json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(model: &str, json: &str) -> SheetEntry {
        SheetEntry { model: model.to_owned(), json: json.to_owned() }
    }

    #[test]
    fn a_table_is_read_without_touching_its_numbers() {
        let text = r#"{"sample_spec":{"mode":"one of"}," ":{"mode":"chat"},
            "a":{"mode":"chat","input_cost_per_token":1.0000000000000001e-07},"b":7,"c":{}}"#;
        let table = parse_table(text).unwrap();
        let json = r#"{"mode":"chat","input_cost_per_token":1.0000000000000001e-07}"#;
        assert_eq!(table.entries, [entry("a", json)]);
        assert_eq!((table.failed.len(), table.total()), (2, 3));
    }

    #[test]
    fn what_is_no_table_says_so() {
        assert!(matches!(parse_table("<html>"), Err(TableError::NotJson(_))));
        for text in ["null", "7", "[]", "\"text\""] {
            assert_eq!(parse_table(text), Err(TableError::NotATable), "{text}");
        }
    }

    #[test]
    fn only_a_different_meaning_is_an_update() {
        let known = [
            entry("same", r#"{"mode": "chat", "input": 0.000003, "list": [1, {"a": 2.50}]}"#),
            entry("dearer", r#"{"mode":"chat","input":3e-06}"#),
            entry("gone", r#"{"mode":"chat"}"#),
        ];
        let new = vec![
            entry("same", r#"{"list":[1.0,{"a":2.5}],"input":3e-06,"mode":"chat"}"#),
            entry("dearer", r#"{"mode":"chat","input":3.1e-06}"#),
            entry("new", r#"{"mode":"chat"}"#),
        ];
        let difference = diff(&known, new);
        let names = |entries: &[SheetEntry]| entries.iter().map(|e| e.model.clone()).collect();
        let (added, updated): (Vec<_>, Vec<_>) =
            (names(&difference.added), names(&difference.updated));
        assert_eq!((added, updated), (vec!["new".to_owned()], vec!["dearer".to_owned()]));
        assert_eq!(difference.unchanged, ["same"]);
    }

    #[test]
    fn different_types_lengths_and_names_are_different() {
        for (one, other) in
            [("1", "\"1\""), ("[1]", "[1,1]"), ("{\"a\":1}", "{\"b\":1}"), ("true", "false")]
        {
            assert!(!same_meaning(one, other), "{one} {other}");
        }
        assert!(same_meaning("\"caf\\u00e9\"", "\"café\""));
    }

    #[test]
    fn half_a_table_is_used_and_less_is_not() {
        assert_eq!(refuse_shrunk(100, 50), Ok(()));
        assert!(refuse_shrunk(100, 49).is_err());
        assert_eq!(refuse_shrunk(0, 0), Ok(()));
    }
}
