//! Numbers as JavaScript sees them, because clients of the original rely on it.
//!
//! A JSON number is a double there; its shortest decimal text is what the original stored. Money
//! is read from that text exactly, so that no arithmetic ever happens on the double.

use rust_decimal::Decimal;
use serde_json::{Number, Value};
use switchyard_actors::domain::money::parse_decimal;

use super::rule::SAFE_INTEGER;

/// Beyond this a decimal cannot follow; every bound lies far below.
const LARGEST: f64 = 1e27;

/// Turns a value into a number as `Number()` does; `None` is "not a number".
pub(super) fn coerce(value: &Value) -> Option<f64> {
    match value {
        Value::Null | Value::Bool(false) => Some(0.0),
        Value::Bool(true) => Some(1.0),
        Value::Number(number) => number.as_f64(),
        Value::String(text) => from_text(text),
        // An array becomes the text of its items, joined by commas.
        Value::Array(items) => match items.as_slice() {
            [] => Some(0.0),
            [Value::String(text)] => from_text(text),
            [Value::Number(number)] => number.as_f64(),
            _ => None,
        },
        Value::Object(_) => None,
    }
}

fn from_text(text: &str) -> Option<f64> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
    if text.is_empty() {
        return Some(0.0);
    }
    for (prefix, radix) in [("0x", 16), ("0b", 2), ("0o", 8)] {
        let start = text.get(..2).filter(|start| start.eq_ignore_ascii_case(prefix));
        if start.is_some() {
            let digits = text.get(2..).filter(|digits| !digits.starts_with(['+', '-']))?;
            let number = u32::from_str_radix(digits, radix).ok()?;
            return Some(f64::from(number));
        }
    }
    // Rust also reads "inf" and "nan", and JavaScript "Infinity", which no rule accepts.
    let is_plain =
        text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E'));
    text.parse().ok().filter(|number: &f64| is_plain && number.is_finite())
}

/// Returns the decimal that the double's shortest text shows; it stays at the largest one.
pub(super) fn decimal(number: f64) -> Decimal {
    if number > LARGEST {
        return Decimal::MAX;
    }
    if number < -LARGEST {
        return Decimal::MIN;
    }
    // What cannot be read is smaller than 10^-28.
    parse_decimal(&number.to_string()).unwrap_or_default()
}

/// Tells whether the number is one that JavaScript calls a safe integer.
pub(super) fn is_safe(exact: Decimal) -> bool {
    exact.is_integer() && exact.abs() <= Decimal::from(SAFE_INTEGER)
}

/// Writes a number the way `JSON.stringify` would: whole ones without a fraction.
pub(super) fn to_json(number: f64) -> Value {
    let exact = decimal(number);
    let whole = is_safe(exact).then(|| i64::try_from(exact).ok()).flatten();
    match whole {
        Some(whole) => Value::from(whole),
        None => Number::from_f64(number).map_or(Value::Null, Value::Number),
    }
}
