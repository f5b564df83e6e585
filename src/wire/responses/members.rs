//! The members of a JSON object in their order, their values as they are written.

use std::fmt;
use std::ops::Range;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of an object.
pub(super) struct Members<'a>(pub Vec<(String, &'a RawValue)>);

/// Where a member stands in a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The bytes of its value.
    pub value: Option<Range<usize>>,
    /// The place behind the object's opening brace.
    pub inside: usize,
    /// The object has no members.
    pub is_empty: bool,
}

/// Looks for a member of a body; `None` when the body is no object.
pub(super) fn find(body: &[u8], name: &str) -> Option<Found> {
    let Members(members) = serde_json::from_slice(body).ok()?;
    let inside = body.iter().position(|byte| *byte == b'{')? + 1;
    let value = members.iter().find(|(own, _)| own == name).map(|(_, value)| {
        let text = value.get();
        let start = text.as_ptr().addr() - body.as_ptr().addr();
        start..start + text.len()
    });
    Some(Found { value, inside, is_empty: members.is_empty() })
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(MemberVisitor)
    }
}

struct MemberVisitor;

impl<'de> Visitor<'de> for MemberVisitor {
    type Value = Members<'de>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}
