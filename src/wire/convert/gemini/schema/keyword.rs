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

/// Keywords that JSON Schema alone has.
pub(super) const RARE: [&str; 2] = ["additionalProperties", "prefixItems"];

/// Keywords that a node may have and that no taker is told of.
const OTHERS: [&str; 24] = [
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
        || RARE.contains(&name)
        || OTHERS.contains(&name)
}

/// Tells whether any taker is told of a keyword.
pub(super) fn is_told(name: &str) -> bool {
    SIMPLE.contains(&name) || READ.contains(&name) || RARE.contains(&name)
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
