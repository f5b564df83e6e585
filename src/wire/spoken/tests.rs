//! Where a word counts, in every format.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};
use switchyard_actors::domain::words::WordKind;

use super::*;

fn words() -> Words {
    let list =
        [(WordKind::Contains, "banned"), (WordKind::Exact, "stop"), (WordKind::Regex, "^no+$")];
    Words::compile(list.map(|(kind, word)| (kind, Arc::from(word))), |word, why| {
        panic!("{word}: {why}")
    })
}

fn is_found(dialect: Dialect, body: &Value) -> bool {
    find(dialect, body.to_string().as_bytes(), &words()).is_some()
}

#[test]
fn what_the_caller_says_counts_in_every_format() {
    let text = "a Banned word";
    let block =
        |kind: &str| json!([{ "type": kind, "text": "fine" }, { "type": kind, "text": text }]);
    for (dialect, body) in [
        (Dialect::Anthropic, json!({ "system": text })),
        (Dialect::Anthropic, json!({ "system": block("text") })),
        (Dialect::Anthropic, json!({ "messages": [{ "role": "user", "content": text }] })),
        (Dialect::Anthropic, json!({ "messages": [{ "role": "user", "content": block("text") }] })),
        (Dialect::OpenaiChat, json!({ "messages": [{ "content": text, "role": "developer" }] })),
        (
            Dialect::OpenaiChat,
            json!({ "messages": [{ "role": "user", "content": block("text") }] }),
        ),
        (Dialect::OpenaiChat, json!({ "prompt": ["fine", text] })),
        (Dialect::OpenaiChat, json!({ "input": text })),
        (Dialect::Responses, json!({ "input": text })),
        (Dialect::Responses, json!({ "instructions": text, "input": [] })),
        (
            Dialect::Responses,
            json!({ "input": [{ "role": "user", "content": block("input_text") }] }),
        ),
        (Dialect::Gemini, json!({ "contents": [{ "parts": [{ "text": text }] }] })),
        (Dialect::Gemini, json!({ "contents": [{ "role": "user", "parts": [{ "text": text }] }] })),
        (Dialect::Gemini, json!({ "system_instruction": { "parts": [{ "text": text }] } })),
        (
            Dialect::GeminiCli,
            json!({ "request": { "systemInstruction": { "parts": [{ "text": text }] } } }),
        ),
        (
            Dialect::GeminiCli,
            json!({ "model": "m", "request": { "contents": [{ "parts": [{ "text": text }] }] } }),
        ),
    ] {
        assert!(is_found(dialect, &body), "{dialect} {body}");
        let fine = body.to_string().replace("Banned", "good");
        assert_eq!(find(dialect, fine.as_bytes(), &words()), None, "{dialect} {fine}");
    }
}

#[test]
fn what_models_and_tools_said_does_not_count() {
    let text = "banned";
    for (dialect, body) in [
        (Dialect::Anthropic, json!({ "messages": [{ "role": "assistant", "content": text }] })),
        (Dialect::Anthropic, json!({ "messages": [{ "content": text, "role": "assistant" }] })),
        (
            Dialect::Anthropic,
            json!({ "messages": [{ "role": "user", "content": [
                { "type": "tool_result", "content": [{ "type": "text", "text": text }] }] }] }),
        ),
        (Dialect::Anthropic, json!({ "tools": [{ "description": text }], "model": text })),
        (Dialect::OpenaiChat, json!({ "messages": [{ "role": "tool", "content": text }] })),
        (
            Dialect::Responses,
            json!({ "input": [{ "type": "function_call_output", "output": text }] }),
        ),
        (Dialect::Responses, json!({ "input": [{ "role": "assistant", "content": text }] })),
        (
            Dialect::Gemini,
            json!({ "contents": [{ "role": "model", "parts": [{ "text": text }] }] }),
        ),
    ] {
        assert!(!is_found(dialect, &body), "{dialect} {body}");
    }
}

#[test]
fn whole_texts_are_compared_one_by_one_and_escapes_hide_nothing() {
    let body = |text: &str| {
        format!(
            r#"{{"messages":[{{"role":"user","content":[{{"text":"a"}},{{"text":"{text}"}}]}}]}}"#
        )
    };
    for (text, kind) in [
        (r" Stop\n", Some(WordKind::Exact)),
        ("stop it", None),
        (r"ba\u006ened", Some(WordKind::Contains)),
        ("NOOO", Some(WordKind::Regex)),
        ("noo way", None),
    ] {
        let found = find(Dialect::Anthropic, body(text).as_bytes(), &words());
        assert_eq!(found.map(|found| found.kind), kind, "{text}");
    }
}

#[test]
fn a_role_that_is_there_twice_hides_nothing() {
    for body in [
        r#"{"messages":[{"role":"assistant","content":"banned","role":"user"}]}"#,
        r#"{"messages":[{"role":"user","content":"banned","role":"assistant"}]}"#,
        r#"{"messages":[{"role":"assistant","role":"user","content":[{"text":"banned"}]}]}"#,
    ] {
        assert!(find(Dialect::OpenaiChat, body.as_bytes(), &words()).is_some(), "{body}");
    }
    let later = r#"{"messages":[{"content":"banned","role":"assistant"},{"role":"user","content":"fine"}]}"#;
    assert_eq!(find(Dialect::OpenaiChat, later.as_bytes(), &words()), None);
    assert_eq!(find(Dialect::OpenaiChat, b"banned", &words()), None);
}

#[test]
fn a_hundred_megabytes_take_a_moment_and_one_piece_of_memory() {
    let text = "all is well \\n ".repeat(7 << 20);
    let body = format!(
        r#"{{"messages":[{{"role":"user","content":"{text}"}},{{"role":"user","content":"banned"}}]}}"#
    );
    assert!(body.len() > 100 << 20);
    assert!(find(Dialect::Anthropic, body.as_bytes(), &words()).is_some());
}

proptest! {
    #[test]
    fn a_word_is_found_whatever_stands_around_it(before in any::<String>(), after in any::<String>()) {
        let text = format!("{before}BANNED{after}");
        let body = json!({ "model": before, "messages": [{ "role": "user", "content": [{ "type": "text", "text": text }] }] });
        prop_assert!(is_found(Dialect::Anthropic, &body));
        prop_assert!(is_found(Dialect::OpenaiChat, &body));
    }
}
