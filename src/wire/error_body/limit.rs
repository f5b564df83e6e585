//! The fields of a refusal, as the original names them.

use serde::Serialize;
use serde_json::value::RawValue;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::{Amount, Refusal};

/// What a refused client is told about the limit.
#[derive(Serialize)]
pub(super) struct LimitFields {
    limit_type: &'static str,
    current: Option<Box<RawValue>>,
    limit: Option<Box<RawValue>>,
    reset_time: Option<String>,
}

impl LimitFields {
    pub(super) fn of(refusal: &Refusal) -> Self {
        Self {
            limit_type: refusal.kind.name(),
            current: number(refusal.current),
            limit: number(refusal.limit),
            reset_time: refusal.resets_at.and_then(iso),
        }
    }
}

/// Writes an amount as an exact JSON number: dollars for money.
fn number(amount: Amount) -> Option<Box<RawValue>> {
    let text = match amount {
        Amount::Count(count) => count.to_string(),
        Amount::Money(money) => money.usd().normalize().to_string(),
    };
    RawValue::from_string(text).ok()
}

/// Writes an instant with milliseconds, as JavaScript does.
fn iso(at: Micros) -> Option<String> {
    let at = jiff::Timestamp::from_millisecond(at.millis()).ok()?;
    Some(format!("{at:.3}"))
}
