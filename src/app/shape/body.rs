//! A body that has been checked: fields are read by name and type.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Map, Value};
use switchyard_actors::domain::ids::{KeyId, ProviderId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::money::{Nano, parse_decimal};

/// Money that people type is kept in cents, as in the original.
const CENTS: u32 = 2;

/// What an edit says about one field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Nothing: it stays.
    #[default]
    Keep,
    /// Null: it goes.
    Clear,
    /// It becomes this.
    Set(T),
}

impl<T> Patch<T> {
    /// Returns the value after the edit.
    pub fn over(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Keep => old,
            Self::Clear => None,
            Self::Set(new) => Some(new),
        }
    }

    /// Returns the value that was given, if one was.
    pub fn given(self) -> Option<T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}

/// A checked object in its plain form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body(pub Map<String, Value>);

impl Body {
    /// Returns a field as it is; null is returned as null.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Tells whether the field was given, null included.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Reads what an edit says about a field, by a reader of its value.
    pub fn patch<'a, T>(&'a self, name: &str, read: fn(&'a Value) -> Option<T>) -> Patch<T> {
        match self.0.get(name) {
            None => Patch::Keep,
            Some(value) => read(value).map_or(Patch::Clear, Patch::Set),
        }
    }

    /// Reads text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// Reads a whole number.
    #[must_use]
    pub fn int(&self, name: &str) -> Option<i64> {
        self.0.get(name)?.as_i64()
    }

    /// Reads a flag.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    /// Reads an amount of dollars, to the cent.
    #[must_use]
    pub fn money(&self, name: &str) -> Option<Nano> {
        money(self.0.get(name)?)
    }

    /// Reads a number as the exact decimal of its text.
    #[must_use]
    pub fn decimal(&self, name: &str) -> Option<Decimal> {
        decimal(self.0.get(name)?)
    }

    /// Reads an instant (a field with an expiry rule).
    #[must_use]
    pub fn instant(&self, name: &str) -> Option<Micros> {
        self.int(name).map(Micros)
    }

    /// Reads a time of day as minutes after midnight.
    #[must_use]
    pub fn minute(&self, name: &str) -> Option<u16> {
        let (hour, minute) = self.text(name)?.split_once(':')?;
        Some(hour.parse::<u16>().ok()? * 60 + minute.parse::<u16>().ok()?)
    }

    /// Reads a list of texts.
    #[must_use]
    pub fn texts(&self, name: &str) -> Option<Vec<String>> {
        let items = self.0.get(name)?.as_array()?;
        Some(items.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// Reads a list of whole numbers; none when there is no list.
    #[must_use]
    pub fn ints(&self, name: &str) -> Vec<i64> {
        let items = self.0.get(name).and_then(Value::as_array);
        items.map(|items| items.iter().filter_map(Value::as_i64).collect()).unwrap_or_default()
    }

    /// Reads the id of a user; 0, which is nobody, when there is none.
    #[must_use]
    pub fn user(&self, name: &str) -> UserId {
        UserId(self.int(name).unwrap_or_default())
    }

    /// Reads the id of a key; 0, which is none, when there is none.
    #[must_use]
    pub fn key(&self, name: &str) -> KeyId {
        KeyId(self.int(name).unwrap_or_default())
    }

    /// Reads the id of a provider; 0, which is none, when there is none.
    #[must_use]
    pub fn provider(&self, name: &str) -> ProviderId {
        ProviderId(self.int(name).unwrap_or_default())
    }
}

/// Reads a number as the exact decimal of its text.
pub fn decimal(value: &Value) -> Option<Decimal> {
    parse_decimal(&value.as_number()?.to_string())
}

/// Reads an amount of dollars, rounded to the cent, half away from zero.
pub fn money(value: &Value) -> Option<Nano> {
    let exact = decimal(value)?;
    Nano::round(exact.round_dp_with_strategy(CENTS, RoundingStrategy::MidpointAwayFromZero))
}
