//! Google's subset of OpenAPI as JSON Schema, which all others take.

use super::super::super::hub::Json;
use super::super::node::{Node, Object};

/// Bounds that Google's own libraries write as texts, for they are 64 bits wide.
const LENGTHS: [&str; 6] =
    ["minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"];

/// Returns a schema of the subset as JSON Schema: types in small letters, null as a type.
#[must_use]
pub fn of_subset(schema: &Json) -> Json {
    let node = back(Node::parse(schema.text()));
    if node == Node::parse(schema.text()) { schema.clone() } else { node.json() }
}

fn back(node: Node) -> Node {
    let Node::Object(mut object) = node else { return node };
    let nullable = object.take("nullable").is_some_and(|is| is.is_leaf("true"));
    let mut out = Object::default();
    for (key, value) in object.0 {
        let value = match (key.as_str(), value) {
            ("type", Node::Text(name)) => match small(&name) {
                Some(name) => Node::Text(name),
                None => continue,
            },
            ("format", Node::Text(name)) if name == "enum" => continue,
            ("properties", Node::Object(properties)) => Node::Object(Object(
                properties.0.into_iter().map(|(name, node)| (name, back(node))).collect(),
            )),
            ("anyOf", Node::List(members)) => Node::List(members.into_iter().map(back).collect()),
            ("items" | "additionalProperties", value) => back(value),
            (key, Node::Text(text)) if LENGTHS.contains(&key) => number(text),
            (_, value) => value,
        };
        out.0.push((key, value));
    }
    if nullable {
        allow_null(&mut out);
    }
    Node::Object(out)
}

/// `TYPE_UNSPECIFIED` says nothing.
fn small(name: &str) -> Option<String> {
    (name != "TYPE_UNSPECIFIED").then(|| name.to_ascii_lowercase())
}

fn number(text: String) -> Node {
    match text.parse::<u64>().ok().and_then(|number| Json::of(&number)) {
        Some(number) => Node::Leaf(number),
        None => Node::Text(text),
    }
}

fn allow_null(object: &mut Object) {
    for (key, value) in &mut object.0 {
        match (key.as_str(), &mut *value) {
            ("type", Node::Text(name)) => {
                *value = Node::List(vec![Node::text(name.as_str()), Node::text("null")]);
                return;
            }
            ("anyOf", Node::List(members)) => {
                let null = Object(vec![("type".to_owned(), Node::text("null"))]);
                members.push(Node::Object(null));
                return;
            }
            _ => {}
        }
    }
}
