//! What type a node has, also when it does not say.

use super::super::super::hub::Json;
use super::super::node::Node;
use super::flat::Flat;

/// Returns the types that a node says, in small letters; unknown ones are none.
pub(super) fn types(flat: &Flat<'_>) -> Vec<&'static str> {
    let said: Vec<&str> = match flat.get("type") {
        Some(Node::Text(name)) => vec![name],
        Some(Node::List(names)) => names.iter().filter_map(Node::as_text).collect(),
        _ => flat.bare_type.into_iter().collect(),
    };
    let mut types: Vec<&'static str> = Vec::new();
    for name in said.into_iter().filter_map(known) {
        if !types.contains(&name) {
            types.push(name);
        }
    }
    types
}

/// Returns a type as it is written, in small letters; `None` for an unknown one.
pub(super) fn known(name: &str) -> Option<&'static str> {
    let all = ["string", "number", "integer", "boolean", "array", "object", "null"];
    all.into_iter().find(|known| known.eq_ignore_ascii_case(name))
}

/// Returns the type of a node that says none; `None` when it may be anything.
pub(super) fn guess(flat: &Flat<'_>) -> Option<&'static str> {
    let says = |keys: &[&str]| keys.iter().any(|key| flat.get(key).is_some());
    if !flat.properties.is_empty() || !flat.required.is_empty() {
        return Some("object");
    }
    let values = flat.get("enum").and_then(Node::as_list).and_then(<[Node]>::first);
    match values.or_else(|| flat.get("const")) {
        Some(Node::Leaf(leaf)) => return Some(type_of(leaf)),
        Some(Node::Text(_)) => return Some("string"),
        _ => {}
    }
    if says(&["items", "prefixItems", "minItems", "maxItems"]) {
        Some("array")
    } else if says(&["pattern", "minLength", "maxLength", "format"]) {
        Some("string")
    } else if says(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]) {
        Some("number")
    } else {
        says(&["additionalProperties", "minProperties", "maxProperties"]).then_some("object")
    }
}

fn type_of(leaf: &Json) -> &'static str {
    match leaf.text() {
        "true" | "false" => "boolean",
        "null" => "string",
        number if number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') => "integer",
        _ => "number",
    }
}

/// Tells whether a keyword says something of a type.
pub(super) fn belongs(keyword: &str, name: &str) -> bool {
    match keyword {
        "minLength" | "maxLength" | "pattern" => name == "string",
        "minItems" | "maxItems" | "uniqueItems" => name == "array",
        "minProperties" | "maxProperties" => name == "object",
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            name == "number" || name == "integer"
        }
        _ => true,
    }
}
