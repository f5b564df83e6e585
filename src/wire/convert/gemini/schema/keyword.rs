//! What becomes of the keywords that say something simple, for each taker.

use super::Taker;

/// What becomes of a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays.
    Keep,
    /// The description tells it.
    Tell,
    /// It goes.
    Drop,
}

/// Simple keywords in the order in which they are written.
pub(super) const SIMPLE: [&str; 16] = [
    "title",
    "format",
    "default",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// Keywords that are read each in its own way.
const READ: [&str; 16] = [
    "$ref",
    "$defs",
    "definitions",
    "allOf",
    "anyOf",
    "oneOf",
    "type",
    "description",
    "nullable",
    "enum",
    "const",
    "items",
    "properties",
    "required",
    "propertyOrdering",
    "example",
];

/// Keywords that a node may have and that say nothing which is kept everywhere.
const OTHERS: [&str; 26] = [
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "unevaluatedProperties",
    "unevaluatedItems",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "if",
    "then",
    "else",
    "not",
    "contains",
    "minContains",
    "maxContains",
    "prefixItems",
    "$schema",
    "$id",
    "$anchor",
    "$comment",
    "$vocabulary",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "contentEncoding",
];

/// Tells whether a name is a keyword, not a property's that stands where none should.
pub(super) fn is_keyword(name: &str) -> bool {
    name.starts_with("x-")
        || SIMPLE.contains(&name)
        || READ.contains(&name)
        || OTHERS.contains(&name)
}

/// Tells whether a keyword is read in its own way, so that it is not lost when it is not written.
pub(super) fn is_read(name: &str) -> bool {
    READ.contains(&name)
}

/// Says what becomes of a simple keyword.
pub(super) fn fate(name: &str, value: Option<&str>, taker: Taker) -> Fate {
    match (taker, name) {
        (_, "format") => match (taker, value) {
            (Taker::Subset, Some("enum" | "date-time"))
            | (Taker::JsonSchema, Some("date-time" | "date" | "time")) => Fate::Keep,
            (Taker::Internal, _) => Fate::Drop,
            _ => Fate::Tell,
        },
        // Google answers 400 for these: its schema has no such fields.
        (Taker::Subset, "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" | "uniqueItems")
        | (Taker::Internal, _) => Fate::Tell,
        (Taker::Subset | Taker::JsonSchema, _) => Fate::Keep,
    }
}
