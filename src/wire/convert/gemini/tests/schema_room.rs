//! A schema stays small, however often it names what it holds.

use std::fmt::Write as _;

use super::super::schema::{Purpose, Taker, clean};
use super::schemas::{cleaned, subset};
use super::*;

/// Makes a schema that names one that holds something again and again.
fn again(held: &str, times: usize) -> String {
    let names: Vec<String> =
        (0..times).map(|n| format!(r##""p{n}":{{"$ref":"#/$defs/a"}}"##)).collect();
    format!(
        r#"{{"type":"object","$defs":{{"a":{{{held}}}}},"properties":{{{}}}}}"#,
        names.join(",")
    )
}

#[test]
fn a_schema_of_references_stays_small() {
    let mut schema =
        r##"{"type":"object","properties":{"a":{"$ref":"#/$defs/d0"}},"$defs":{"##.to_owned();
    for number in 0..30 {
        let next = number + 1;
        let _ = write!(
            schema,
            r##""d{number}":{{"type":"object","properties":{{"l":{{"$ref":"#/$defs/d{next}"}},"r":{{"$ref":"#/$defs/d{next}"}}}}}},"##
        );
    }
    schema.push_str(r#""d30":{"type":"string"}}}"#);
    let (text, lost) = cleaned(&schema, Taker::Subset);
    assert!(text.len() < 1 << 20, "{}", text.len());
    assert!(lost.contains(&"depth".to_owned()));
    // Members double as well.
    let mut schema = r#"{"$defs":{"#.to_owned();
    for number in 0..30 {
        let next = number + 1;
        let _ = write!(
            schema,
            r##""d{number}":{{"allOf":[{{"$ref":"#/$defs/d{next}"}},{{"$ref":"#/$defs/d{next}"}}]}},"##
        );
    }
    schema.push_str(r##""d30":{}},"$ref":"#/$defs/d0"}"##);
    assert_eq!(subset(&schema), r#"{"type":"object"}"#);
    // So does what a node itself holds, however it holds it.
    let great = format!("[{}]", vec![r#""x""#; 10_000].join(","));
    let long = "d".repeat(40_000);
    for (held, taker) in [
        (format!(r#""enum":{great}"#), Taker::Subset),
        (format!(r#""type":"integer","enum":{great}"#), Taker::Subset),
        (format!(r#""default":{{"of":{great}}}"#), Taker::JsonSchema),
        (format!(r#""propertyOrdering":{great}"#), Taker::Subset),
        (format!(r#""additionalProperties":{great}"#), Taker::JsonSchema),
        (format!(r#""description":"{long}""#), Taker::Subset),
        (format!(r#""description":"{long}","anyOf":[{}{{}}]"#, "{},".repeat(500)), Taker::Subset),
        (format!(r#""anyOf":[{{"type":"{long}"}},{{}}]"#), Taker::Internal),
        (format!(r#""maximum":"{long}""#), Taker::Internal),
        (format!(r#""type":"object","required":{great}"#), Taker::Subset),
        (format!(r#""type":{great},"properties":{{"p":1}}"#), Taker::Subset),
    ] {
        let schema = again(&held, 4_000);
        let (text, _) = cleaned(&schema, taker);
        assert!(text.len() < schema.len() * 10, "{} for {}", text.len(), &held[..20]);
    }
    let deep = format!("{}1{}", r#"{"properties":{"a":"#.repeat(5_000), "}}".repeat(5_000));
    assert!(clean(&json(&deep), Taker::Subset, Purpose::Arguments).lost.len() < 9);
}
