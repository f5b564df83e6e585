//! What operators write, read and refused.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::expression::Unusable;

fn header(action: &str, target: &str, value: &Value) -> Result<Operations, FilterError> {
    let (match_type, replacement) = (None, Some(value));
    read_simple(Simple { scope: "header", action, match_type, target, replacement })
}

#[test]
fn a_path_is_names_dots_and_numbers() {
    for (text, steps) in [
        ("model", vec![Step::Key("model".into())]),
        ("a.b[2][0].c d", {
            let (b, c) = (Step::Key("b".into()), Step::Key("c d".into()));
            vec![Step::Key("a".into()), b, Step::Index(2), Step::Index(0), c]
        }),
        ("$.a", vec![Step::Key("a".into())]),
        ("$[1]", vec![Step::Index(1)]),
        (r#"a["x.y\n]"]"#, vec![Step::Key("a".into()), Step::Key("x.y\n]".into())]),
        ("", vec![]),
        ("$", vec![]),
    ] {
        assert_eq!(JsonPath::parse(text).unwrap().steps(), steps, "{text}");
    }
    for text in ["a..b", ".a", "a.", "a[", "a[x]", "a[-1]", "a[]", "$a", "a]b[", "[\"a]", "a[+1]"] {
        let is_name = text == "a]b[";
        assert!(JsonPath::parse(text).is_err() || is_name, "{text}");
    }
    assert_eq!(JsonPath::parse("a[1001]"), Err(PathError::TooFar));
    assert_eq!(JsonPath::parse(&"a.".repeat(32)), Err(PathError::Malformed("a.".repeat(32))));
    assert_eq!(JsonPath::parse(&vec!["a"; 33].join(".")), Err(PathError::TooLong));
    for name in ["__proto__", "constructor", "prototype"] {
        let path = format!("a[\"{name}\"].b");
        assert_eq!(JsonPath::parse(&path), Err(PathError::Forbidden(name.to_owned())));
    }
}

#[test]
fn headers_that_frame_a_request_are_refused() {
    for name in ["Content-Length", "connection", " Transfer-Encoding ", "host", "accept-encoding"] {
        assert!(matches!(header("remove", name, &Value::Null), Err(FilterError::Framing(_))));
        assert!(matches!(header("set", name, &json!("1")), Err(FilterError::Framing(_))), "{name}");
    }
    for name in ["", "a b", "x:y", "ü"] {
        let error = header("remove", name, &Value::Null).unwrap_err();
        assert!(matches!(error, FilterError::HeaderName(_)), "{name}");
    }
    for value in [json!("a\nb"), json!("ä"), json!({}), Value::Null] {
        assert_eq!(header("set", "x-a", &value).unwrap_err(), FilterError::HeaderValue);
    }
    let (headers, body) = header("set", "X-A", &json!(7)).unwrap();
    let set = HeaderChange::Set { name: "x-a".into(), value: "7".into(), if_missing: false };
    assert_eq!((headers, body.len()), (vec![set], 0));
}

#[test]
fn an_action_fits_its_scope() {
    for (scope, action) in [("header", "json_path"), ("body", "remove"), ("query", "set")] {
        let simple =
            Simple { scope, action, match_type: None, target: "x", replacement: Some(&json!("y")) };
        assert!(matches!(read_simple(simple), Err(FilterError::Action { .. })));
    }
    let replace = |match_type, target, replacement: &Value| {
        let (scope, action, replacement) = ("body", "text_replace", Some(replacement));
        read_simple(Simple { scope, action, match_type, target, replacement }).map(drop)
    };
    assert_eq!(replace(Some("regex"), "a+", &json!("$1")), Ok(()));
    let unclosed = FilterError::Pattern(Unusable::Unreadable("unclosed group".to_owned()));
    assert_eq!(replace(Some("regex"), "a(", &json!("")), Err(unclosed));
    assert_eq!(replace(None, "", &json!("")), Err(FilterError::Text));
    assert_eq!(replace(None, "a", &json!([])), Err(FilterError::NotText));
}

fn replacing(pattern: &str) -> Result<Operations, FilterError> {
    let (match_type, replacement) = (Some("regex"), None);
    let (scope, action, target) = ("body", "text_replace", pattern);
    read_simple(Simple { scope, action, match_type, target, replacement })
}

#[test]
fn patterns_are_bounded_in_size_and_sum_and_may_not_be_empty_anywhere() {
    for fine in [r"sk-\w{20,}", "^", r"\bacme\b"] {
        assert_eq!(replacing(fine).and_then(|it| check_replaced(&it)), Ok(()), "{fine}");
    }
    for everywhere in ["x*", "secret|"] {
        let fault = FilterError::Pattern(Unusable::Everywhere);
        let filter = replacing(everywhere).expect("one that is there goes on");
        assert_eq!(check_replaced(&filter), Err(fault), "{everywhere}");
    }
    assert!(replacing(r"\w{500}").unwrap_err().to_string().contains(r"(?-u:\w)"));
    let large = || replacing(r"\w{30}").unwrap();
    assert_eq!(check_sum([large(), large()]), Ok(()));
    assert_eq!(check_sum((0..100).map(|_| large())), Err(FilterError::TooLarge));
}

#[test]
fn how_long_a_body_is_changed_quickly_depends_on_what_is_read_twice() {
    let quick = |pattern: &str| replacing(pattern).unwrap().1[0].quick_up_to();
    assert_eq!((quick("acme"), quick("sk-[a-z]+")), (16 << 10, 16 << 10));
    assert_eq!((quick("a.*z|a"), quick("[a-z]{0,5000}x|a")), (2 << 10, 2 << 10));
    assert_eq!(quick(r"\w{40}"), 0);
    let matcher = json!({ "field": "f", "value": "a.*z|a", "matchType": "regex" });
    let (_, body) =
        read_operations(&json!([{ "op": "remove", "path": "l", "matcher": matcher }])).unwrap();
    assert_eq!(body[0].quick_up_to(), 16 << 10, "one look at each element");
    let (_, body) = read_operations(&json!([{ "op": "set", "path": "a", "value": 1 }])).unwrap();
    assert_eq!(body[0].quick_up_to(), usize::MAX);
}

#[test]
fn operations_are_read_with_their_defaults() {
    let (headers, body) = read_operations(&json!([
        { "op": "set", "scope": "header", "path": "X-A", "value": "1", "writeMode": "if_missing" },
        { "op": "set", "path": "a.b", "value": null },
        { "op": "remove", "path": "tools", "matcher": { "field": "type", "value": "x" } },
        { "op": "merge", "path": "", "value": { "metadata": { "a": null } } },
        { "op": "insert", "path": "system", "value": { "type": "text" } },
        { "op": "insert", "path": "t", "value": 1, "position": "before",
          "anchor": { "value": "a", "matchType": "contains" }, "onAnchorMissing": "skip",
          "dedupe": { "byFields": ["type"] } },
    ]))
    .unwrap();
    assert!(matches!(&headers[..], [HeaderChange::Set { if_missing: true, .. }]));
    assert!(matches!(&body[0], BodyChange::Set { value, .. } if &**value == "null"));
    assert!(matches!(&body[1], BodyChange::Remove { matching: Some(_), .. }));
    let default = matches!(&body[3],
        BodyChange::Insert { place: Place::End, same_by: Some(fields), .. } if fields.is_empty());
    assert!(default);
    assert!(matches!(&body[4], BodyChange::Insert {
        place: Place::Before(Anchor { or_at_start: None, .. }), same_by: Some(fields), .. }
        if fields.len() == 1));
}

#[test]
fn operations_that_cannot_be_meant_are_refused() {
    for (operation, said) in [
        (json!({ "op": "set", "path": "a" }), "the operation set needs a value"),
        (json!({ "op": "merge", "path": "a", "value": [] }), "only an object can be merged"),
        (json!({ "op": "remove", "path": "" }), "the whole body cannot be removed"),
        (json!({ "op": "jump", "path": "a" }), "jump is no action on the body"),
        (json!({ "op": "merge", "scope": "header", "path": "a" }), "no action on the header"),
        (
            json!({ "op": "insert", "path": "a", "value": 1, "position": "after" }),
            "needs an anchor",
        ),
        (json!({ "op": "set", "path": "a", "value": {}, "valve": 1 }), "unknown field `valve`"),
        (
            json!({ "op": "merge", "path": "a", "value": { "b": [{ "__proto__": 1 }] } }),
            "the name __proto__ may not be used",
        ),
        (json!({ "op": "set", "scope": "query", "path": "a", "value": 1 }), "no scope query"),
    ] {
        let error = read_operations(&json!([operation])).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    for list in [json!([]), json!({}), json!(vec![json!({ "op": "remove", "path": "a" }); 51])] {
        assert!(matches!(read_operations(&list), Err(FilterError::Operations(_))));
    }
}

#[test]
fn filters_run_by_phase_then_priority_then_id() {
    let filter = |id, phase, priority, binding| RequestFilter {
        id,
        name: Arc::from(format!("f{id}")),
        priority,
        phase,
        binding,
        headers: Vec::new(),
        body: Vec::new(),
        fault: None,
    };
    let bound = || Binding::Providers(Arc::from([ProviderId(1)]));
    let filters = Filters::new(vec![
        filter(1, Phase::Final, 0, Binding::Global),
        filter(2, Phase::Guard, 9, Binding::Global),
        filter(3, Phase::Guard, 5, bound()),
        filter(4, Phase::Final, -1, bound()),
        filter(5, Phase::Guard, 9, Binding::Global),
        filter(6, Phase::Final, 0, Binding::Groups(Arc::from([Arc::from("default")]))),
    ]);
    let before: Vec<i64> = filters.before_choice().iter().map(|one| one.id).collect();
    let all: Vec<i64> = filters.at_try.iter().map(|one| one.id).collect();
    assert_eq!((before, all, filters.len()), (vec![2, 5], vec![3, 4, 1, 6], 6));
    let name = filters.before_choice()[0].edit_name();
    assert_eq!((&*name, &*filters.at_try[0].note("why")), ("filter:f2", "filter:f3: why"));
}

proptest! {
    #[test]
    fn a_path_that_is_printed_is_read_as_the_same(text in ".{0,30}") {
        if let Ok(path) = JsonPath::parse(&text) {
            prop_assert_eq!(JsonPath::parse(&path.to_string()), Ok(path));
        }
    }

    #[test]
    fn steps_come_back_as_they_were(steps in prop::collection::vec(
        prop_oneof![Just("[3]".to_owned()), "[a-z.\\[\\]\"$ ]{0,5}".prop_map(|name| format!("[{}]", json!(name)))], 0..5,
    )) {
        let path = JsonPath::parse(&steps.concat()).unwrap();
        prop_assert_eq!(path.steps().len(), steps.len());
        prop_assert_eq!(JsonPath::parse(&path.to_string()), Ok(path));
    }
}

#[test]
fn a_header_that_never_leaves_is_told_and_what_else_a_filter_does_goes_on() {
    let operations = |list: Value| read_operations(&list).unwrap();
    let dead = json!({ "op": "remove", "scope": "header", "path": "Authorization" });
    let fault = FilterError::StaysHere("authorization".to_owned());
    assert_eq!(check_leaving(&operations(json!([dead]))), Err(fault.clone()));
    assert_eq!(only_leaving(operations(json!([dead]))).unwrap_err(), fault);
    for alive in [
        json!({ "op": "set", "scope": "header", "path": "x-a", "value": "1" }),
        json!({ "op": "remove", "path": "a" }),
    ] {
        let both = || operations(json!([dead, alive]));
        assert_eq!(check_leaving(&both()), Err(fault.clone()));
        let (headers, body) = only_leaving(both()).unwrap();
        assert_eq!(headers.len() + body.len(), 1, "{alive}");
        assert!(check_leaving(&(headers, body)).is_ok());
    }
}
