//! Schemas within what Google takes.

use proptest::prelude::*;

use super::super::schema::{Purpose, Taker, clean, of_subset};
use super::*;

pub(super) fn cleaned(schema: &str, taker: Taker) -> (String, Vec<String>) {
    let cleaned = clean(&json(schema), taker, Purpose::Arguments);
    (cleaned.schema.text().to_owned(), cleaned.lost.into_iter().collect())
}

pub(super) fn subset(schema: &str) -> String {
    cleaned(schema, Taker::Subset).0
}

/// Returns what a property becomes, for each taker.
fn property(schema: &str) -> [String; 3] {
    [Taker::Subset, Taker::JsonSchema, Taker::Internal].map(|taker| {
        let whole = format!(r#"{{"type":"object","properties":{{"p":{schema}}}}}"#);
        let (whole, _) = cleaned(&whole, taker);
        let inner = whole.strip_prefix(r#"{"type":"object","properties":{"p":"#);
        inner.and_then(|inner| inner.strip_suffix("}}")).unwrap().to_owned()
    })
}

#[test]
fn schema_hard() {
    let schema = r##"{
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "mode": {"const": "fast"},
            "tree": {"$ref": "#/$defs/Node"},
            "both": {"allOf": [{"$ref": "#/$defs/A"}, {"properties": {"b": {"type": "number", "exclusiveMinimum": 0}}, "required": ["b"]}]},
            "level": {"type": "integer", "enum": [1, 2]},
            "maybe": {"type": ["string", "null"], "format": "uri"},
            "when": {"type": "string", "format": "date-time"},
            "list": {"type": "array"}
        },
        "required": ["mode", "gone"],
        "$defs": {
            "A": {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
            "Node": {"type": "object", "description": "A node.", "properties": {"next": {"$ref": "#/$defs/Node"}, "a": {"$ref": "#/$defs/A"}}}
        }
    }"##;
    let (text, lost) = cleaned(schema, Taker::Subset);
    assert_eq!(
        text,
        concat!(
            r#"{"type":"object","properties":{"#,
            r#""mode":{"type":"string","enum":["fast"]},"#,
            r#""tree":{"type":"object","description":"A node.","properties":{"next":{"type":"object"},"a":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}}},"#,
            r#""both":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"number","description":"(exclusiveMinimum: 0)","minimum":0}},"required":["a","b"]},"#,
            r#""level":{"type":"integer","description":"(one of: 1, 2)"},"#,
            r#""maybe":{"type":"string","nullable":true,"description":"(format: uri)"},"#,
            r#""when":{"type":"string","format":"date-time"},"#,
            r#""list":{"type":"array","items":{"type":"object"}}},"required":["mode"]}"#
        )
    );
    assert_eq!(
        lost,
        ["$ref", "$schema", "additionalProperties", "enum", "exclusiveMinimum", "format", "items"]
    );
}

#[test]
fn each_taker_has_its_own() {
    for (schema, wanted) in [
        (
            r#"{"type":"string","enum":["a",""],"description":"d"}"#,
            [
                r#"{"type":"string","description":"d","enum":["a"]}"#,
                r#"{"type":"string","description":"d","enum":["a"]}"#,
                r#"{"type":"string","description":"d (one of: a)"}"#,
            ],
        ),
        (
            r#"{"type":["integer","null"],"minimum":1.50,"multipleOf":2}"#,
            [
                r#"{"type":"integer","nullable":true,"description":"(multipleOf: 2)","minimum":1.50}"#,
                r#"{"type":["integer","null"],"minimum":1.50,"multipleOf":2}"#,
                r#"{"type":"integer","nullable":true,"description":"(minimum: 1.50; multipleOf: 2)"}"#,
            ],
        ),
        (
            r#"{"anyOf":[{"type":"string"},{"type":"object","properties":{"a":{}}},{"type":"null"}],"description":"d"}"#,
            [
                r#"{"anyOf":[{"type":"string","nullable":true,"description":"d"},{"type":"object","nullable":true,"description":"d","properties":{"a":{"type":"object"}}}]}"#,
                r#"{"anyOf":[{"type":["string","null"],"description":"d"},{"type":["object","null"],"description":"d","properties":{"a":{}}}]}"#,
                r#"{"type":"object","nullable":true,"description":"d (may be: object or string)","properties":{"a":{"type":"object"}}}"#,
            ],
        ),
        (
            r#"{"type":["string","number"],"maxLength":3}"#,
            [
                r#"{"anyOf":[{"type":"string","maxLength":3},{"type":"number"}]}"#,
                r#"{"anyOf":[{"type":"string","maxLength":3},{"type":"number"}]}"#,
                r#"{"type":"string","description":"(maxLength: 3)"}"#,
            ],
        ),
        (
            r#"{"type":"array","prefixItems":[{"type":"integer"},{"type":"string"}],"minItems":2}"#,
            [
                r#"{"type":"array","minItems":2,"items":{"type":"integer"}}"#,
                r#"{"type":"array","minItems":2,"items":{"type":"integer"},"prefixItems":[{"type":"integer"},{"type":"string"}]}"#,
                r#"{"type":"array","description":"(minItems: 2)","items":{"type":"integer"}}"#,
            ],
        ),
    ] {
        let got = property(schema);
        assert_eq!(got, wanted, "{schema}");
    }
}

#[test]
fn a_lone_member_is_the_node_itself() {
    for schema in [
        r#"{"anyOf":[{"type":"string","maxLength":4},{"type":"null"}]}"#,
        r#"{"oneOf":[{"type":"null"},{"anyOf":[{"type":"string","maxLength":4}]}]}"#,
        r#"{"type":"string","maxLength":4,"nullable":true}"#,
    ] {
        let [got, ..] = property(schema);
        assert_eq!(got, r#"{"type":"string","nullable":true,"maxLength":4}"#, "{schema}");
    }
}

#[test]
fn members_beside_properties_do_not_take_their_place() {
    let schema = r#"{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"anyOf":[{"required":["a"]},{"required":["b"]}]}"#;
    let (text, lost) = cleaned(schema, Taker::Subset);
    assert_eq!(
        text,
        r#"{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}"#
    );
    assert_eq!(lost, ["anyOf"]);
}

#[test]
fn arguments_are_an_object_whatever_they_were() {
    let either = r#"{"oneOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},{"type":"object","properties":{"b":{"type":"string"}}}]}"#;
    assert_eq!(
        subset(either),
        r#"{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}"#
    );
    assert_eq!(subset(r#"{"type":"string"}"#), r#"{"type":"object"}"#);
    assert_eq!(subset("true"), r#"{"type":"object"}"#);
    assert!(
        clean(&json(r#"{"type":"object","properties":{}}"#), Taker::Subset, Purpose::Arguments)
            .is_bare
    );
}

#[test]
fn broken_nodes_are_mended() {
    for (schema, wanted) in [
        (
            r#"{"path":{"type":"string"},"depth":{"type":"integer"}}"#,
            r#"{"type":"object","properties":{"path":{"type":"string"},"depth":{"type":"integer"}}}"#,
        ),
        (
            r#"{"type":"OBJECT","properties":{"a":{"type":"STRING","required":true},"b":{"type":"string","required":false}}}"#,
            r#"{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"required":["a"]}"#,
        ),
        (
            r#"{"properties":{"a":"string","b":{},"c":{"enum":["x"]}},"required":"a"}"#,
            r#"{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"object"},"c":{"type":"string","enum":["x"]}},"required":["a"]}"#,
        ),
    ] {
        assert_eq!(subset(schema), wanted, "{schema}");
    }
}

#[test]
fn a_shared_part_is_no_recursion() {
    let schema = r##"{"allOf":[{"$ref":"#/definitions/Base"}],"type":"object","properties":{"x":{"$ref":"#/definitions/Base"}},
        "definitions":{"Base":{"type":"object","properties":{"id":{"type":"string"}}}}}"##;
    let (text, lost) = cleaned(schema, Taker::Subset);
    assert_eq!(
        text,
        r#"{"type":"object","properties":{"x":{"type":"object","properties":{"id":{"type":"string"}}},"id":{"type":"string"}}}"#
    );
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn schema_args_untouched() {
    // Names of keywords are ordinary names of properties and keys of arguments.
    let schema = r#"{"type":"object","properties":{"format":{"type":"string"},"title":{"type":"string"},"$ref":{"type":"string"},"required":{"type":"boolean"}},"required":["format"]}"#;
    assert_eq!(subset(schema), schema);
    let args = r#"{"$schema":1,"format":"uri","title":{"additionalProperties":false},"anyOf":[]}"#;
    let request =
        asking(vec![user("a"), turn(Role::Assistant, vec![Part::Call(call("c", "f", args))])]);
    let (body, ..) = encoded(&request, &target("gemini-2.5-flash"));
    assert!(body.contains(args), "{body}");
}

#[test]
fn the_keywords_that_were_lost_are_listed() {
    let schema =
        r#"{"type":"object","properties":{"a":{"type":"string","x-hint":1,"examples":["b"]}}}"#;
    let request = Request {
        tools: vec![function("g", "{}"), function("f", schema)],
        ..asking(vec![user("a")])
    }
    .numbered();
    let (mut names, mut losses) = (Names::default(), Losses::default());
    encode_request(&request, &target("gemini-2.5-flash"), &mut names, &mut losses).unwrap();
    let paths: Vec<&str> = losses.iter().map(|loss| loss.path.as_str()).collect();
    let wanted = ["/tools/1/properties/a/examples", "/tools/1/properties/a/x-hint"];
    assert_eq!(paths, wanted);
}

#[test]
fn the_subset_reads_back() {
    let schema = json(
        r#"{"type":"OBJECT","nullable":true,"properties":{"a":{"anyOf":[{"type":"STRING"}],"nullable":true},"b":{"type":"STRING","format":"enum","enum":["x"]}}}"#,
    );
    assert_eq!(
        of_subset(&schema).text(),
        r#"{"type":["object","null"],"properties":{"a":{"anyOf":[{"type":"string"},{"type":"null"}]},"b":{"type":"string","enum":["x"]}}}"#
    );
    let same = json(r#"{ "type": "object" }"#);
    assert_eq!(of_subset(&same), same, "as it was written");
}

/// Keywords of the subset, as Google's own reference lists them.
const KNOWN: [&str; 23] = [
    "type",
    "format",
    "title",
    "description",
    "nullable",
    "enum",
    "maxItems",
    "minItems",
    "properties",
    "required",
    "minProperties",
    "maxProperties",
    "minLength",
    "maxLength",
    "pattern",
    "example",
    "anyOf",
    "propertyOrdering",
    "default",
    "items",
    "minimum",
    "maximum",
    "",
];

fn check(schema: &serde_json::Value) -> Result<(), String> {
    let object = schema.as_object().ok_or("no object")?;
    for key in object.keys() {
        if !KNOWN.contains(&key.as_str()) {
            return Err(format!("{key} is unknown"));
        }
    }
    let name = object.get("type").and_then(|name| name.as_str());
    if let Some(members) = object.get("anyOf") {
        if object.len() > 1 {
            return Err("anyOf is not alone".to_owned());
        }
        return members.as_array().ok_or("no list")?.iter().try_for_each(check);
    }
    match name.ok_or("no type")? {
        "object" => {
            let properties = object.get("properties").and_then(|all| all.as_object());
            for name in object.get("required").and_then(|all| all.as_array()).into_iter().flatten()
            {
                let known =
                    properties.is_some_and(|all| all.contains_key(name.as_str().unwrap_or("")));
                if !known {
                    return Err(format!("{name} is required and not there"));
                }
            }
            properties.into_iter().flatten().try_for_each(|(_, node)| check(node))
        }
        "array" => check(object.get("items").ok_or("no items")?),
        "string" => {
            let texts =
                |value: &serde_json::Value| value.as_str().is_some_and(|text| !text.is_empty());
            let all = object.get("enum").and_then(|all| all.as_array());
            if all.is_none_or(|all| all.iter().all(texts)) {
                Ok(())
            } else {
                Err("enum".to_owned())
            }
        }
        "number" | "integer" | "boolean" if object.contains_key("enum") => Err("enum".to_owned()),
        "number" | "integer" | "boolean" => Ok(()),
        other => Err(format!("type {other}")),
    }
}

fn schemas() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::json!({})),
        Just(serde_json::json!(true)),
        Just(serde_json::json!("string")),
        Just(serde_json::json!({"type": "null"})),
        Just(serde_json::json!({"type": ["string", "null", "integer"], "format": "uri"})),
        Just(serde_json::json!({"enum": [1, "a", null, ""]})),
        Just(serde_json::json!({"const": 1.5, "exclusiveMinimum": 0})),
        Just(serde_json::json!({"$ref": "#/$defs/a"})),
        Just(serde_json::json!({"$ref": "#"})),
        Just(serde_json::json!({"type": "array", "required": ["x"]})),
        Just(serde_json::json!({"type": "what", "required": true, "not": {}})),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let several = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            prop::collection::vec(("[a-d]|type|anyOf", inner.clone()), 0..4).prop_map(|pairs| {
                let properties: serde_json::Map<_, _> = pairs.into_iter().collect();
                serde_json::json!({"properties": properties, "required": ["a", "z"], "additionalProperties": false})
            }),
            inner.clone().prop_map(|items| serde_json::json!({"type": "array", "items": items})),
            several.clone().prop_map(|all| serde_json::json!({"anyOf": all, "description": "d"})),
            several.clone().prop_map(|all| serde_json::json!({"oneOf": all, "type": "string"})),
            several.prop_map(|all| serde_json::json!({"allOf": all})),
            (inner.clone(), inner).prop_map(|(one, two)| serde_json::json!({"$defs": {"a": one}, "properties": {"a": two}})),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_comes_is_within_the_subset(schema in schemas()) {
        let schema = Json::of(&schema).unwrap();
        for purpose in [Purpose::Arguments, Purpose::Answer] {
            let cleaned = clean(&schema, Taker::Subset, purpose);
            let tree: serde_json::Value = cleaned.schema.read().unwrap();
            prop_assert_eq!(check(&tree), Ok(()), "{} of {}", cleaned.schema.text(), schema.text());
            if purpose == Purpose::Arguments {
                prop_assert_eq!(&tree["type"], "object");
            }
            let again = clean(&cleaned.schema, Taker::Subset, purpose);
            prop_assert_eq!(&again.schema, &cleaned.schema, "once is enough");
            for taker in [Taker::JsonSchema, Taker::Internal] {
                prop_assert!(clean(&schema, taker, purpose).schema.is_object());
            }
        }
    }
}
