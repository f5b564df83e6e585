//! Filters on bodies as clients write them: what is not named stays to the byte.

use std::sync::Arc;

use serde_json::{Value, json};
use switchyard_actors::domain::filters::{Binding, Phase, Simple, read_operations, read_simple};

use super::*;

const MOST: usize = 1 << 20;

pub(super) fn filter(operations: &Value) -> RequestFilter {
    let (headers, body) = read_operations(operations).unwrap();
    of(headers, body)
}

fn simple(action: &str, match_type: Option<&str>, target: &str, value: &Value) -> RequestFilter {
    let scope = if matches!(action, "set" | "remove") { "header" } else { "body" };
    let simple = Simple { scope, action, match_type, target, replacement: Some(value) };
    let (headers, body) = read_simple(simple).unwrap();
    of(headers, body)
}

fn of(
    headers: Vec<switchyard_actors::domain::filters::HeaderChange>,
    body: Vec<BodyChange>,
) -> RequestFilter {
    RequestFilter {
        id: 1,
        name: Arc::from("f"),
        priority: 0,
        phase: Phase::Final,
        binding: Binding::Global,
        headers,
        body,
        fault: None,
    }
}

fn changed(filter: &RequestFilter, body: &str) -> Result<Option<String>, Unfit> {
    let json = Json::read(Bytes::copy_from_slice(body.as_bytes()))?;
    let changed = change_body(filter, &json, MOST)?;
    Ok(changed.map(|json| String::from_utf8(json.into_bytes().to_vec()).unwrap()))
}

fn check(operation: &Value, cases: &[(&str, Option<&str>)]) {
    let filter = filter(&json!([operation]));
    for (before, after) in cases {
        let told = changed(&filter, before).unwrap();
        assert_eq!(told.as_deref(), *after, "{operation} on {before}");
    }
}

#[test]
fn setting_touches_its_own_bytes_alone() {
    check(
        &json!({ "op": "set", "path": "a.b", "value": "x" }),
        &[
            (
                r#"{ "z":1.0, "a" : { "b" : 1 , "c":1e3 } }"#,
                Some(r#"{ "z":1.0, "a" : { "b" : "x" , "c":1e3 } }"#),
            ),
            (r#"{"a":{"c":1}  }"#, Some(r#"{"a":{"c":1,"b":"x"}  }"#)),
            ("{ \"q\": [1 ] \n}", Some("{ \"q\": [1 ],\"a\":{\"b\":\"x\"} \n}")),
            ("{}", Some(r#"{"a":{"b":"x"}}"#)),
            (r#"{"a":null}"#, Some(r#"{"a":{"b":"x"}}"#)),
            (r#"{"\u0061":{"b":"x"}}"#, None),
            (r#"{"a":{"b":"\u0078"}}"#, None),
            (r#"{"a":{"b":1,"b":2}}"#, Some(r#"{"a":{"b":1,"b":"x"}}"#)),
        ],
    );
    check(
        &json!({ "op": "set", "path": "l[2].k", "value": 7 }),
        &[
            (r#"{"l":[{},{},{"k":1}]}"#, Some(r#"{"l":[{},{},{"k":7}]}"#)),
            (r#"{"l":[0]}"#, Some(r#"{"l":[0,null,{"k":7}]}"#)),
            (r#"{"l":[]}"#, Some(r#"{"l":[null,null,{"k":7}]}"#)),
            ("{}", Some(r#"{"l":[null,null,{"k":7}]}"#)),
        ],
    );
    check(
        &json!({ "op": "set", "path": "a", "value": 1, "writeMode": "if_missing" }),
        &[(r#"{"a":null}"#, None), (r#"{"b":2}"#, Some(r#"{"b":2,"a":1}"#))],
    );
}

#[test]
fn a_path_that_is_in_the_way_is_said_and_nothing_changes() {
    let filter = filter(&json!([
        { "op": "set", "path": "ok", "value": 1 },
        { "op": "set", "path": "system[0].text", "value": "x" },
    ]));
    let blocked = Unfit::Blocked("system[0].text".to_owned());
    assert_eq!(changed(&filter, r#"{"system":"you are"}"#), Err(blocked.clone()));
    assert_eq!(changed(&filter, r#"{"system":{"0":1}}"#), Err(blocked));
    assert_eq!(changed(&filter, "--boundary"), Err(Unfit::NotJson));
}

#[test]
fn removing_takes_commas_along() {
    check(
        &json!({ "op": "remove", "path": "a" }),
        &[
            (r#"{"a":1}"#, Some("{}")),
            (r#"{ "a":1 , "b":2 }"#, Some(r#"{ "b":2 }"#)),
            (r#"{ "b":2 , "a":1 }"#, Some(r#"{ "b":2 }"#)),
            (r#"{"b":2,"a":1,"c":3}"#, Some(r#"{"b":2,"c":3}"#)),
            (r#"{"a":1,"a":2,"c":3,"a":4}"#, Some(r#"{"c":3}"#)),
            (r#"{"c":{"a":1}}"#, None),
            ("[1]", None),
        ],
    );
    check(
        &json!({ "op": "remove", "path": "l[1]" }),
        &[
            (r#"{"l":[1, 2, 3]}"#, Some(r#"{"l":[1, 3]}"#)),
            (r#"{"l":[1, 2]}"#, Some(r#"{"l":[1]}"#)),
            (r#"{"l":[1]}"#, None),
            (r#"{"l":"x"}"#, None),
        ],
    );
    check(
        &json!({ "op": "remove", "path": "tools",
            "matcher": { "field": "name", "value": "^mcp_", "matchType": "regex" } }),
        &[
            (
                r#"{"tools":[{"name":"mcp_a"}, {"name":"b"}, {"name":"mcp_c"},{"x":1},{"name":"mcp_d"}]}"#,
                Some(r#"{"tools":[{"name":"b"},{"x":1}]}"#),
            ),
            (r#"{"tools":[{"name":"mcp_a"},{"name":"mcp_b"}]}"#, Some(r#"{"tools":[]}"#)),
            (r#"{"tools":[{"name":"b"}]}"#, None),
            ("{}", None),
        ],
    );
    let filter = filter(&json!([{ "op": "remove", "path": "t", "matcher": { "value": 1 } }]));
    let kind = Unfit::Kind { path: "t".to_owned(), wanted: "a list" };
    assert_eq!(changed(&filter, r#"{"t":{}}"#), Err(kind));
    assert_eq!(changed(&filter, r#"{"t":[1,2,1.0]}"#).unwrap().unwrap(), r#"{"t":[2,1.0]}"#);
}

#[test]
fn merging_is_deep_and_null_takes_away() {
    check(
        &json!({ "op": "merge", "path": "", "value":
            { "metadata": { "user_id": null, "team": "a" }, "temperature": 1, "top_k": null } }),
        &[
            (
                r#"{"top_k":5, "metadata":{"user_id":"u","keep":12345678901234567890},"model":"m"}"#,
                Some(
                    r#"{"metadata":{"keep":12345678901234567890,"team":"a"},"model":"m","temperature":1}"#,
                ),
            ),
            (r#"{"metadata":3}"#, Some(r#"{"metadata":{"team":"a"},"temperature":1}"#)),
            (r#"{"metadata":{"team":"a"},"temperature":1}"#, None),
            ("{ }", Some(r#"{"metadata":{"team":"a"},"temperature":1 }"#)),
        ],
    );
    let nested =
        filter(&json!([{ "op": "merge", "path": "a.b", "value": { "c": { "d": null, "e": 1 } } }]));
    assert_eq!(changed(&nested, "{}").unwrap().unwrap(), r#"{"a":{"b":{"c":{"e":1}}}}"#);
    let kind = Unfit::Kind { path: "a.b".to_owned(), wanted: "an object" };
    assert_eq!(changed(&nested, r#"{"a":{"b":[]}}"#), Err(kind));
}

#[test]
fn inserting_finds_its_place_once() {
    let mut operation =
        json!({ "op": "insert", "path": "system", "value": { "type": "text", "text": "new" } });
    let new = r#"{"text":"new","type":"text"}"#;
    let list = r#"{"system":[ {"text":"a"}, {"text":"b"} ]}"#;
    let with = |text: &str| text.replace('#', new);
    check(
        &operation,
        &[
            (list, Some(&with(r#"{"system":[ {"text":"a"}, {"text":"b"},# ]}"#))),
            ("{}", Some(&with(r#"{"system":[#]}"#))),
            (r#"{"system":null}"#, Some(&with(r#"{"system":[#]}"#))),
            (r#"{"system":[ ]}"#, Some(&with(r#"{"system":[# ]}"#))),
            (r#"{"system":[{"type" : "text", "text":"n\u0065w"}]}"#, None),
        ],
    );
    for (position, missing, place, after) in [
        ("start", "end", "b", r#"{"system":[#, {"text":"a"}, {"text":"b"} ]}"#),
        ("before", "end", "b", r#"{"system":[ {"text":"a"}, #,{"text":"b"} ]}"#),
        ("after", "end", "a", r#"{"system":[ {"text":"a"},#, {"text":"b"} ]}"#),
        ("before", "end", "x", r#"{"system":[ {"text":"a"}, {"text":"b"},# ]}"#),
        ("after", "start", "x", r#"{"system":[#, {"text":"a"}, {"text":"b"} ]}"#),
    ] {
        operation["position"] = json!(position);
        operation["onAnchorMissing"] = json!(missing);
        operation["anchor"] = json!({ "field": "text", "value": place });
        check(&operation, &[(list, Some(&with(after)))]);
    }
    operation["onAnchorMissing"] = json!("skip");
    operation["anchor"]["value"] = json!("nobody");
    check(&operation, &[(list, None)]);
    operation["dedupe"] = json!({ "byFields": ["type"] });
    operation["position"] = json!("end");
    check(&operation, &[(r#"{"system":[{"type":"text","text":"other"}]}"#, None)]);
    operation["dedupe"] = json!({ "enabled": false });
    let twice = format!(r#"{{"system":[{new},{new}]}}"#);
    check(&operation, &[(&format!(r#"{{"system":[{new}]}}"#), Some(&twice))]);
    let kind = Unfit::Kind { path: "system".to_owned(), wanted: "a list" };
    assert_eq!(changed(&filter(&json!([operation])), r#"{"system":"text"}"#), Err(kind));
}

#[test]
fn text_is_replaced_in_values_at_any_depth_and_in_no_key() {
    let deep = format!("{}\"foo\"{}", "[".repeat(40), "]".repeat(40));
    let body = format!(r#"{{"foo":"a foo\n\u0066oo \"foo\"","n":1.50,"d":{deep}}}"#);
    let after =
        body.replacen("a foo\\n\\u0066oo \\\"foo\\\"", "a b\\\"r\\nb\\\"r \\\"b\\\"r\\\"", 1);
    let after = after.replacen("\"foo\"]", "\"b\\\"r\"]", 1);
    let contains = simple("text_replace", Some("contains"), "foo", &json!("b\"r"));
    assert_eq!(changed(&contains, &body).unwrap().unwrap(), after);
    assert_eq!(changed(&contains, r#"{"foo":"bar"}"#), Ok(None));
    let exact = simple("text_replace", Some("exact"), "foo", &json!(""));
    let told = changed(&exact, r#"{"a":"foo","b":"foo ","c":["f\u006fo"]}"#).unwrap().unwrap();
    assert_eq!(told, r#"{"a":"","b":"foo ","c":[""]}"#);
    let same = simple("text_replace", None, "foo", &json!("foo"));
    assert_eq!(changed(&same, &body), Ok(None));
}

#[test]
fn patterns_write_what_they_have_found() {
    let regex = |pattern, with: &str| simple("text_replace", Some("regex"), pattern, &json!(with));
    for (pattern, with, after) in [
        (r"(\w+)@(\w+)", "$2 at $1", "b at a 😀 d at c"),
        (r"(?P<who>\w+)@\w+", "<$<who>>", "<a> 😀 <c>"),
        (r"\w+@\w+", "[$&] $$ $", "[a@b] $ $ 😀 [c@d] $ $"),
        (r"(\w)@", "$10", "a0b 😀 c0d"),
        ("x", "$1", "a@b 😀 c@d"),
    ] {
        let told = changed(&regex(pattern, with), r#"{"t":"a@b \ud83d\ude00 c@d"}"#).unwrap();
        let told = told.map(|text| serde_json::from_str::<Value>(&text).unwrap()["t"].clone());
        assert_eq!(told.unwrap_or_else(|| json!("a@b 😀 c@d")), json!(after), "{pattern} {with}");
    }
    let told = changed(&regex("o", "0"), r#"{"t":"\ud83d\ude00o\/\u00e9o \ud800o"}"#).unwrap();
    assert_eq!(told.unwrap(), r#"{"t":"\ud83d\ude000\/\u00e90 \ud8000"}"#);
    assert_eq!(changed(&regex("^$", "x"), r#"{"t":""}"#).unwrap().unwrap(), r#"{"t":"x"}"#);
}

#[test]
fn a_body_does_not_grow_beyond_all_bounds() {
    let body = format!(r#"{{"t":"{}"}}"#, "a".repeat(2_000));
    let large = simple("text_replace", None, "a", &json!("b".repeat(1_000)));
    assert_eq!(changed(&large, &body), Err(Unfit::TooLarge(MOST)));
}

#[test]
fn headers_change_only_where_they_differ() {
    let set = |value: &str| simple("set", None, "X-Team", &json!(value));
    let mut headers = vec![("X-Team".to_owned(), "a".to_owned()), ("b".to_owned(), "1".to_owned())];
    assert!(!change_headers(&set("a"), &mut headers));
    assert!(change_headers(&set("z"), &mut headers));
    assert_eq!(headers, [("b".to_owned(), "1".to_owned()), ("x-team".to_owned(), "z".to_owned())]);
    let operations = json!([
        { "op": "set", "scope": "header", "path": "b", "value": "2", "writeMode": "if_missing" },
        { "op": "remove", "scope": "header", "path": "x-team" },
        { "op": "set", "scope": "header", "path": "c", "value": "3", "writeMode": "if_missing" },
    ]);
    assert!(change_headers(&filter(&operations), &mut headers));
    assert_eq!(headers, [("b".to_owned(), "1".to_owned()), ("c".to_owned(), "3".to_owned())]);
    assert!(!change_headers(&filter(&operations), &mut headers));
}

#[test]
fn a_body_says_at_its_top_whether_a_stream_is_wanted() {
    for (body, wanted) in [
        (r#"{"stream" : true }"#, Some("true")),
        (r#"{"str\u0065am":true,"a":{"stream":false}}"#, Some("true")),
        (r#"{"stream":1}"#, Some("1")),
        (r#"{"stream":false}"#, None),
        (r#"{"stream":null}"#, None),
        (r#"{"a":{"stream":true}}"#, None),
        (r#"["stream",true]"#, None),
        ("{}", None),
    ] {
        assert_eq!(stream_of(body.as_bytes()), wanted.map(str::as_bytes), "{body}");
    }
}
