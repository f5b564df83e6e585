//! Request filters: listed, made, changed, removed, and tried on a request that somebody types.

mod draft;
mod edit;
mod preview;
mod view;

use crate::app::shape::{Field, Rule, Shape};

pub use edit::{create, refresh, remove, update};
pub use preview::{Preview, preview};
pub use view::{Filter, list};

/// What a simple filter is about.
pub const SCOPES: &[&str] = &["header", "body"];
/// What a simple filter does.
pub const ACTIONS: &[&str] = &["remove", "set", "json_path", "text_replace"];
/// How text is looked for.
pub const MATCHES: &[&str] = &["contains", "exact", "regex"];
/// Whose requests filters are for.
pub const BINDINGS: &[&str] = &["global", "providers", "groups"];
/// One change, or a list of operations.
pub const MODES: &[&str] = &["simple", "advanced"];
/// When filters run.
pub const PHASES: &[&str] = &["guard", "final"];

/// A preview's body, at most.
const LARGEST_PREVIEW: usize = 512 * 1024;

/// Returns what the body of a new filter may hold.
#[must_use]
pub fn creating() -> Shape {
    let mut shape = changing();
    for field in &mut shape.0 {
        field.required = field.name == "name";
    }
    shape
}

/// Returns what the body of a change may hold.
#[must_use]
pub fn updating() -> Shape {
    Shape::from([Field::required("id", Rule::ID)]).and(changing().0)
}

/// Returns what the body of a removal may hold.
#[must_use]
pub fn removing() -> Shape {
    Shape::from([Field::required("id", Rule::ID)])
}

/// Returns what the body of a preview may hold.
#[must_use]
pub fn previewing() -> Shape {
    Shape::from([
        Field::optional("id", Rule::ID).about("Try this filter, switched on or not."),
        Field::optional("filter", Rule::object(creating()))
            .about("Or try this one, without keeping it."),
        Field::optional("headers", Rule::map_of(Rule::TEXT)).about("The headers of the request."),
        Field::optional("body", Rule::text(0, LARGEST_PREVIEW))
            .about("The body of the request, as text: it comes back to the byte."),
    ])
}

fn changing() -> Shape {
    Shape::from([
        Field::optional("name", Rule::text(1, 100)),
        Field::optional("description", Rule::text(0, 500).nullable()),
        Field::optional("scope", Rule::OneOf(SCOPES)),
        Field::optional("action", Rule::OneOf(ACTIONS))
            .about("remove and set for headers, json_path and text_replace for the body."),
        Field::optional("matchType", Rule::OneOf(MATCHES).nullable())
            .about("How text_replace looks for its target; contains when it is not said."),
        Field::optional("target", Rule::text(0, 2_048))
            .about("The header's name, the path (a.b[0].c), or the text to look for."),
        Field::optional("replacement", Rule::Any)
            .about("What it becomes: text, or any JSON at a path. Of a pattern, $1 is its first group."),
        Field::optional("priority", Rule::integer(-10_000, 10_000)).about("Smaller ones run first."),
        Field::optional("isEnabled", Rule::Flag),
        Field::optional("bindingType", Rule::OneOf(BINDINGS)),
        Field::optional("providerIds", Rule::list(Rule::ID, 1_000).nullable()),
        Field::optional("groupTags", Rule::list(Rule::text(1, 50), 200).nullable())
            .about("Groups of providers; a provider without any is in the group default."),
        Field::optional("ruleMode", Rule::OneOf(MODES)),
        Field::optional("executionPhase", Rule::OneOf(PHASES)).about(
            "guard: once, before a provider is chosen, on what the client sent. final: at every try, on what goes out. A guard filter that is bound to providers runs at the try, before the final ones.",
        ),
        Field::optional("operations", Rule::list_of(Rule::map_of(Rule::Any)).nullable()).about(
            "Of an advanced filter: set, remove, merge and insert, each with a path.",
        ),
    ])
}
