//! A tree of JSON that keeps the order of keys and the spelling of numbers.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::super::hub::Json;
use super::pairs::Pairs;

/// How deep a tree is read; what is deeper is an empty object.
const MOST_DEPTH: usize = 96;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// A number, a boolean, or null, as it was written.
    Leaf(Json),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// An object.
    Object(Object),
}

/// An object, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Object(pub(super) Vec<(String, Node)>);

impl Node {
    /// Reads a text that is known to be JSON.
    pub(super) fn parse(text: &str) -> Self {
        read(text.trim(), MOST_DEPTH)
    }

    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn yes() -> Self {
        Self::Leaf(Json::of(&true).unwrap_or_else(Json::empty_object))
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(list) = self { Some(list) } else { None }
    }

    pub(super) fn as_object(&self) -> Option<&Object> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    /// Tells whether it is a number, a boolean or null of this spelling.
    pub(super) fn is_leaf(&self, spelling: &str) -> bool {
        matches!(self, Self::Leaf(leaf) if leaf.text() == spelling)
    }

    /// Prints it.
    pub(super) fn json(&self) -> Json {
        Json::of(self).unwrap_or_else(Json::empty_object)
    }
}

impl Object {
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    pub(super) fn take(&mut self, key: &str) -> Option<Node> {
        let place = self.0.iter().position(|(name, _)| name == key)?;
        Some(self.0.remove(place).1)
    }

    pub(super) fn push(&mut self, key: &str, node: Node) {
        self.0.push((key.to_owned(), node));
    }
}

fn read(text: &str, depth: usize) -> Node {
    let Some(depth) = depth.checked_sub(1) else { return Node::Object(Object::default()) };
    let read = match text.as_bytes().first() {
        Some(b'"') => serde_json::from_str(text).ok().map(Node::Text),
        Some(b'[') => serde_json::from_str::<Vec<&RawValue>>(text)
            .ok()
            .map(|list| Node::List(list.iter().map(|item| read(item.get(), depth)).collect())),
        Some(b'{') => Pairs::read(text).map(|pairs| {
            let pairs = pairs.0.into_iter().map(|(key, value)| (key, read(value.get(), depth)));
            Node::Object(Object(pairs.collect()))
        }),
        _ => Json::parse(text).map(Node::Leaf),
    };
    read.unwrap_or_else(|| Node::Object(Object::default()))
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Leaf(leaf) => leaf.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(list) => {
                let mut sequence = serializer.serialize_seq(Some(list.len()))?;
                for node in list {
                    sequence.serialize_element(node)?;
                }
                sequence.end()
            }
            Self::Object(object) => {
                let mut map = serializer.serialize_map(Some(object.0.len()))?;
                for (key, node) in &object.0 {
                    map.serialize_entry(key, node)?;
                }
                map.end()
            }
        }
    }
}
