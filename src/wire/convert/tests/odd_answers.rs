//! What vendors write oddly in answers, each by hand.

use proptest::prelude::*;
use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::gathered;
use super::streams::{answers, frames, read, reply};
use crate::wire::convert::codec::{StreamOut, decode_answer, encode_answer};
use crate::wire::convert::fold::unfold;
use crate::wire::convert::gemini_cli::wrap_answer;
use crate::wire::convert::hub::{Answer, HubUsage, Part};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::stream::Converter;

/// Converts a stream: what the client gets, and what was lost.
fn streamed(from: Dialect, frames: &[Value], to: Dialect) -> (String, Losses) {
    let (mut converter, mut out) = (Converter::new(from, StreamOut::new(to, reply())), Vec::new());
    for frame in frames {
        let event = frame["type"].as_str().unwrap_or_default();
        converter.frame(event, &frame.to_string(), &mut out);
    }
    converter.end(&mut out);
    (String::from_utf8(out).unwrap(), converter.losses().clone())
}

/// Reads a stream of a provider.
fn answer_of(from: Dialect, data: &[Value]) -> Answer {
    let frame =
        |data: &Value| (data["type"].as_str().unwrap_or_default().to_owned(), data.to_string());
    gathered(read(from, &data.iter().map(frame).collect::<Vec<_>>())).unwrap().unwrap()
}

fn whole_of(from: Dialect, body: &Value) -> Answer {
    decode_answer(from, body.to_string().as_bytes()).unwrap()
}

fn calls_of(answer: &Answer) -> Vec<(&str, &str)> {
    let calls = answer.parts.iter().filter_map(|part| match part {
        Part::Call(call) => Some((call.id.as_str(), call.args.as_str())),
        _ => None,
    });
    calls.collect()
}

fn chat(delta: &Value, reason: &Value) -> Value {
    json!({"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})
}

#[test]
fn calls_of_one_id_and_two_numbers_are_two() {
    let piece = |index: u64, args: &str| {
        let function = json!({"name": "read", "arguments": args});
        let call = json!({"index": index, "id": "x", "function": function});
        chat(&json!({"tool_calls": [call]}), &Value::Null)
    };
    let mut frames = vec![piece(0, "{\"a\":"), piece(1, "{\"b\":"), piece(0, "1}"), piece(1, "2}")];
    frames.push(chat(&json!({}), &json!("tool_calls")));
    let answer = answer_of(Dialect::OpenaiChat, &frames);
    assert_eq!(calls_of(&answer), [("x", "{\"a\":1}"), ("x_2", "{\"b\":2}")]);
    // Who numbers none of the pieces that go on has them known by their id.
    let call = |args: &str| json!({"id": "x", "function": {"name": "read", "arguments": args}});
    let frames = [
        chat(&json!({"tool_calls": [call("{\"a\":")]}), &Value::Null),
        chat(&json!({"tool_calls": [call("1}")]}), &json!("tool_calls")),
    ];
    assert_eq!(calls_of(&answer_of(Dialect::OpenaiChat, &frames)), [("x", "{\"a\":1}")]);
}

#[test]
fn a_seal_that_has_no_place_is_said() {
    let call = |more: Value, args: &str| {
        let mut call = json!({"index": 0, "function": {"arguments": args}});
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        chat(&json!({"tool_calls": [call]}), &Value::Null)
    };
    let sealed = json!({"extra_content": {"google": {"thought_signature": "EgUKAwHR7Q=="}}});
    let mut begins = call(json!({"id": "x"}), "{\"a\":");
    begins["choices"][0]["delta"]["tool_calls"][0]["function"]["name"] = json!("read");
    let frames = [begins, call(sealed, "1}"), chat(&json!({}), &json!("tool_calls"))];
    let (text, losses) = streamed(Dialect::OpenaiChat, &frames, Dialect::Anthropic);
    assert!(losses.has(Token::DropThinkingSealed) && text.contains("read"), "{text}");

    let alone = json!({"candidates": [{"content": {"parts": [
        {"functionCall": {"name": "f", "args": {"a": 1}}},
        {"text": "", "thoughtSignature": "EgUKAwHR7Q=="}]}, "finishReason": "STOP"}]});
    let (text, losses) =
        streamed(Dialect::Gemini, std::slice::from_ref(&alone), Dialect::Responses);
    assert!(losses.has(Token::DropThinkingSealed), "{text}");
    // On words it has its place.
    let on_words = json!({"candidates": [{"content": {"parts": [
        {"text": "Hi", "thoughtSignature": "EgUKAwHR7Q=="}]}, "finishReason": "STOP"}]});
    let (text, losses) = streamed(Dialect::Gemini, &[on_words], Dialect::Responses);
    assert!(losses.is_empty() && text.contains("EgUKAwHR7Q=="), "{text}");
}

#[test]
fn counts_in_another_form_cost_no_answer_and_no_tokens() {
    let hub = HubUsage { fresh: 8, cache_read: 4, output: 3, ..HubUsage::default() };
    let message = json!({"type": "message", "content": [{"type": "output_text", "text": "Hi"}]});
    for (input, cached, output) in
        [(json!(12.0), json!("4"), json!(3.0)), (json!(12), json!(4), json!("3"))]
    {
        let usage = json!({"input_tokens": input, "output_tokens": output,
            "input_tokens_details": {"cached_tokens": cached}, "output_tokens_details": "none"});
        let body = json!({"status": "completed", "output": [message], "usage": usage});
        assert_eq!(whole_of(Dialect::Responses, &body).usage, Some(hub));
        let usage = json!({"input_tokens": 8.0, "cache_read_input_tokens": cached,
            "output_tokens": output, "cache_creation": []});
        let body = json!({"type": "message", "content": [{"type": "text", "text": "Hi"}],
            "stop_reason": "end_turn", "usage": usage});
        assert_eq!(whole_of(Dialect::Anthropic, &body).usage, Some(hub));
        let usage = json!({"prompt_tokens": input, "completion_tokens": output,
            "prompt_tokens_details": {"cached_tokens": cached}});
        let body = json!({"choices": [{"message": {"content": "Hi"}}], "usage": usage});
        assert_eq!(whole_of(Dialect::OpenaiChat, &body).usage, Some(hub));
    }
    for usage in [json!("many"), json!([1]), json!({"input_tokens": {}})] {
        let body = json!({"status": "completed", "output": [message], "usage": usage});
        assert_eq!(
            whole_of(Dialect::Responses, &body).parts,
            [Part::Text(super::Text::plain("Hi"))]
        );
    }
}

#[test]
fn a_cache_has_no_more_than_the_input() {
    let usage = json!({"input_tokens": 10, "output_tokens": 1,
        "input_tokens_details": {"cached_tokens": 90, "cache_write_tokens": 5}});
    let body = json!({"status": "completed", "output": [], "usage": usage});
    let usage = whole_of(Dialect::Responses, &body).usage.unwrap();
    assert_eq!((usage.input(), usage.cache_read, usage.fresh), (10, 10, 0));
}

fn said(id: &str, text: &str) -> Value {
    json!({"type": "message", "id": id, "content": [{"type": "output_text", "text": text}]})
}

fn called(id: &str) -> Value {
    json!({"type": "function_call", "id": id, "call_id": format!("call_{id}"), "name": "f", "arguments": "{}"})
}

fn done(number: u64, item: &Value) -> Value {
    json!({"type": "response.output_item.done", "output_index": number, "item": item})
}

fn completed(output: &[Value]) -> Value {
    json!({"type": "response.completed", "response": {"status": "completed", "output": output}})
}

fn texts_of(answer: &Answer) -> Vec<&str> {
    let texts = answer.parts.iter().filter_map(|part| match part {
        Part::Text(text) => Some(text.text.as_str()),
        _ => None,
    });
    texts.collect()
}

#[test]
fn items_that_stand_at_the_end_alone_are_read() {
    let (first, second, third) = (said("m1", "Hi"), said("m2", "there"), called("c1"));
    let frames = [done(0, &first), completed(&[first.clone(), second.clone(), third.clone()])];
    let answer = answer_of(Dialect::Responses, &frames);
    assert_eq!(texts_of(&answer), ["Hi", "there"]);
    assert_eq!(calls_of(&answer), [("call_c1", "{}")]);
    // What has come already comes once, however it was numbered, or with no id.
    let none = |mut item: Value| {
        item.as_object_mut().unwrap().remove("id");
        item
    };
    let all = [first.clone(), second.clone(), third.clone()];
    for numbers in [[0, 1, 2], [0, 0, 0], [1, 2, 3]] {
        for strip in [false, true] {
            let item = |item: &Value| if strip { none(item.clone()) } else { item.clone() };
            let mut frames = Vec::new();
            for (number, one) in numbers.into_iter().zip(&all) {
                let begun = json!({"type": "response.output_item.added", "output_index": number, "item": item(one)});
                frames.extend([begun, done(number, &item(one))]);
            }
            // Who begins at one and has no ids cannot be told from who has left one out.
            if numbers[0] == 1 && strip {
                continue;
            }
            frames.push(completed(&all.each_ref().map(item)));
            let answer = answer_of(Dialect::Responses, &frames);
            assert_eq!(texts_of(&answer), ["Hi", "there"], "{numbers:?} {strip}");
            assert_eq!(calls_of(&answer).len(), 1, "{numbers:?} {strip}");
        }
    }
    // Nor where only the words were streamed, at another number.
    let delta = json!({"type": "response.output_text.delta", "output_index": 0, "delta": "Hi"});
    let thought = json!({"type": "reasoning", "id": "r1", "summary": []});
    let answer = answer_of(Dialect::Responses, &[delta, completed(&[thought, first])]);
    assert_eq!(texts_of(&answer), ["Hi"]);
}

#[test]
fn sources_that_have_no_place_are_said() {
    let grounded = json!({"candidates": [{"content": {"parts": [{"text": "Hi"}]}, "finishReason": "STOP",
        "groundingMetadata": {"groundingChunks": [{"web": {"uri": "https://a", "title": "A"}}]}}]});
    let cited = json!({"type": "message", "stop_reason": "end_turn", "content": [{"type": "text", "text": "Hi",
        "citations": [{"type": "char_location", "cited_text": "x", "document_index": 0}]}]});
    let cases = [
        (Dialect::Gemini, &grounded, Dialect::Anthropic, true),
        (Dialect::Gemini, &grounded, Dialect::OpenaiChat, false),
        (Dialect::Gemini, &grounded, Dialect::Responses, false),
        (Dialect::Anthropic, &cited, Dialect::OpenaiChat, true),
        (Dialect::Anthropic, &cited, Dialect::Responses, true),
        (Dialect::Anthropic, &cited, Dialect::Gemini, true),
    ];
    for (from, body, to, is_lost) in cases {
        let answer = whole_of(from, body);
        let mut losses = Losses::default();
        let _ = encode_answer(to, &answer, &reply(), &mut losses);
        assert_eq!(losses.has(Token::DropCitations), is_lost, "{from} to {to}, whole");
        let (mut losses, mut out) = (Losses::default(), Vec::new());
        let mut stream = StreamOut::new(to, reply());
        for event in unfold(&answer) {
            stream.event(&event, &mut losses, &mut out);
        }
        assert_eq!(losses.has(Token::DropCitations), is_lost, "{from} to {to}, streamed");
    }
}

proptest! {
    /// Frames in the envelope are those without it, put into it; and each way of reading them says the same.
    #[test]
    fn the_envelope_of_frames_is_that_of_answers(answer in answers()) {
        let written = |dialect| {
            let (mut stream, mut out) = (StreamOut::new(dialect, reply()), Vec::new());
            for event in unfold(&answer) {
                stream.event(&event, &mut Losses::default(), &mut out);
            }
            frames(&out)
        };
        let (bare, enveloped) = (written(Dialect::Gemini), written(Dialect::GeminiCli));
        let wrap = |(event, data): &(String, String)| {
            let mut out = Vec::new();
            wrap_answer(data.as_bytes(), &mut out);
            (event.clone(), String::from_utf8(out).unwrap())
        };
        prop_assert_eq!(&enveloped, &bare.iter().map(wrap).collect::<Vec<_>>());
        let inner = read(Dialect::Gemini, &bare);
        prop_assert_eq!(read(Dialect::GeminiCli, &enveloped), inner);
    }
}

#[test]
fn a_trace_stands_for_an_id_that_is_not_there() {
    let chunk = r#"{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]"#;
    for (data, wanted) in [
        (format!(r#"{{"response":{chunk}}},"traceId":"t"}}"#), Some("t")),
        (format!(r#"{{"traceId":"t","response":{chunk},"responseId":"r"}}}}"#), Some("r")),
        (format!(r#"{{"response":{chunk}}}}}"#), None),
        (format!("{chunk}}}"), None),
    ] {
        let events = read(Dialect::GeminiCli, &[(String::new(), data.clone())]);
        let answer = gathered(events).unwrap().unwrap();
        assert_eq!(answer.id.as_deref(), wanted, "{data}");
        assert_eq!(texts_of(&answer), ["Hi"], "{data}");
        assert_eq!(decode_answer(Dialect::GeminiCli, data.as_bytes()).unwrap(), answer, "{data}");
    }
}
