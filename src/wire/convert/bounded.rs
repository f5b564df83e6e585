//! Schemas without bounds: Anthropic refuses them where an answer or a call must keep to a schema, so they
//! are told in the descriptions.

use serde_json::{Map, Value};

/// Bounds that are refused.
const BOUNDS: [&str; 12] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "contains",
];
/// Keywords behind which schemas have names of their own.
const NAMED: [&str; 3] = ["properties", "$defs", "definitions"];
/// Keywords behind which there is no schema.
const VALUES: [&str; 5] = ["enum", "const", "default", "examples", "required"];

/// Moves the bounds of a schema into its descriptions; tells whether there were any.
pub fn tell_bounds(schema: &mut Value) -> bool {
    match schema {
        Value::Object(node) => {
            let mut any = tell_own(node);
            for (key, inner) in node.iter_mut() {
                if NAMED.contains(&key.as_str()) {
                    let named = inner.as_object_mut().into_iter().flat_map(Map::values_mut);
                    for inner in named {
                        any |= tell_bounds(inner);
                    }
                } else if !VALUES.contains(&key.as_str()) {
                    any |= tell_bounds(inner);
                }
            }
            any
        }
        Value::Array(nodes) => {
            let mut any = false;
            for node in nodes {
                any |= tell_bounds(node);
            }
            any
        }
        _ => false,
    }
}

fn tell_own(node: &mut Map<String, Value>) -> bool {
    let mut told: Vec<String> = Vec::new();
    let mut tell = |node: &mut Map<String, Value>, key: &str| {
        told.extend(node.remove(key).map(|value| format!("{key}: {value}")));
    };
    for key in BOUNDS {
        tell(node, key);
    }
    // None and one are taken.
    if node.get("minItems").is_some_and(|least| least.as_u64().is_none_or(|least| least > 1)) {
        tell(node, "minItems");
    }
    if told.is_empty() {
        return false;
    }
    let told = told.join(", ");
    let described = match node.get("description").and_then(Value::as_str) {
        Some(said) => format!("{said} ({told})"),
        None => told,
    };
    node.insert("description".to_owned(), Value::String(described));
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bounds_are_told_and_names_are_left_alone() {
        let mut schema = json!({"type": "object", "properties": {
            "minimum": {"type": "integer", "minimum": 1, "maximum": 9, "description": "A number."},
            "list": {"type": "array", "minItems": 2, "items": {"type": "string", "maxLength": 3}},
            "few": {"type": "array", "minItems": 1, "default": {"maximum": 1}}
        }});
        assert!(tell_bounds(&mut schema));
        let wanted = json!({"type": "object", "properties": {
            "minimum": {"type": "integer", "description": "A number. (minimum: 1, maximum: 9)"},
            "list": {"type": "array", "description": "minItems: 2",
                "items": {"type": "string", "description": "maxLength: 3"}},
            "few": {"type": "array", "minItems": 1, "default": {"maximum": 1}}
        }});
        assert_eq!(schema, wanted);
        assert!(!tell_bounds(&mut schema));
    }
}
