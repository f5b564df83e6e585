//! Values as they go into statements and come out of rows: no float, no bool, no time (D7).

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use switchyard_actors::domain::ids::{
    EndpointId, KeyId, PriceId, ProviderId, RequestId, SessionId, UserId,
};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::money::{Nano, parse_decimal};

use super::error::StoreError;
use super::statement::{Kind, Slot};
use super::text::Text;

/// One value of a parameter or a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A whole number: counts, instants (microseconds), money (nano-dollars), flags (0 or 1).
    Int(i64),
    /// Text.
    Text(Text),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A JSON document's text.
    Json(Text),
}

impl Value {
    /// Prints a document as a JSON value.
    pub fn json<T: serde::Serialize + ?Sized>(document: &T) -> Result<Self, StoreError> {
        serde_json::to_string(document)
            .map(|text| Self::Json(Text::Own(text)))
            .map_err(|error| StoreError::row("json", error.to_string()))
    }

    /// Returns the kind, `None` for NULL.
    pub(crate) const fn kind(&self) -> Option<Kind> {
        match self {
            Self::Null => None,
            Self::Int(_) => Some(Kind::Int),
            Self::Text(_) => Some(Kind::Text),
            Self::Bytes(_) => Some(Kind::Bytes),
            Self::Json(_) => Some(Kind::Json),
        }
    }
}

macro_rules! from_numbers {
    ($($number:ty),*) => {$(
        impl From<$number> for Value {
            fn from(number: $number) -> Self {
                Self::Int(i64::from(number))
            }
        }
    )*};
}

macro_rules! from_wrappers {
    ($($wrapper:ty),*) => {$(
        impl From<$wrapper> for Value {
            fn from(wrapper: $wrapper) -> Self {
                Self::Int(wrapper.0)
            }
        }
    )*};
}

from_numbers!(i64, i32, u32, u16, u8, bool);
from_wrappers!(UserId, KeyId, ProviderId, EndpointId, PriceId, Micros, Nano);

impl From<u64> for Value {
    /// Stays at the largest number a column holds.
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Text::Own(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Text::Own(text))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<Arc<str>> for Value {
    fn from(text: Arc<str>) -> Self {
        Self::Text(Text::Shared(text))
    }
}

impl From<&Arc<str>> for Value {
    fn from(text: &Arc<str>) -> Self {
        Self::Text(Text::Shared(Arc::clone(text)))
    }
}

impl From<&SessionId> for Value {
    fn from(session: &SessionId) -> Self {
        Self::from(&session.0)
    }
}

impl From<RequestId> for Value {
    fn from(id: RequestId) -> Self {
        Self::Bytes(id.0.to_vec())
    }
}

impl From<[u8; 32]> for Value {
    fn from(hash: [u8; 32]) -> Self {
        Self::Bytes(hash.to_vec())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<Decimal> for Value {
    /// Decimals are stored as text, exactly.
    fn from(number: Decimal) -> Self {
        Self::Text(Text::Own(number.normalize().to_string()))
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Builds a parameter list: `params![user.id, "name", None::<i64>]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::store::Value::from($value)),*]
    };
}

/// One row of an answer; columns are read by the names in the statement's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    columns: Arc<[Slot]>,
    values: Vec<Value>,
}

impl Row {
    pub(crate) const fn new(columns: Arc<[Slot]>, values: Vec<Value>) -> Self {
        Self { columns, values }
    }

    /// Returns the column as it is.
    pub fn value(&self, column: &str) -> Result<&Value, StoreError> {
        let index = self.columns.iter().position(|slot| slot.name == column);
        index
            .and_then(|index| self.values.get(index))
            .ok_or_else(|| StoreError::row(column, "the statement does not return it"))
    }

    /// Returns the values in the order of the header.
    #[must_use]
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// Reads a whole number that may be missing.
    pub fn opt_int(&self, column: &str) -> Result<Option<i64>, StoreError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Int(number) => Ok(Some(*number)),
            _ => Err(StoreError::row(column, "not a whole number")),
        }
    }

    /// Reads a whole number.
    pub fn int(&self, column: &str) -> Result<i64, StoreError> {
        self.opt_int(column)?.ok_or_else(|| missing(column))
    }

    /// Reads a count that cannot be negative.
    pub fn opt_count(&self, column: &str) -> Result<Option<u64>, StoreError> {
        let number = self.opt_int(column)?;
        let count = number.map(u64::try_from).transpose();
        count.map_err(|_| StoreError::row(column, "negative"))
    }

    /// Reads a flag: 0 is false, everything else true.
    pub fn flag(&self, column: &str) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }

    /// Reads an instant that may be missing.
    pub fn opt_instant(&self, column: &str) -> Result<Option<Micros>, StoreError> {
        Ok(self.opt_int(column)?.map(Micros))
    }

    /// Reads an instant.
    pub fn instant(&self, column: &str) -> Result<Micros, StoreError> {
        self.int(column).map(Micros)
    }

    /// Reads money that may be missing.
    pub fn opt_money(&self, column: &str) -> Result<Option<Nano>, StoreError> {
        Ok(self.opt_int(column)?.map(Nano))
    }

    /// Reads money.
    pub fn money(&self, column: &str) -> Result<Nano, StoreError> {
        self.int(column).map(Nano)
    }

    /// Reads text that may be missing.
    pub fn opt_text(&self, column: &str) -> Result<Option<&str>, StoreError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Text(text) | Value::Json(text) => Ok(Some(text)),
            _ => Err(StoreError::row(column, "not text")),
        }
    }

    /// Reads text.
    pub fn text(&self, column: &str) -> Result<&str, StoreError> {
        self.opt_text(column)?.ok_or_else(|| missing(column))
    }

    /// Reads a decimal kept as text.
    pub fn decimal(&self, column: &str) -> Result<Decimal, StoreError> {
        parse_decimal(self.text(column)?).ok_or_else(|| StoreError::row(column, "not a decimal"))
    }

    /// Reads bytes that may be missing.
    pub fn opt_bytes(&self, column: &str) -> Result<Option<&[u8]>, StoreError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Bytes(bytes) => Ok(Some(bytes)),
            _ => Err(StoreError::row(column, "not bytes")),
        }
    }

    /// Reads bytes.
    pub fn bytes(&self, column: &str) -> Result<&[u8], StoreError> {
        self.opt_bytes(column)?.ok_or_else(|| missing(column))
    }

    /// Reads a request's id.
    pub fn request_id(&self, column: &str) -> Result<RequestId, StoreError> {
        let bytes = <[u8; 16]>::try_from(self.bytes(column)?);
        bytes.map(RequestId).map_err(|_| StoreError::row(column, "not sixteen bytes"))
    }

    /// Reads a JSON column into a type; a missing document is the type's default.
    pub fn json<T: DeserializeOwned + Default>(&self, column: &str) -> Result<T, StoreError> {
        Ok(self.opt_json(column)?.unwrap_or_default())
    }

    /// Reads a JSON column that may be missing.
    pub fn opt_json<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>, StoreError> {
        let Some(text) = self.opt_text(column)? else { return Ok(None) };
        let parsed = serde_json::from_str(text);
        parsed.map(Some).map_err(|error| StoreError::row(column, error.to_string()))
    }
}

fn missing(column: &str) -> StoreError {
    StoreError::row(column, "missing")
}
