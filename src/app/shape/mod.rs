//! What a command's body may hold, declared once: checked with the original's semantics, read by
//! the commands, and shown in the OpenAPI document.

mod body;
mod check;
mod date;
mod issue;
mod number;
mod rule;
mod schema;
#[cfg(test)]
mod tests;

pub use body::{Body, Patch, decimal, money};
pub use check::Moment;
pub use issue::{Fault, Issue};
pub use rule::Rule;

/// One field of an object.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name, as written on the wire.
    pub name: &'static str,
    /// What its value may be.
    pub rule: Rule,
    /// It may not be absent.
    pub required: bool,
    /// What it means, for the document.
    pub about: &'static str,
}

impl Field {
    /// Makes a field that must be there.
    #[must_use]
    pub const fn required(name: &'static str, rule: Rule) -> Self {
        Self { name, rule, required: true, about: "" }
    }

    /// Makes a field that may be absent.
    #[must_use]
    pub const fn optional(name: &'static str, rule: Rule) -> Self {
        Self { name, rule, required: false, about: "" }
    }

    /// Says what it means.
    #[must_use]
    pub const fn about(mut self, text: &'static str) -> Self {
        self.about = text;
        self
    }
}

/// An object's fields; keys that are not among them are ignored.
#[derive(Clone, Debug, Default)]
pub struct Shape(pub Vec<Field>);

impl Shape {
    /// Makes an object that needs nothing.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// Adds fields.
    #[must_use]
    pub fn and(mut self, fields: impl IntoIterator<Item = Field>) -> Self {
        self.0.extend(fields);
        self
    }

    /// Takes a field's demand to be there away, from all fields.
    #[must_use]
    pub fn all_optional(mut self) -> Self {
        for field in &mut self.0 {
            field.required = false;
        }
        self
    }
}

impl<const N: usize> From<[Field; N]> for Shape {
    fn from(fields: [Field; N]) -> Self {
        Self(fields.into())
    }
}
