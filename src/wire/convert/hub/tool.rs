//! Tools that a request offers.

use super::json::Json;
use super::part::Family;
use super::place::Place;
use super::request::Ttl;

/// A tool the model may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    /// Its name, without its namespace.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// What it is.
    pub kind: ToolKind,
    /// The group it is in (Responses).
    pub namespace: Option<String>,
    /// A cache mark.
    pub cache: Option<Ttl>,
    /// Where it stood.
    pub at: Place,
}

/// What a tool is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolKind {
    /// A function with JSON arguments.
    Function {
        /// The schema of the arguments, as it was written; `None` when there was none.
        schema: Option<Json>,
        /// The arguments must keep to it.
        strict: Option<bool>,
    },
    /// A tool that takes plain text.
    Custom(CustomFormat),
    /// Codex' local shell.
    LocalShell,
    /// `shell` of Responses.
    Shell,
    /// `apply_patch` of Responses.
    ApplyPatch,
    /// A tool that the vendor runs.
    Hosted {
        /// Whose it is.
        family: Family,
        /// Its type, as that family calls it (`web_search_20250305`, `googleSearch`).
        kind: String,
        /// All of it.
        raw: Json,
    },
}

/// What text a custom tool takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CustomFormat {
    /// Any.
    Text,
    /// Text of a grammar.
    Grammar {
        /// `lark` or `regex`.
        syntax: String,
        /// The grammar.
        definition: String,
    },
}

/// Whether and which tool must be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// As the model finds right.
    Auto,
    /// None.
    None,
    /// Any, but one.
    Required,
    /// This one (its namespace in front, when it has one: `(namespace, name)`).
    Named {
        /// The namespace.
        namespace: Option<String>,
        /// The name.
        name: String,
    },
    /// Only these, and one of them when `required`.
    Allowed {
        /// Names.
        names: Vec<String>,
        /// One must be called.
        required: bool,
    },
}
