//! A tree of JSON that keeps the order of keys and the spelling of numbers.

use memchr::memchr2;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use super::super::hub::Json;

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
        let read = Reader { rest: text }.value(MOST_DEPTH);
        read.unwrap_or_else(|| Self::Object(Object::default()))
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

    /// Returns how long it is when it is printed, nearly: escapes within texts are not counted.
    pub(super) fn printed(&self) -> usize {
        match self {
            Self::Leaf(leaf) => leaf.text().len() + 1,
            Self::Text(text) => text.len() + 3,
            Self::List(list) => list.iter().map(Self::printed).fold(2, usize::saturating_add),
            Self::Object(object) => {
                let members = object.0.iter().map(|(key, node)| key.len() + 4 + node.printed());
                members.fold(2, usize::saturating_add)
            }
        }
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

/// Reads a text that is known to be JSON, once from its beginning to its end.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_ascii_start();
        self.rest.as_bytes().first().copied()
    }

    /// Takes so many bytes off.
    fn take(&mut self, length: usize) -> Option<&'a str> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        match (self.peek()?, depth.checked_sub(1)) {
            (b'"', _) => self.text().map(Node::Text),
            (b'{' | b'[', None) => self.skip().map(|()| Node::Object(Object::default())),
            (b'{', Some(depth)) => self.object(depth).map(Node::Object),
            (b'[', Some(depth)) => self.list(depth).map(Node::List),
            _ => {
                let ends =
                    |byte: u8| matches!(byte, b',' | b']' | b'}') || byte.is_ascii_whitespace();
                let end = self.rest.bytes().position(ends).unwrap_or(self.rest.len());
                Json::parse(self.take(end)?).map(Node::Leaf)
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Object> {
        let mut object = Object::default();
        self.take(1)?;
        while self.peek()? != b'}' {
            if self.peek()? == b',' {
                self.take(1)?;
                self.peek()?;
            }
            let key = self.text()?;
            self.peek()?;
            self.take(1)?;
            object.0.push((key, self.value(depth)?));
        }
        self.take(1)?;
        Some(object)
    }

    fn list(&mut self, depth: usize) -> Option<Vec<Node>> {
        let mut list = Vec::new();
        self.take(1)?;
        while self.peek()? != b']' {
            if self.peek()? == b',' {
                self.take(1)?;
            }
            list.push(self.value(depth)?);
        }
        self.take(1)?;
        Some(list)
    }

    fn text(&mut self) -> Option<String> {
        let length = text_length(self.rest)?;
        serde_json::from_str(self.take(length)?).ok()
    }

    /// Passes over an object or a list.
    fn skip(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            let at = self
                .rest
                .bytes()
                .position(|byte| matches!(byte, b'"' | b'{' | b'[' | b']' | b'}'))?;
            self.take(at)?;
            match self.peek()? {
                b'"' => {
                    self.take(text_length(self.rest)?)?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                _ => depth = depth.checked_sub(1)?,
            }
            self.take(1)?;
            if depth == 0 {
                return Some(());
            }
        }
    }
}

/// Returns the length of the text that a text begins with, its quotes included.
fn text_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return at.checked_add(1);
        }
        at += 2;
    }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map(".{0,4}", inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_read_prints_as_it_was(value in values()) {
            let plain = serde_json::to_string(&value).unwrap();
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            for text in [&plain, &pretty] {
                let read = Node::parse(text).json();
                prop_assert_eq!(read.text(), &plain);
            }
        }

        #[test]
        fn any_text_is_read_somehow(text in "[\\[\\]{}:,\"\\\\a0 ]{0,30}") {
            let _ = Node::parse(&text);
        }
    }

    #[test]
    fn numbers_and_order_stay_and_what_is_too_deep_is_any_object() {
        let text = r#"{"b":1.50,"a":[1e400,-0.0],"b":null}"#;
        assert_eq!(Node::parse(text).json().text(), text);
        let deep = format!("[{}\"]\"{},2]", "[".repeat(200), "]".repeat(200));
        let read = Node::parse(&deep).json();
        assert!(read.text().contains("[{}]") && read.text().ends_with(",2]"), "{}", read.text());
    }
}
