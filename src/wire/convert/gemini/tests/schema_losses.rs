//! What a schema loses for Google is said, each by its keyword.

use super::super::schema::{Purpose, Taker, clean};
use super::*;

/// Returns what a property loses, for the subset and for JSON Schema.
fn lost(schema: &str) -> [Vec<String>; 2] {
    [Taker::Subset, Taker::JsonSchema].map(|taker| {
        let whole = format!(r#"{{"type":"object","properties":{{"p":{schema}}}}}"#);
        clean(&json(&whole), taker, Purpose::Arguments).lost.into_iter().collect()
    })
}

fn property(schema: &str, taker: Taker) -> String {
    let whole = format!(r#"{{"type":"object","properties":{{"p":{schema}}}}}"#);
    clean(&json(&whole), taker, Purpose::Arguments).schema.text().to_owned()
}

#[test]
fn each_keyword_that_goes_is_said() {
    for (schema, subset, whole) in [
        // A list of what each place holds.
        (r#"{"type":"array","items":[{"type":"string"},{"type":"integer"}]}"#, "items", "items"),
        // What may be anything.
        ("{}", "type", ""),
        ("true", "type", ""),
        (r#"{"description":"d"}"#, "type", ""),
        (r#"{"type":"array"}"#, "items", ""),
        // Beside members nothing else may stand.
        (
            r#"{"anyOf":[{"type":"string"},{"type":"integer"}],"default":1,"title":"t","enum":[1]}"#,
            "default enum title",
            "default enum title",
        ),
        (
            r#"{"type":["string","integer"],"anyOf":[{"minLength":1},{"maxLength":2}]}"#,
            "type",
            "type",
        ),
        (
            r#"{"anyOf":[{"type":"string"},{"type":"integer"}],"oneOf":[{"minLength":1},{"maximum":2}]}"#,
            "oneOf",
            "oneOf",
        ),
        // Of two that say other things the outer counts.
        (
            r#"{"type":"string","maxLength":3,"allOf":[{"maxLength":2},{"maxLength":3}]}"#,
            "maxLength",
            "maxLength",
        ),
        (
            r#"{"allOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"a":{"type":"integer"}}}]}"#,
            "properties",
            "properties",
        ),
        (r#"{"type":"string","enum":["",null]}"#, "enum", "enum"),
        // Nothing of these goes.
        (r#"{"type":"string","maxLength":3,"allOf":[{"maxLength":3}]}"#, "", ""),
        (r#"{"type":"object"}"#, "", ""),
        (r#"{"required":["a"]}"#, "", ""),
    ] {
        let said = lost(schema).map(|lost| lost.join(" "));
        assert_eq!(said, [subset, whole], "{schema}");
    }
}

#[test]
fn who_takes_json_schema_is_told_of_anything() {
    let whole = |inner: &str| format!(r#"{{"type":"object","properties":{{"p":{inner}}}}}"#);
    for (schema, subset, wanted) in [
        ("{}", r#"{"type":"object"}"#, "{}"),
        ("true", r#"{"type":"object"}"#, "{}"),
        (
            r#"{"description":"d"}"#,
            r#"{"type":"object","description":"d"}"#,
            r#"{"description":"d"}"#,
        ),
        (
            r#"{"type":"array"}"#,
            r#"{"type":"array","items":{"type":"object"}}"#,
            r#"{"type":"array","items":{}}"#,
        ),
    ] {
        assert_eq!(property(schema, Taker::Subset), whole(subset), "{schema}");
        assert_eq!(property(schema, Taker::JsonSchema), whole(wanted), "{schema}");
    }
    // Arguments themselves are always an object, and lose nothing by that.
    for taker in [Taker::Subset, Taker::JsonSchema] {
        let cleaned = clean(&json("{}"), taker, Purpose::Arguments);
        assert!(cleaned.lost.is_empty() && cleaned.is_bare, "{:?}", cleaned.lost);
        assert_eq!(cleaned.schema.text(), r#"{"type":"object"}"#);
    }
}

#[test]
fn what_is_lost_is_told_where_it_stands() {
    let schema = r##"{"type":"object","$defs":{"d":{"type":"string","format":"uuid"}},"properties":{
        "a/b":{"type":"array"},"format":{"type":"string","format":"uri"},
        "by":{"$ref":"#/$defs/d"},"any":{"anyOf":[{"type":"string","x-y":1},{"type":"integer"}]}},
        "additionalProperties":false}"##;
    let places = clean(&json(schema), Taker::Subset, Purpose::Arguments).places;
    let wanted = [
        "/additionalProperties",
        "/properties/any/anyOf/0/x-y",
        "/properties/a~1b",
        // What it refers to stands elsewhere, and may be referred to by others.
        "/properties/by",
        "/properties/format/format",
    ];
    assert_eq!(places.iter().map(String::as_str).collect::<Vec<_>>(), wanted);
    let at = |pointer: &String| {
        serde_json::from_str::<serde_json::Value>(schema).unwrap().pointer(pointer).is_some()
    };
    assert!(places.iter().all(at), "{places:?}");
}
