//! A property of providers: how it is asked for, kept and shown, by its form.

use serde_json::{Value as Document, json};
use switchyard_actors::domain::money::{Nano, parse_decimal};

use crate::app::figure::{self, FACTOR_PLACES};
use crate::app::shape::{Body, Field, Rule};
use crate::store::{Row, StoreError, Value};

/// In which form a property is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// 0 or 1.
    Flag,
    /// A whole number.
    Count,
    /// Text.
    Text,
    /// Nano-dollars.
    Money,
    /// A decimal as text.
    Factor,
    /// A time of day, as minutes after midnight.
    TimeOfDay,
    /// A JSON document.
    Document,
}

/// What holds when nobody says anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Nothing.
    Null,
    /// A number, or a flag.
    Number(i64),
    /// A text.
    Text(&'static str),
}

/// One property.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// Its name in requests.
    pub asked: &'static str,
    /// Its name in answers.
    pub shown: &'static str,
    /// Its column.
    pub column: &'static str,
    /// In which form it is kept.
    pub form: Form,
    /// What holds when it was never said.
    pub start: Start,
    /// What it may be.
    pub rule: fn() -> Rule,
}

impl Property {
    /// Returns the property as a field of a request.
    #[must_use]
    pub fn field(&self) -> Field {
        Field::optional(self.asked, (self.rule)())
    }

    /// Returns what is kept when it was never said.
    pub(super) fn first(&self) -> Value {
        match self.start {
            Start::Null => Value::Null,
            Start::Number(number) => Value::Int(number),
            Start::Text(text) => Value::from(text),
        }
    }

    /// Returns what is kept of a checked body; `None` when it does not say.
    pub(super) fn given(&self, body: &Body) -> Result<Option<Value>, StoreError> {
        let name = self.asked;
        let Some(value) = body.value(name) else { return Ok(None) };
        let kept = match self.form {
            _ if value.is_null() => Value::Null,
            Form::Flag => Value::from(body.flag(name)),
            Form::Count => Value::from(body.int(name)),
            Form::Text => Value::from(body.text(name)),
            Form::Money => Value::from(body.money(name)),
            Form::Factor => {
                Value::from(body.decimal(name).map(|factor| figure::round(factor, FACTOR_PLACES)))
            }
            Form::TimeOfDay => Value::from(body.minute(name).map(i64::from)),
            Form::Document => Value::json(value)?,
        };
        Ok(Some(kept))
    }

    /// Returns what is kept, as it is.
    pub(super) fn kept(&self, row: &Row) -> Result<Value, StoreError> {
        Ok(row.value(self.column)?.clone())
    }

    /// Shows what is kept as the management API does.
    pub(super) fn show(&self, value: &Value) -> Document {
        match (self.form, value) {
            (Form::Flag, Value::Int(flag)) => json!(*flag != 0),
            (Form::Money, Value::Int(nano)) => figure::number(Nano(*nano).usd()),
            (Form::TimeOfDay, Value::Int(minute)) => {
                json!(format!("{:02}:{:02}", minute / 60, minute % 60))
            }
            (Form::Factor, Value::Text(text)) => {
                parse_decimal(text).map_or(Document::Null, figure::number)
            }
            (Form::Document, Value::Json(text)) => {
                serde_json::from_str(text).unwrap_or(Document::Null)
            }
            (_, Value::Int(number)) => json!(number),
            (_, Value::Text(text)) => json!(text),
            _ => Document::Null,
        }
    }
}
