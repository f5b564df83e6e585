//! Reading what vendors write, leniently where it does not matter.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Reads a field so that anything of another type counts as if it were not there.
pub(super) fn lax<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let raw = <&'de RawValue>::deserialize(deserializer)?;
    if raw.get() == "null" {
        return Ok(None);
    }
    Ok(serde_json::from_str::<Option<T>>(raw.get()).ok().flatten())
}

/// Reads a count, or none: what it counts is worth more than it.
pub(super) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    <&'de RawValue>::deserialize(deserializer).map(|raw| whole_of(raw.get()))
}

/// Reads a whole number that is not below 0, also when it is written `40.0` or `"40"`.
pub(super) fn whole_of(text: &str) -> Option<u64> {
    let text = text.trim_matches('"');
    let (number, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_whole = fraction.bytes().all(|digit| digit == b'0');
    number.parse().ok().filter(|_| is_whole)
}
