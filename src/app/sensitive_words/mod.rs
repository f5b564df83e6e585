//! Words that requests may not contain: listed, made, changed, removed, and counted.

mod cache;
mod edit;
mod view;

use crate::app::shape::{Fault, Field, Rule, Shape};
use switchyard_actors::domain::words::LONGEST;

pub use cache::{Stats, refresh, stats};
pub use edit::{create, remove, update};
pub use view::{Word, list};

/// How a word is compared, in the contract's words.
pub const KINDS: &[&str] = &["contains", "exact", "regex"];

const BLANK: Fault = Fault { id: "wrong-word-blank", text: "敏感词不能为空" };

/// Returns what the body of a new word may hold.
#[must_use]
pub fn creating() -> Shape {
    Shape::from([
        Field::required("word", word()).about("The word, or the pattern. Case does not matter."),
        Field::required("matchType", Rule::OneOf(KINDS)).about(
            "contains: anywhere in a text. exact: the whole text, blanks around it apart. regex: a regular expression of the linear-time engine, found anywhere.",
        ),
        Field::optional("description", Rule::TEXT).about("What it is for."),
    ])
}

/// Returns what the body of a change may hold.
#[must_use]
pub fn updating() -> Shape {
    Shape::from([
        Field::required("id", Rule::ID),
        Field::optional("word", word()),
        Field::optional("matchType", Rule::OneOf(KINDS)),
        Field::optional("description", Rule::TEXT),
        Field::optional("isEnabled", Rule::Flag),
    ])
}

/// Returns what the body of a removal may hold.
#[must_use]
pub fn removing() -> Shape {
    Shape::from([Field::required("id", Rule::ID)])
}

fn word() -> Rule {
    Rule::text(1, LONGEST).checked(|word| {
        let is_blank = word.as_str().is_none_or(|word| word.trim().is_empty());
        is_blank.then_some(BLANK)
    })
}
