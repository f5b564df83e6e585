//! Schemas within what Google takes. A schema is flattened first: references are put in place, `allOf`
//! is merged, broken nodes of careless servers are mended. Then each node is written anew with the
//! keywords of the target alone; bounds that it does not know are told in the description.
//!
//! The schema alone is cleaned, never anything beside it: names of keywords are ordinary keys of
//! arguments, too.

mod back;
mod bounds;
mod clean;
mod flat;
mod keyword;
mod kind;
mod place;
mod pointer;
mod union;
mod write;

use std::collections::BTreeSet;

use super::super::hub::Json;
use super::node::Node;

pub use back::of_subset;

/// Who reads a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Taker {
    /// `parameters` and `responseSchema`: a subset of OpenAPI; an unknown keyword is an error.
    Subset,
    /// `parametersJsonSchema` and `responseJsonSchema`: JSON Schema, short of its rarer keywords.
    JsonSchema,
    /// The backend behind the Gemini CLI, which takes the least.
    Internal,
}

/// What a schema is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Arguments of a tool: always an object.
    Arguments,
    /// The answer.
    Answer,
}

/// A schema within what its taker takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaned {
    /// The schema.
    pub schema: Json,
    /// Keywords that were left out or only told in words.
    pub lost: BTreeSet<String>,
    /// Where that was, as pointers into the schema: each keyword, or the node in which nothing of it stands.
    pub places: BTreeSet<String>,
    /// It says nothing but that it is an object.
    pub is_bare: bool,
}

/// What the schemas of one request may still grow by, all together: references may name the same thing
/// again and again.
#[derive(Clone, Copy, Debug)]
pub struct Room(usize);

impl Room {
    /// Returns the room for schemas of a length, in bytes.
    #[must_use]
    pub fn of(length: usize) -> Self {
        Self(clean::room(length))
    }
}

/// Cleans a schema for its taker.
#[must_use]
pub fn clean(schema: &Json, taker: Taker, purpose: Purpose) -> Cleaned {
    clean_within(schema, taker, purpose, &mut Room::of(schema.text().len()))
}

/// Cleans a schema for its taker, within the room that others leave it.
#[must_use]
pub fn clean_within(schema: &Json, taker: Taker, purpose: Purpose, left: &mut Room) -> Cleaned {
    let root = Node::parse(schema.text());
    let mut cleaner = clean::Cleaner::new(&root, taker, purpose, left.0);
    let mut object = cleaner.node(&place::Place::root(&root));
    if purpose == Purpose::Arguments {
        object = cleaner.arguments(object);
    }
    let is_bare = object.get("properties").is_none() && object.get("anyOf").is_none();
    let (lost, places, rest) = cleaner.into_lost();
    *left = Room(rest);
    let places = pointer::all(&root, &places);
    Cleaned { schema: Node::Object(object).json(), lost, places, is_bare }
}
