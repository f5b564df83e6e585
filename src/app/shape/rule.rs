//! The kinds of values there are.

use serde_json::Value;

use super::{Fault, Issue, Shape};

/// The largest whole number that JavaScript tells apart from its neighbours.
pub const SAFE_INTEGER: i64 = 9_007_199_254_740_991;

/// What is wrong with a value that is of the right kind.
pub type Check = fn(&Value) -> Option<Fault>;
/// The same where it names one of several.
pub type NamingCheck = fn(&Value) -> Option<Issue>;

/// What a value may be.
#[derive(Clone, Debug)]
pub enum Rule {
    /// A number.
    Number {
        /// It has no fraction.
        whole: bool,
        /// Other values are turned into numbers the way JavaScript's `Number()` does.
        coerced: bool,
        /// The smallest one.
        least: Option<i64>,
        /// The largest one.
        most: Option<i64>,
    },
    /// Text, its length counted in UTF-16 units.
    Text {
        /// The shortest one.
        least: usize,
        /// The longest one.
        most: Option<usize>,
    },
    /// An address that the WHATWG parser accepts, of any scheme.
    Url {
        /// The longest one.
        most: Option<usize>,
    },
    /// `true` or `false`.
    Flag,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A time of day, `HH:mm`; with `short`, `H:mm` as well.
    TimeOfDay {
        /// A single digit is enough for the hour.
        short: bool,
    },
    /// An ISO 8601 instant that ends in `Z`.
    Instant,
    /// When something ends, in any form that JavaScript's `Date` is documented to read, at most
    /// ten years ahead; empty text is "never". It is read as microseconds.
    Expiry {
        /// The past is refused.
        future: bool,
        /// The ten years are not counted.
        unbounded: bool,
    },
    /// A list.
    List {
        /// What each item is.
        item: Box<Rule>,
        /// How many there may be.
        most: Option<usize>,
    },
    /// An object whose keys are free.
    MapOf(Box<Rule>),
    /// An object with these fields.
    Object(Shape),
    /// The number 0, or what the rule says.
    ZeroOr(Box<Rule>),
    /// Null, or what the rule says.
    Nullable(Box<Rule>),
    /// What the rule says, and more that only code can tell.
    Checked(Box<Rule>, Check),
    /// The same where the check names one of several.
    CheckedEach(Box<Rule>, NamingCheck),
    /// Anything.
    Any,
}

impl Rule {
    /// The id of a row: a strict whole number from 1.
    pub const ID: Self =
        Self::Number { whole: true, coerced: false, least: Some(1), most: Some(SAFE_INTEGER) };
    /// A strict number.
    pub const NUMBER: Self = Self::Number { whole: false, coerced: false, least: None, most: None };
    /// A strict whole number.
    pub const INTEGER: Self = Self::Number {
        whole: true,
        coerced: false,
        least: Some(-SAFE_INTEGER),
        most: Some(SAFE_INTEGER),
    };
    /// Text of any length.
    pub const TEXT: Self = Self::Text { least: 0, most: None };

    /// A strict whole number within bounds.
    #[must_use]
    pub const fn integer(least: i64, most: i64) -> Self {
        Self::Number { whole: true, coerced: false, least: Some(least), most: Some(most) }
    }

    /// A strict number within bounds.
    #[must_use]
    pub const fn number(least: i64, most: i64) -> Self {
        Self::Number { whole: false, coerced: false, least: Some(least), most: Some(most) }
    }

    /// Anything that becomes a whole number within bounds.
    #[must_use]
    pub const fn coerced_integer(least: i64, most: i64) -> Self {
        Self::Number { whole: true, coerced: true, least: Some(least), most: Some(most) }
    }

    /// Anything that becomes a number within bounds.
    #[must_use]
    pub const fn coerced(least: i64, most: Option<i64>) -> Self {
        Self::Number { whole: false, coerced: true, least: Some(least), most }
    }

    /// An amount of money up to so many dollars; null is "no limit".
    #[must_use]
    pub fn usd(most: i64) -> Self {
        Self::coerced(0, Some(most)).nullable()
    }

    /// Text within bounds.
    #[must_use]
    pub const fn text(least: usize, most: usize) -> Self {
        Self::Text { least, most: Some(most) }
    }

    /// A list of at most so many items.
    #[must_use]
    pub fn list(item: Self, most: usize) -> Self {
        Self::List { item: Box::new(item), most: Some(most) }
    }

    /// A list of any length.
    #[must_use]
    pub fn list_of(item: Self) -> Self {
        Self::List { item: Box::new(item), most: None }
    }

    /// An object with free keys.
    #[must_use]
    pub fn map_of(item: Self) -> Self {
        Self::MapOf(Box::new(item))
    }

    /// An object.
    #[must_use]
    pub fn object(shape: impl Into<Shape>) -> Self {
        Self::Object(shape.into())
    }

    /// Lets null in as well.
    #[must_use]
    pub fn nullable(self) -> Self {
        Self::Nullable(Box::new(self))
    }

    /// Lets the number 0 in as well.
    #[must_use]
    pub fn or_zero(self) -> Self {
        Self::ZeroOr(Box::new(self))
    }

    /// Adds a check.
    #[must_use]
    pub fn checked(self, check: Check) -> Self {
        Self::Checked(Box::new(self), check)
    }

    /// Adds a check that names one of several.
    #[must_use]
    pub fn checked_each(self, check: NamingCheck) -> Self {
        Self::CheckedEach(Box::new(self), check)
    }
}
