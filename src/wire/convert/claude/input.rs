//! The input of a tool that the vendor ran: it comes behind the block it belongs to.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use crate::wire::convert::hub::Json;

/// Returns a block with its `input` in place of the empty one it began with; as it is when it cannot be
/// read.
pub(super) fn with_input(raw: &Json, input: &str) -> Json {
    joined(raw, input).unwrap_or_else(|| raw.clone())
}

fn joined(raw: &Json, input: &str) -> Option<Json> {
    let Fields(mut fields) = raw.read().ok()?;
    fields.retain(|(name, _)| name != "input");
    fields.push(("input".to_owned(), Json::parse(input)?));
    let mut texts = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        texts.push(format!("{}:{}", Json::of(&name)?.text(), value.text()));
    }
    Json::parse(&format!("{{{}}}", texts.join(",")))
}

/// The fields of an object in their order, as they were written.
struct Fields(Vec<(String, Json)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry::<String, Json>()? {
            fields.push(field);
        }
        Ok(Fields(fields))
    }
}
