//! What a filter changes: headers, and places or texts of the body.

use std::sync::Arc;

use serde_json::Value;

use super::path::JsonPath;
use crate::domain::expression::Expression;

/// A change of the headers. Names are in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderChange {
    /// The header goes.
    Remove {
        /// Its name.
        name: Box<str>,
    },
    /// The header becomes this, once.
    Set {
        /// Its name.
        name: Box<str>,
        /// Its value.
        value: Box<str>,
        /// One that is there stays.
        if_missing: bool,
    },
}

impl HeaderChange {
    /// Returns the name of the header.
    #[must_use]
    pub const fn name(&self) -> &str {
        match self {
            Self::Remove { name } | Self::Set { name, .. } => name,
        }
    }
}

/// A change of the body.
#[derive(Clone, Debug)]
pub enum BodyChange {
    /// What stands at a path becomes this; what is missing on the way is made.
    Set {
        /// The path.
        path: JsonPath,
        /// The value, printed.
        value: Arc<str>,
        /// One that is there stays.
        if_missing: bool,
    },
    /// What stands at a path goes.
    Remove {
        /// The path.
        path: JsonPath,
        /// When set, the path is a list, of which these elements go.
        matching: Option<Matcher>,
    },
    /// An object is merged into the one at a path, deeply; null takes a member away.
    Merge {
        /// The path.
        path: JsonPath,
        /// The object.
        value: Value,
    },
    /// An element is put into the list at a path.
    Insert {
        /// The path.
        path: JsonPath,
        /// The element.
        value: Value,
        /// The element, printed.
        printed: Arc<str>,
        /// Where.
        place: Place,
        /// What makes two elements the same: these members of them, or all of them when there are
        /// none. `None` puts in what is there already.
        same_by: Option<Vec<JsonPath>>,
    },
    /// A text is replaced in every string value of the body.
    Replace {
        /// What is looked for.
        what: TextMatch,
        /// What comes in its place; of a pattern `$1`, `$<name>` and `$&` are what it has found.
        with: Box<str>,
    },
}

/// The largest program of a pattern that is quick whatever a text says, in bytes.
const QUICK_PROGRAM: usize = 1 << 20;
/// A pattern that reads no further than so many bytes beyond what it finds reads little twice.
const SHORT_REACH: usize = 1 << 10;
/// The longest body in which a pattern is quick, in bytes, by how much of it is read twice.
const QUICK_BODY: usize = 16 << 10;
const QUICK_BODY_READ_TWICE: usize = 2 << 10;

impl BodyChange {
    /// Returns the pattern that it looks for.
    #[must_use]
    pub fn pattern(&self) -> Option<&Expression> {
        let test = match self {
            Self::Replace { what: TextMatch::Regex(pattern), .. } => return Some(pattern),
            Self::Remove { matching: Some(matcher), .. } => &matcher.test,
            Self::Insert { place: Place::Before(anchor) | Place::After(anchor), .. } => {
                &anchor.matcher.test
            }
            _ => return None,
        };
        match test {
            Test::Text(TextMatch::Regex(pattern)) => Some(pattern),
            Test::Equal(_) | Test::Text(_) => None,
        }
    }

    /// Returns how long a body may be, in bytes, in which a worker makes the change between two requests.
    #[must_use]
    pub fn quick_up_to(&self) -> usize {
        let replaces = matches!(self, Self::Replace { .. });
        match self.pattern() {
            None => usize::MAX,
            Some(pattern) if pattern.weight() > QUICK_PROGRAM => 0,
            Some(pattern)
                if replaces && pattern.reach().is_none_or(|reach| reach > SHORT_REACH) =>
            {
                QUICK_BODY_READ_TWICE
            }
            Some(_) => QUICK_BODY,
        }
    }
}

/// Where an element is put.
#[derive(Clone, Debug)]
pub enum Place {
    /// Before all others.
    Start,
    /// Behind all others.
    End,
    /// Before the first element that fits.
    Before(Anchor),
    /// Behind the first element that fits.
    After(Anchor),
}

/// An element that is looked for.
#[derive(Clone, Debug)]
pub struct Anchor {
    /// What it is like.
    pub matcher: Matcher,
    /// Where to put it when there is none: `Some(true)` at the start, `Some(false)` at the end, `None`
    /// nowhere.
    pub or_at_start: Option<bool>,
}

/// Tells elements of a list apart.
#[derive(Clone, Debug)]
pub struct Matcher {
    /// Which part of the element is looked at.
    pub field: JsonPath,
    /// How.
    pub test: Test,
}

/// What a value must be like.
#[derive(Clone, Debug)]
pub enum Test {
    /// The same value.
    Equal(Value),
    /// A string in which this is found.
    Text(TextMatch),
}

/// How a text is looked for. Case matters.
#[derive(Clone, Debug)]
pub enum TextMatch {
    /// Anywhere.
    Contains(Box<str>),
    /// As the whole.
    Exact(Box<str>),
    /// By a regular expression, anywhere.
    Regex(Expression),
}

impl TextMatch {
    /// Tells whether it is found in a text.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        match self {
            Self::Contains(part) => text.contains(part.as_ref()),
            Self::Exact(whole) => text == whole.as_ref(),
            Self::Regex(pattern) => pattern.is_in(text),
        }
    }
}
