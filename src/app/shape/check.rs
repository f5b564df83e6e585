//! Checks a value against a rule, and returns it in its plain form: coerced numbers as numbers,
//! ends as microseconds, unknown keys gone.

use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use switchyard_actors::domain::instant::Micros;

use super::body::Body;
use super::issue::{Fault, Issue};
use super::rule::Rule;
use super::{Shape, date, number};

const OVER: Fault = Fault { id: "wrong-past", text: "The expiry must lie in the future" };
const FAR: Fault = Fault { id: "wrong-far", text: "The expiry may be at most ten years ahead" };

/// What a check needs to know of the time.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Now.
    pub now: Micros,
    /// The system's time zone.
    pub zone: TimeZone,
}

impl Shape {
    /// Checks an object.
    ///
    /// # Errors
    /// Returns everything that is wrong, in the order of the fields.
    pub fn check(&self, value: &Value, moment: &Moment) -> Result<Body, Vec<Issue>> {
        let mut issues = Vec::new();
        let object = object(self, value, moment, &mut issues);
        match object {
            Some(Value::Object(object)) if issues.is_empty() => Ok(Body(object)),
            _ => Err(issues),
        }
    }
}

impl Rule {
    /// Checks a value; what is wrong is added to `issues`.
    pub fn check(&self, value: &Value, moment: &Moment, issues: &mut Vec<Issue>) -> Option<Value> {
        let checked = match self {
            Self::Nullable(_) if value.is_null() => Ok(Value::Null),
            Self::Nullable(rule) => return rule.check(value, moment, issues),
            Self::Object(shape) => return object(shape, value, moment, issues),
            Self::List { item, most } => return list(item, *most, value, moment, issues),
            Self::MapOf(item) => return map(item, value, moment, issues),
            Self::ZeroOr(rule) => zero_or(rule, value, moment),
            Self::Checked(rule, check) => {
                let plain = rule.check(value, moment, issues)?;
                check(&plain).map_or(Ok(plain), |fault| Err(Issue::custom(fault)))
            }
            Self::CheckedEach(rule, check) => {
                let plain = rule.check(value, moment, issues)?;
                check(&plain).map_or(Ok(plain), Err)
            }
            Self::Number { .. } => self.numeric(value),
            Self::Flag if !value.is_boolean() => Err(Issue::wrong_type("boolean", kind(value))),
            Self::Flag | Self::Any => Ok(value.clone()),
            Self::OneOf(words) => one_of(words, value),
            Self::Expiry { future, unbounded } => expiry(*future, *unbounded, value, moment),
            Self::Text { .. } | Self::Url { .. } | Self::TimeOfDay { .. } | Self::Instant => {
                self.text_like(value)
            }
        };
        checked.map_err(|issue| issues.push(issue)).ok()
    }

    fn numeric(&self, value: &Value) -> Result<Value, Issue> {
        let Self::Number { whole, coerced, least, most } = self else {
            return Err(Issue::wrong_type("number", kind(value)));
        };
        let found = if *coerced { number::coerce(value) } else { value.as_f64() };
        let found = found.ok_or_else(|| {
            Issue::wrong_type("number", if *coerced { "NaN" } else { kind(value) })
        })?;
        let exact = number::decimal(found);
        if *whole && !exact.is_integer() {
            return Err(Issue::wrong_type("int", "number").with("format", "safeint"));
        }
        if let Some(least) = least.filter(|least| exact < Decimal::from(*least)) {
            return Err(Issue::too_small("number", least));
        }
        if let Some(most) = most.filter(|most| exact > Decimal::from(*most)) {
            return Err(Issue::too_big("number", most));
        }
        Ok(number::to_json(found))
    }

    fn text_like(&self, value: &Value) -> Result<Value, Issue> {
        let text = value.as_str().ok_or_else(|| Issue::wrong_type("string", kind(value)))?;
        match self {
            Self::Text { least, most } => within(text, *least, *most)?,
            Self::Url { most } => {
                url::Url::parse(text).map_err(|_| Issue::format("url", "Invalid URL"))?;
                within(text, 0, *most)?;
            }
            Self::TimeOfDay { short } if !is_time_of_day(text, *short) => {
                return Err(Issue::format("regex", "Invalid time: expected HH:mm"));
            }
            Self::Instant if !date::is_instant(text) => {
                return Err(Issue::format("datetime", "Invalid ISO datetime"));
            }
            _ => {}
        }
        Ok(value.clone())
    }
}

fn object(shape: &Shape, value: &Value, moment: &Moment, issues: &mut Vec<Issue>) -> Option<Value> {
    let Some(given) = value.as_object() else {
        issues.push(Issue::wrong_type("object", kind(value)));
        return None;
    };
    let mut plain = Map::new();
    for field in &shape.0 {
        let Some(value) = given.get(field.name) else {
            if field.required {
                issues.push(missing(&field.rule).at(field.name));
            }
            continue;
        };
        let value = nested(&field.rule, value, field.name, moment, issues);
        plain.extend(value.map(|value| (field.name.to_owned(), value)));
    }
    Some(Value::Object(plain))
}

fn list(
    item: &Rule,
    most: Option<usize>,
    value: &Value,
    moment: &Moment,
    issues: &mut Vec<Issue>,
) -> Option<Value> {
    let Some(given) = value.as_array() else {
        issues.push(Issue::wrong_type("array", kind(value)));
        return None;
    };
    if let Some(most) = most.filter(|most| given.len() > *most) {
        issues.push(Issue::too_big("array", most));
    }
    let mut plain = Vec::with_capacity(given.len());
    for (index, value) in given.iter().enumerate() {
        plain.extend(nested(item, value, index, moment, issues));
    }
    Some(Value::Array(plain))
}

fn map(item: &Rule, value: &Value, moment: &Moment, issues: &mut Vec<Issue>) -> Option<Value> {
    let Some(given) = value.as_object() else {
        issues.push(Issue::wrong_type("record", kind(value)));
        return None;
    };
    let mut plain = Map::new();
    for (name, value) in given {
        let value = nested(item, value, name.as_str(), moment, issues);
        plain.extend(value.map(|value| (name.clone(), value)));
    }
    Some(Value::Object(plain))
}

fn nested(
    rule: &Rule,
    value: &Value,
    step: impl Into<Value>,
    moment: &Moment,
    issues: &mut Vec<Issue>,
) -> Option<Value> {
    let before = issues.len();
    let plain = rule.check(value, moment, issues);
    if issues.len() > before {
        let step = step.into();
        let new = issues.split_off(before);
        issues.extend(new.into_iter().map(|issue| issue.at(step.clone())));
    }
    plain
}

fn zero_or(rule: &Rule, value: &Value, moment: &Moment) -> Result<Value, Issue> {
    if value.as_f64().is_some_and(|number| number::decimal(number).is_zero()) {
        return Ok(json!(0));
    }
    let mut issues = Vec::new();
    let plain = rule.check(value, moment, &mut issues);
    plain.ok_or_else(|| {
        let inner: Vec<Value> = issues.iter().map(Issue::to_json).collect();
        Issue::new("invalid_union", "Invalid input").with("errors", json!([inner]))
    })
}

fn one_of(words: &[&str], value: &Value) -> Result<Value, Issue> {
    if value.as_str().is_some_and(|word| words.contains(&word)) {
        return Ok(value.clone());
    }
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    let message = format!("Invalid option: expected one of {}", quoted.join("|"));
    Err(Issue::new("invalid_value", message).with("values", words.to_vec()))
}

fn expiry(future: bool, unbounded: bool, value: &Value, moment: &Moment) -> Result<Value, Issue> {
    let text = value.as_str().ok_or_else(|| Issue::wrong_type("date", kind(value)))?;
    if text.is_empty() {
        return Ok(Value::Null);
    }
    let end =
        date::parse(text, &moment.zone).ok_or_else(|| Issue::wrong_type("date", "Invalid Date"))?;
    if future && end <= moment.now {
        return Err(Issue::custom(OVER));
    }
    if !unbounded && end > date::ten_years_after(moment.now, &moment.zone) {
        return Err(Issue::custom(FAR));
    }
    Ok(json!(end.0))
}

fn within(text: &str, least: usize, most: Option<usize>) -> Result<(), Issue> {
    let length = text.encode_utf16().count();
    if length < least {
        return Err(Issue::too_small("string", least));
    }
    match most.filter(|most| length > *most) {
        Some(most) => Err(Issue::too_big("string", most)),
        None => Ok(()),
    }
}

fn is_time_of_day(text: &str, short: bool) -> bool {
    let Some((hour, minute)) = text.split_once(':') else { return false };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let long_enough = hour.len() == 2 || (short && hour.len() == 1);
    let below = |text: &str, end: u8| text.parse::<u8>().is_ok_and(|number| number < end);
    long_enough
        && minute.len() == 2
        && digits(hour)
        && digits(minute)
        && below(hour, 24)
        && below(minute, 60)
}

/// Says what is wrong with a value that is not there.
fn missing(rule: &Rule) -> Issue {
    match rule {
        Rule::Nullable(rule) | Rule::Checked(rule, _) | Rule::CheckedEach(rule, _) => missing(rule),
        Rule::Number { coerced: true, .. } => Issue::wrong_type("number", "NaN"),
        Rule::Number { .. } => Issue::wrong_type("number", "undefined"),
        Rule::Flag => Issue::wrong_type("boolean", "undefined"),
        Rule::List { .. } => Issue::wrong_type("array", "undefined"),
        Rule::MapOf(_) => Issue::wrong_type("record", "undefined"),
        Rule::Object(_) => Issue::wrong_type("object", "undefined"),
        Rule::OneOf(words) => one_of(words, &Value::Null).err().unwrap_or_else(Issue::none),
        Rule::ZeroOr(_) | Rule::Any => Issue::none(),
        Rule::Text { .. }
        | Rule::Url { .. }
        | Rule::TimeOfDay { .. }
        | Rule::Instant
        | Rule::Expiry { .. } => Issue::wrong_type("string", "undefined"),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
