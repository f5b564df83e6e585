//! Edits change what they name and nothing else.

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use switchyard_actors::domain::dialect::Operation;

use super::*;
use crate::wire::request;

fn facts(body: &str) -> RequestFacts {
    request::facts(Dialect::OpenaiChat, Operation::Generate, body.as_bytes()).unwrap()
}

fn with_usage(body: &str) -> Option<String> {
    let edit = ask_for_usage(&facts(body))?;
    let segments = apply(&Bytes::copy_from_slice(body.as_bytes()), vec![edit]).unwrap();
    Some(String::from_utf8(join(segments).to_vec()).unwrap())
}

#[test]
fn usage_is_asked_for_in_every_shape_of_the_options() {
    let cases = [
        (
            r#"{ "model":"m","stream":true}"#,
            r#"{"stream_options":{"include_usage":true}, "model":"m","stream":true}"#,
        ),
        (
            r#"{"model":"m","stream":true,"stream_options":null}"#,
            r#"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#,
        ),
        (
            r#"{"model":"m","stream":true,"stream_options":{ }}"#,
            r#"{"model":"m","stream":true,"stream_options":{"include_usage":true }}"#,
        ),
        (
            r#"{"stream_options":{"a":[1]},"model":"m","stream":true}"#,
            r#"{"stream_options":{"include_usage":true,"a":[1]},"model":"m","stream":true}"#,
        ),
        (
            r#"{"stream_options":{"include_usage": false },"model":"m","stream":true}"#,
            r#"{"stream_options":{"include_usage": true },"model":"m","stream":true}"#,
        ),
        (
            r#"{"stream_options":{"include_usage":{}},"model":"m","stream":true}"#,
            r#"{"stream_options":{"include_usage":true},"model":"m","stream":true}"#,
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(with_usage(body).as_deref(), Some(expected), "{body}");
    }
}

#[test]
fn usage_is_not_asked_for_without_need() {
    for body in [
        r#"{"model":"m"}"#,
        r#"{"model":"m","stream":false}"#,
        r#"{"model":"m","stream":true,"stream_options":{"include_usage":true}}"#,
        r#"{"model":"m","stream":true,"stream_options":7}"#,
    ] {
        assert_eq!(with_usage(body), None, "{body}");
    }
    let body = br#"{"model":"m","stream":true}"#;
    let responses = request::facts(Dialect::Responses, Operation::Generate, body).unwrap();
    assert_eq!(ask_for_usage(&responses), None);
}

#[test]
fn a_redirect_to_the_same_model_is_no_edit() {
    assert_eq!(redirect_model(&facts(r#"{"model":"\u006d"}"#), "m"), None);
    assert!(redirect_model(&facts(r#"{"model":"\u006d"}"#), "n").is_some());
}

#[test]
fn a_path_gets_another_model_and_keeps_the_rest() {
    let redirected = |path| redirect_path(path, "org/a b");
    assert_eq!(
        redirected("/v1beta/models/x:streamGenerateContent").as_deref(),
        Some("/v1beta/models/org%2Fa%20b:streamGenerateContent")
    );
    assert_eq!(redirected("/v1/models/org%2fa%20b:countTokens"), None);
    assert_eq!(redirected("/v1/chat/completions"), None);
    assert_eq!(redirected("/v1internal:generateContent"), None);
}

fn edit(name: &'static str, span: Range<usize>) -> Edit {
    Edit { name, span, replacement: Bytes::from_static(b"x") }
}

#[test]
fn overlapping_and_outlying_edits_are_refused() {
    let body = Bytes::from_static(b"0123456789");
    let overlap = EditError::Overlap { first: "a", second: "b" };
    assert_eq!(apply(&body, vec![edit("b", 3..6), edit("a", 1..4)]), Err(overlap));
    assert_eq!(apply(&body, vec![edit("a", 2..8), edit("b", 5..5)]), Err(overlap));
    assert_eq!(apply(&body, vec![edit("c", 9..11)]), Err(EditError::OutOfBounds { name: "c" }));
    let touching = apply(&body, vec![edit("a", 4..6), edit("b", 6..6), edit("c", 6..7)]).unwrap();
    assert_eq!(join(touching), "0123xxx789");
}

#[test]
fn segments_share_the_memory_of_the_body() {
    let body = Bytes::from(vec![b'a'; 100]);
    let segments = apply(&body, vec![edit("a", 40..50)]).unwrap();
    assert_eq!(segments.len(), 3);
    assert_eq!(segments[0].as_ptr(), body.as_ptr());
    assert_eq!(segments[2].as_ptr(), body[50..].as_ptr());
    assert_eq!(join(apply(&body, Vec::new()).unwrap()).as_ptr(), body.as_ptr());
}

fn any_body() -> impl Strategy<Value = Json> {
    let options = prop_oneof![
        Just(None),
        Just(Some(json!(null))),
        Just(Some(json!({}))),
        Just(Some(json!({"z": [{"include_usage": 1}]}))),
        any::<bool>().prop_map(|on| Some(json!({"a": 1, "include_usage": on}))),
    ];
    let rest = prop::collection::hash_map("[a-z]{1,3}", any::<Option<String>>(), 0..4);
    (any::<String>(), options, rest).prop_map(|(model, options, rest)| {
        let mut body = Map::new();
        body.extend(rest.into_iter().map(|(key, value)| (key, json!(value))));
        body.insert("model".to_owned(), json!(format!("m{model}")));
        body.insert("stream".to_owned(), json!(true));
        body.extend(options.map(|options| ("stream_options".to_owned(), options)));
        Json::Object(body)
    })
}

proptest! {
    #[test]
    fn an_edited_body_differs_only_where_it_was_edited(
        json in any_body(), model in any::<String>(), pretty in any::<bool>(),
    ) {
        let text =
            if pretty { serde_json::to_string_pretty(&json).unwrap() } else { json.to_string() };
        let facts = facts(&text);
        let edits: Vec<Edit> =
            redirect_model(&facts, &model).into_iter().chain(ask_for_usage(&facts)).collect();
        let body = Bytes::from(text.clone().into_bytes());
        let edited = join(apply(&body, edits).unwrap());

        let mut expected = json;
        expected["model"] = json!(model);
        if !expected["stream_options"].is_object() {
            expected["stream_options"] = json!({});
        }
        expected["stream_options"]["include_usage"] = json!(true);
        prop_assert_eq!(serde_json::from_slice::<Json>(&edited).unwrap(), expected);
    }

    #[test]
    fn bytes_outside_of_the_edits_stay(
        body in prop::collection::vec(any::<u8>(), 0..60),
        cuts in prop::collection::vec((0..6_usize, 0..6_usize, any::<[u8; 3]>()), 0..5),
    ) {
        let mut edits = Vec::new();
        let mut expected = Vec::new();
        let mut done = 0;
        for (gap, len, new) in cuts {
            let (start, end) = (done + gap, done + gap + len);
            if end > body.len() { break; }
            expected.extend_from_slice(&body[done..start]);
            expected.extend_from_slice(&new);
            edits.push(Edit { name: "e", span: start..end, replacement: new.to_vec().into() });
            done = end;
        }
        expected.extend_from_slice(&body[done..]);
        let joined = join(apply(&Bytes::from(body), edits).unwrap());
        prop_assert_eq!(joined, expected);
    }
}
