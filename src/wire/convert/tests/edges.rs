//! Bounds of vendors that are easily forgotten, each by hand.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::super::codec::{
    Asked, StreamOut, decode_answer, decode_request, encode_answer, encode_request,
};
use super::super::gemini_cli::Account;
use super::super::loss::{Losses, Token};
use super::super::names::Names;
use super::super::reply::Reply;
use super::super::stream::Converter;
use super::super::target::{ModelTraits, Target};

/// Converts a request for a model; `None` where it is refused.
fn sent(from: Dialect, body: &Value, to: Dialect, model: &str) -> Option<(Value, Losses)> {
    let body = body.to_string();
    let asked = Asked { body: body.as_bytes(), model, stream: false };
    let (mut names, mut losses) = (Names::default(), Losses::default());
    let request = decode_request(from, asked, &mut losses).unwrap();
    let target = Target { model: ModelTraits::of(model), ..Target::default() };
    let of = (&target, Account::default());
    let body = encode_request(to, &request, of, &mut names, &mut losses).ok()?;
    Some((serde_json::from_slice(&body).unwrap(), losses))
}

/// Converts a stream of frames.
fn streamed(from: Dialect, frames: &[Value], to: Dialect) -> (String, Losses) {
    let mut converter = Converter::new(from, StreamOut::new(to, Reply::default()));
    let mut out = Vec::new();
    for frame in frames {
        let event = frame["type"].as_str().unwrap_or_default();
        converter.frame(event, &frame.to_string(), &mut out);
    }
    converter.end(&mut out);
    (String::from_utf8(out).unwrap(), converter.losses().clone())
}

const OTHERS: [Dialect; 3] = [Dialect::OpenaiChat, Dialect::Responses, Dialect::Gemini];

/// An answer of Anthropic that was cut off in a call.
fn cut(pieces: &[&str], stop: &str) -> Vec<Value> {
    let mut frames = vec![
        json!({"type": "message_start", "message": {"id": "msg_1", "model": "m", "content": [],
            "usage": {"input_tokens": 1, "output_tokens": 1}}}),
        json!({"type": "content_block_start", "index": 0,
            "content_block": {"type": "tool_use", "id": "t1", "name": "write", "input": {}}}),
    ];
    frames.extend(pieces.iter().map(|piece| {
        json!({"type": "content_block_delta", "index": 0,
            "delta": {"type": "input_json_delta", "partial_json": piece}})
    }));
    frames.extend([
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "message_delta", "delta": {"stop_reason": stop},
            "usage": {"output_tokens": 9}}),
        json!({"type": "message_stop"}),
    ]);
    frames
}

#[test]
fn a_call_that_was_cut_off_is_not_completed() {
    for pieces in [&[""][..], &["{\"path\":", "\"a"]] {
        for to in OTHERS {
            let (text, losses) = streamed(Dialect::Anthropic, &cut(pieces, "max_tokens"), to);
            assert!(!text.contains("arguments.done") && !text.contains("\"{}\""), "{to}: {text}");
            assert!(losses.has(Token::DropCallCut), "{to}");
            match to {
                // What is done is run.
                Dialect::Responses => assert!(!text.contains("output_item.done"), "{text}"),
                Dialect::Gemini => assert!(!text.contains("functionCall"), "{text}"),
                _ => {}
            }
        }
    }
    // The same call, when the model has ended by itself, is one without arguments.
    for to in OTHERS {
        let (text, losses) = streamed(Dialect::Anthropic, &cut(&[""], "tool_use"), to);
        assert!(text.contains("{}") && losses.is_empty(), "{to}: {text}");
    }
}

#[test]
fn a_call_of_chat_that_was_cut_off_is_not_completed_for_anthropic() {
    let piece = |delta: Value, finish: Value| json!({"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
    let call = json!({"tool_calls": [{"index": 0, "id": "a", "type": "function",
        "function": {"name": "write", "arguments": "{\"path\":\"a"}}]});
    let frames = [piece(call, Value::Null), piece(json!({}), json!("length"))];
    let (text, losses) = streamed(Dialect::OpenaiChat, &frames, Dialect::Anthropic);
    assert!(!text.contains("tool_use") && text.contains("max_tokens"), "{text}");
    assert!(losses.has(Token::DropCallCut));
}

#[test]
fn a_whole_answer_that_was_cut_off_in_a_call_goes_without_it() {
    let body = json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m",
        "content": [{"type": "text", "text": "Now."},
            {"type": "tool_use", "id": "t1", "name": "write", "input": {}}],
        "stop_reason": "max_tokens", "usage": {"input_tokens": 1, "output_tokens": 2}});
    let answer = decode_answer(Dialect::Anthropic, body.to_string().as_bytes()).unwrap();
    for to in OTHERS {
        let mut losses = Losses::default();
        let written = encode_answer(to, &answer, &Reply::default(), &mut losses);
        let text = String::from_utf8(written).unwrap();
        assert!(losses.has(Token::DropCallCut) && text.contains("Now."), "{to}: {text}");
        assert!(!text.contains("write"), "{to}: {text}");
    }
}

#[test]
fn the_least_answer_of_responses_is_bounded() {
    let body =
        json!({"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "x"}]});
    let (body, losses) = sent(Dialect::Anthropic, &body, Dialect::Responses, "gpt-5").unwrap();
    assert_eq!(body["max_output_tokens"], 16);
    assert!(losses.has(Token::ApproxMaxTokensDefault));
}

#[test]
fn a_frame_of_nothing_in_the_envelope_breaks_no_stream() {
    let mut converter =
        Converter::new(Dialect::GeminiCli, StreamOut::new(Dialect::OpenaiChat, Reply::default()));
    let mut out = Vec::new();
    let chunk = json!({"response": {"candidates": [{"content": {"parts": [{"text": "Hi"}]},
        "finishReason": "STOP"}]}});
    for data in ["", &chunk.to_string(), "[DONE]"] {
        converter.frame("", data, &mut out);
    }
    converter.end(&mut out);
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("Hi") && text.ends_with("data: [DONE]\n\n"), "{text}");
    assert!(matches!(converter.ended(), Some(super::super::stream::Ended::Well(_))));
}

#[test]
fn newer_models_of_anthropic_are_asked_to_go_on() {
    let body = json!({"model": "m", "reasoning_effort": "low", "messages": [
        {"role": "user", "content": "x"}, {"role": "assistant", "content": "It is"}]});
    let of = |model| sent(Dialect::OpenaiChat, &body, Dialect::Anthropic, model).unwrap();
    let (newer, losses) = of("claude-opus-4-6");
    assert_eq!(newer["messages"].as_array().unwrap().len(), 3);
    assert_eq!(newer["messages"][2]["role"], "user");
    assert_eq!(newer["thinking"]["type"], "adaptive", "and it may think");
    assert!(losses.has(Token::ApproxTurnAdded));
    let (older, losses) = of("claude-sonnet-4-5");
    assert_eq!(older["messages"].as_array().unwrap().len(), 2);
    assert!(!losses.has(Token::ApproxTurnAdded));
}

#[test]
fn all_schemas_of_a_request_share_one_room() {
    // Each names the same great thing again and again.
    let great: String =
        (0..400).fold(String::new(), |all, n| all + &format!("\"p{n}\":{{\"type\":\"string\"}},"));
    let great =
        format!("{{\"type\":\"object\",\"properties\":{{{}}}}}", great.trim_end_matches(','));
    let again: String = (0..200)
        .fold(String::new(), |all, n| all + &format!("\"q{n}\":{{\"$ref\":\"#/$defs/g\"}},"));
    let schema = format!(
        "{{\"type\":\"object\",\"$defs\":{{\"g\":{great}}},\"properties\":{{{}}}}}",
        again.trim_end_matches(',')
    );
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let tools: Vec<Value> =
        (0..20).map(|n| json!({"name": format!("t{n}"), "input_schema": schema})).collect();
    let body = json!({"model": "m", "max_tokens": 9, "tools": tools,
        "messages": [{"role": "user", "content": "x"}]});
    let asked = body.to_string().len();
    let sent = sent(Dialect::Anthropic, &body, Dialect::Gemini, "gemini-3-pro").unwrap().0;
    assert!(sent.to_string().len() < asked * 16, "{} of {asked}", sent.to_string().len());
}

#[test]
fn json_is_asked_for_in_words_where_nobody_says_the_word() {
    let of = |text: &str, to| {
        let body = json!({"model": "m", "response_format": {"type": "json_object"},
            "messages": [{"role": "system", "content": "Be brief."},
                {"role": "user", "content": text}]});
        let from = if to == Dialect::OpenaiChat { Dialect::Responses } else { Dialect::OpenaiChat };
        let body = if from == Dialect::OpenaiChat {
            body
        } else {
            json!({"model": "m", "text": {"format": {"type": "json_object"}},
                "instructions": "Be brief.", "input": text})
        };
        let (body, losses) = sent(from, &body, to, "gpt-4o").unwrap();
        (body.to_string().contains("one JSON document"), losses.has(Token::ApproxJsonMode))
    };
    for to in [Dialect::OpenaiChat, Dialect::Responses] {
        assert_eq!(of("List them.", to), (true, true), "{to}");
        assert_eq!(of("List them as Json.", to), (false, false), "{to}");
    }
}

#[test]
fn what_another_cloud_stores_is_not_sent_as_an_address() {
    let body = |text: &str| {
        let mut parts =
            vec![json!({"fileData": {"fileUri": "gs://b/a.png", "mimeType": "image/png"}})];
        if !text.is_empty() {
            parts.push(json!({"text": text}));
        }
        json!({"contents": [{"role": "user", "parts": parts}]})
    };
    let (sent_body, losses) =
        sent(Dialect::Gemini, &body("What is it?"), Dialect::Responses, "gpt-5").unwrap();
    assert!(!sent_body.to_string().contains("gs://"), "{sent_body}");
    assert!(losses.has(Token::DropImageUrl) || losses.has(Token::DropFileRef));
    assert!(sent(Dialect::Gemini, &body(""), Dialect::Responses, "gpt-5").is_none(), "refused");
}

#[test]
fn a_turn_of_media_that_nobody_can_read_is_refused_and_does_not_vanish() {
    let audio = json!({"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}});
    let chat = json!({"model": "m", "messages": [{"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Yes?"}, {"role": "user", "content": [audio]}]});
    let responses = json!({"model": "m", "input": [
        {"role": "user", "content": [{"type": "input_audio"}]}]});
    let claude = json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user",
        "content": [{"type": "image", "source": {"type": "newer", "name": "n"}}]}]});
    let archive = json!({"contents": [{"role": "user", "parts": [
        {"inlineData": {"mimeType": "application/zip", "data": "UEsDBP8A"}}]}]});
    for (from, body) in [
        (Dialect::OpenaiChat, &chat),
        (Dialect::Responses, &responses),
        (Dialect::Anthropic, &claude),
        (Dialect::Gemini, &archive),
    ] {
        let family = |dialect: Dialect| if dialect.is_gemini() { Dialect::Gemini } else { dialect };
        for to in Dialect::ALL.into_iter().filter(|to| family(*to) != family(from)) {
            assert!(sent(from, body, to, "m").is_none(), "{from} to {to}");
        }
    }
}

#[test]
fn of_two_tools_of_one_name_the_first_is_offered() {
    let tool = |name: &str, about: &str| {
        json!({"type": "function", "function": {"name": name, "description": about,
            "parameters": {"type": "object", "properties": {}}}})
    };
    let body = json!({"model": "m", "messages": [{"role": "user", "content": "x"}],
        "tools": [tool("f", "one"), tool("f", "two"), tool("g", "three")]});
    for to in [Dialect::Anthropic, Dialect::Responses] {
        let (body, _) = sent(Dialect::OpenaiChat, &body, to, "m").unwrap();
        let about: Vec<&str> = body["tools"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tool| tool["description"].as_str().unwrap())
            .collect();
        assert_eq!(about, ["one", "three"], "{to}");
    }
}

#[test]
fn a_call_in_the_history_goes_by_the_name_that_its_tool_is_offered_by() {
    let function = |name: &str| json!({"type": "function", "name": name, "parameters": {"type": "object", "properties": {}}});
    let call = |id: &str, name: &str, namespace: Option<&str>| {
        json!({"type": "function_call", "call_id": id, "name": name, "namespace": namespace,
            "arguments": "{}"})
    };
    let output = |id: &str| json!({"type": "function_call_output", "call_id": id, "output": "x"});
    let body = json!({"model": "m", "input": [
            {"role": "user", "content": "x"}, call("1", "b__c", Some("a")), call("2", "a__b__c", None),
            output("1"), output("2")],
        "tools": [{"type": "namespace", "name": "a", "tools": [function("b__c")]},
            function("a__b__c")]});
    let (body, _) = sent(Dialect::Responses, &body, Dialect::OpenaiChat, "m").unwrap();
    let names = |list: &Value| -> Vec<String> {
        let all = list.as_array().unwrap().iter();
        all.map(|one| one["function"]["name"].as_str().unwrap().to_owned()).collect()
    };
    let offered = names(&body["tools"]);
    assert_eq!(names(&body["messages"][1]["tool_calls"]), offered);
    assert_ne!(offered[0], offered[1]);
}

#[test]
fn what_had_no_token_has_one() {
    let long = json!({"model": "m", "max_tokens": 900_000,
        "messages": [{"role": "user", "content": "x"}]});
    for (to, model) in
        [(Dialect::Gemini, "gemini-3-pro"), (Dialect::OpenaiChat, "claude-sonnet-4-5")]
    {
        let losses = sent(Dialect::Anthropic, &long, to, model).unwrap().1;
        assert!(losses.has(Token::ApproxMaxTokensDefault), "{to}");
    }
    let sealed = json!({"candidates": [{"content": {"parts": [
        {"text": "Hi", "thoughtSignature": "EgUKAwHR7Q=="}]}, "finishReason": "STOP"}]});
    let (_, losses) = streamed(Dialect::Gemini, std::slice::from_ref(&sealed), Dialect::Anthropic);
    assert!(losses.has(Token::DropThinkingSealed));
    let answer = decode_answer(Dialect::Gemini, sealed.to_string().as_bytes()).unwrap();
    let mut losses = Losses::default();
    let _ = encode_answer(Dialect::Anthropic, &answer, &Reply::default(), &mut losses);
    assert!(losses.has(Token::DropThinkingSealed));
}

#[test]
fn anthropic_is_sent_strict_schemas_without_bounds() {
    let schema = json!({"type": "object", "additionalProperties": false, "required": ["n"],
        "properties": {"n": {"type": "integer", "minimum": 1}}});
    let body = json!({"model": "m", "messages": [{"role": "user", "content": "x"}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": schema}},
        "tools": [{"type": "function", "function": {"name": "f", "strict": true, "parameters": schema}}]});
    let (body, losses) =
        sent(Dialect::OpenaiChat, &body, Dialect::Anthropic, "claude-sonnet-4-5").unwrap();
    let wanted = json!({"type": "integer", "description": "minimum: 1"});
    assert_eq!(body["output_config"]["format"]["schema"]["properties"]["n"], wanted);
    assert_eq!(body["tools"][0]["input_schema"]["properties"]["n"], wanted);
    assert!(losses.has(Token::ApproxSchema));
}
