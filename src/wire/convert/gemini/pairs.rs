//! Objects of JSON with their values as they were written and in their order, and places where one
//! value may stand for a list of one.

use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::super::hub::Json;
pub(super) use super::super::lax::count;
use super::super::lax::whole_of;

/// An object's keys and values, in order.
#[derive(Clone, Debug, Default)]
pub(in crate::wire::convert) struct Pairs<'a>(
    pub(in crate::wire::convert) Vec<(String, &'a RawValue)>,
);

impl<'a> Pairs<'a> {
    /// Reads an object; `None` when it is none.
    pub(in crate::wire::convert) fn read(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Returns a key's value; a null is none.
    pub(in crate::wire::convert) fn get(&self, key: &str) -> Option<&'a RawValue> {
        let found = self.0.iter().find(|(name, _)| name == key).map(|(_, value)| *value);
        found.filter(|value| value.get() != "null")
    }

    /// Returns a key's text; `None` when it is no text.
    pub(in crate::wire::convert) fn text(&self, key: &str) -> Option<String> {
        serde_json::from_str(self.get(key)?.get()).ok()
    }

    /// Prints it.
    pub(in crate::wire::convert) fn json(&self) -> Json {
        Json::of(self).unwrap_or_else(Json::empty_object)
    }
}

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry::<String, &'de RawValue>()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}

/// Reads a list, or one value in its place, as Google's own parser does.
pub(super) fn many<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let text = <&'de RawValue>::deserialize(deserializer)?.get();
    let read = match text.as_bytes().first() {
        Some(b'[') => serde_json::from_str(text),
        Some(b'n') => Ok(Vec::new()),
        _ => serde_json::from_str(text).map(|one| vec![one]),
    };
    read.map_err(D::Error::custom)
}

/// Reads a whole number that is not below 0, also when it is written `40.0` or `"40"`.
pub(super) fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let text = <&'de RawValue>::deserialize(deserializer)?.get();
    if text == "null" {
        return Ok(None);
    }
    let number = whole_of(text);
    number.map(Some).ok_or_else(|| D::Error::custom(format!("{text} is no whole number")))
}
