//! The estimate on what clients really send, and what must hold of it for whatever they send.

mod corpus;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn of(body: &Value) -> u64 {
    estimate("m", body.to_string().as_bytes())
}

/// What is off by more than a tenth is named.
#[test]
fn nineteen_of_twenty_recorded_bodies_are_within_a_tenth_of_the_mocks_count() {
    let bodies = corpus::bodies();
    let mut near = 0;
    for body in &bodies {
        let wanted = body.counted_by_mock();
        let found = estimate(&body.model, body.text.as_bytes());
        if found.abs_diff(wanted) * 10 <= wanted {
            near += 1;
        } else {
            println!("{found} for {wanted}: {} {}", body.agent, body.path);
        }
    }
    println!("{near} of {} recorded bodies are within a tenth", bodies.len());
    assert!(bodies.len() >= 50);
    assert!(near * 20 >= bodies.len() * 19, "{near} of {}", bodies.len());
}

#[test]
fn every_format_says_the_same_for_about_as_much() {
    let text = "Where does the river come from, and who has seen its mouth? ".repeat(40);
    let counts = [
        json!({"model": "m", "messages": [{"role": "user", "content": text}]}),
        json!({"messages": [{"role": "user", "content": [{"type": "text", "text": text}]}]}),
        json!({"input": text}),
        json!({"input": [{"role": "user", "content": [{"type": "input_text", "text": text}]}]}),
        json!({"contents": [{"parts": [{"text": text}]}]}),
        json!({"contents": {"parts": [{"text": text}]}}),
        json!({"model": "m", "request": {"contents": [{"parts": [{"text": text}]}]}}),
        json!({"generateContentRequest": {"contents": [{"parts": [{"text": text}]}]}}),
    ]
    .map(|body| of(&body));
    assert_eq!(counts, [counts[0]; 8]);
    assert!((560..=640).contains(&counts[0]), "{counts:?}");
}

#[test]
fn tools_schemas_results_and_hidden_state_count_and_names_for_machines_do_not() {
    let bare = json!({"messages": [{"role": "user", "content": "hi"}]});
    let more = |change: fn(&mut Value)| {
        let mut body = bare.clone();
        change(&mut body);
        of(&body) - of(&bare)
    };
    let tool = |body: &mut Value| {
        body["tools"] = json!([{"name": "look", "input_schema": {"type": "object",
            "properties": {"path": {"type": "string", "description": "Where to look for it"}}}}]);
    };
    assert!(more(tool) > 25);
    assert!(
        more(|body| body["system"] = json!([{"type": "text", "text": "Be brief, always."}])) > 3
    );
    let form = |body: &mut Value| {
        body["output_config"] =
            json!({"format": {"type": "json_schema", "schema": {"a": {"b": 1}}}});
    };
    assert!(more(form) > 10);
    assert_eq!(more(|body| body["output_config"] = json!({"effort": "high"})), 0);
    assert_eq!(more(|body| body["metadata"] = json!({"user_id": "x".repeat(400)})), 0);
    let called = |body: &mut Value| {
        body["messages"][0]["content"] = json!([{"type": "tool_use", "id": "toolu_0123456789",
            "name": "look", "input": {"file": "/a/very/long/way/to/go", "source": "x"}}]);
    };
    assert!((5..40).contains(&more(called)));
}

#[test]
fn a_picture_counts_by_the_rule_and_not_as_the_text_it_is_written_in() {
    let data = "A".repeat(400_000);
    let flat = [
        json!({"messages": [{"role": "user", "content": [{"type": "image",
            "source": {"type": "base64", "media_type": "image/png", "data": data}}]}]}),
        json!({"messages": [{"role": "user", "content": [{"type": "image_url",
            "image_url": {"url": format!("data:image/png;base64,{data}")}}]}]}),
        json!({"input": [{"role": "user", "content": [{"type": "input_image",
            "image_url": format!("data:image/png;base64,{data}")}]}]}),
        json!({"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": data}}]}]}),
        json!({"messages": [{"role": "user", "content": [{"type": "image",
            "source": {"type": "url", "url": "https://example.com/a.png"}}]}]}),
    ]
    .map(|body| of(&body));
    for count in flat {
        assert!((1_500..1_530).contains(&count), "{flat:?}");
    }
    let text = json!({"messages": [{"role": "user", "content": [{"type": "document",
        "source": {"type": "text", "media_type": "text/plain", "data": "word ".repeat(100)}}]}]});
    assert!((100..180).contains(&of(&text)), "{}", of(&text));
}

#[test]
fn what_is_no_json_counts_as_text() {
    assert!(estimate("m", "word ".repeat(100).as_bytes()) > 100);
    assert!(estimate("m", b"") >= 1);
    assert!(estimate_texts("m", ["one two three", "four"]) >= 4);
    assert_eq!(estimate_texts("m", []), 1);
}

proptest! {
    /// It never stumbles, and no body counts for more than its bytes and the rules of files.
    #[test]
    fn any_bytes_have_a_count(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(estimate("m", &bytes) >= 1);
    }

    /// Who says more is told more.
    #[test]
    fn a_further_message_is_never_for_free(texts in prop::collection::vec(".{0,40}", 0..6), more in ".{1,40}") {
        let body = |texts: &[String]| {
            let messages: Vec<Value> =
                texts.iter().map(|text| json!({"role": "user", "content": text})).collect();
            of(&json!({"messages": messages}))
        };
        let before = body(&texts);
        let after = body(&[texts, vec![more]].concat());
        prop_assert!(after >= before + 4);
    }
}
