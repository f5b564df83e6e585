//! Shows rules as JSON Schema (the dialect of OpenAPI 3.1), so that what is documented is what is
//! checked.

use serde_json::{Map, Value, json};

use super::rule::{Rule, SAFE_INTEGER};
use super::{Field, Shape};

impl Shape {
    /// Returns the object's schema.
    #[must_use]
    pub fn schema(&self) -> Value {
        let properties: Map<String, Value> =
            self.0.iter().map(|field| (field.name.to_owned(), property(field))).collect();
        let required: Vec<&str> =
            self.0.iter().filter(|field| field.required).map(|field| field.name).collect();
        let mut schema = json!({ "type": "object", "properties": properties });
        if !required.is_empty() {
            put(&mut schema, "required", json!(required));
        }
        schema
    }
}

fn property(field: &Field) -> Value {
    let mut schema = field.rule.schema();
    if !field.about.is_empty() {
        put(&mut schema, "description", json!(field.about));
    }
    schema
}

impl Rule {
    /// Returns the value's schema.
    #[must_use]
    pub fn schema(&self) -> Value {
        match self {
            Self::Number { whole, least, most, .. } => number(*whole, *least, *most),
            Self::Text { least, most } => text(*least, *most),
            Self::Url { most } => with(text(0, *most), "format", "uri"),
            Self::Flag => json!({ "type": "boolean" }),
            Self::OneOf(words) => json!({ "type": "string", "enum": words }),
            Self::TimeOfDay { short: true } => {
                json!({ "type": "string", "pattern": "^([01]?\\d|2[0-3]):[0-5]\\d$" })
            }
            Self::TimeOfDay { short: false } => {
                json!({ "type": "string", "pattern": "^([01]\\d|2[0-3]):[0-5]\\d$" })
            }
            Self::Instant => json!({ "type": "string", "format": "date-time" }),
            Self::Expiry { .. } => json!({
                "type": "string",
                "description": "A date, in ISO 8601 or any other common form; empty for never."
            }),
            Self::List { item, most } => {
                let mut schema = json!({ "type": "array", "items": item.schema() });
                if let Some(most) = most {
                    put(&mut schema, "maxItems", json!(most));
                }
                schema
            }
            Self::MapOf(item) => json!({ "type": "object", "additionalProperties": item.schema() }),
            Self::Object(shape) => shape.schema(),
            Self::ZeroOr(rule) => json!({ "anyOf": [{ "const": 0 }, rule.schema()] }),
            Self::Nullable(rule) => nullable(rule.schema()),
            Self::Checked(rule, _) | Self::CheckedEach(rule, _) => rule.schema(),
            Self::Any => json!({}),
        }
    }
}

fn number(whole: bool, least: Option<i64>, most: Option<i64>) -> Value {
    let mut schema = json!({ "type": if whole { "integer" } else { "number" } });
    if let Some(least) = least.filter(|least| *least != -SAFE_INTEGER) {
        put(&mut schema, "minimum", json!(least));
    }
    if let Some(most) = most.filter(|most| *most != SAFE_INTEGER) {
        put(&mut schema, "maximum", json!(most));
    }
    schema
}

fn text(least: usize, most: Option<usize>) -> Value {
    let mut schema = json!({ "type": "string" });
    if least > 0 {
        put(&mut schema, "minLength", json!(least));
    }
    if let Some(most) = most {
        put(&mut schema, "maxLength", json!(most));
    }
    schema
}

fn nullable(mut schema: Value) -> Value {
    let Some(object) = schema.as_object_mut() else { return schema };
    if let Some(Value::Array(words)) = object.get_mut("enum") {
        words.push(Value::Null);
    }
    match object.get("type").cloned() {
        Some(kind @ Value::String(_)) => {
            object.insert("type".to_owned(), json!([kind, "null"]));
            schema
        }
        _ if object.is_empty() => schema,
        _ => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}

fn with(mut schema: Value, name: &str, value: &str) -> Value {
    put(&mut schema, name, json!(value));
    schema
}

fn put(schema: &mut Value, name: &str, value: Value) {
    if let Some(object) = schema.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}
